// An instance, and where what it imports comes from: the words of its record, followed to the instances before it.
//
// INST-2  An instance's imports lead to what earlier instances of its process have of the type that the module asks for,
//         or to functions that the host has; its sizes are ones that its module allows.

import Interpreter
import Objects
import WebAssembly

final class ActiveInstance {
    let cell: CellID
    let number: Int
    let module: LoadedModule
    /// A word for each import, as the record has them; empty where all are the host's.
    let importWords: [UInt64]
    let parts: InstanceParts
    /// Page tables of memory 0, or nil where there is none.
    let memory: PagedSpace?
    /// The same as plain pointers.
    let view: MemoryView?
    /// For each imported function the kind of invocation that the host makes of it, as a number; 0: none.
    let invocations: UnsafeMutablePointer<UInt8>
    /// The instance that owns memory 0, or nil where there is none.
    let memoryOwner: Int?
    /// For each table: who defined it, and its number there among those that it defined.
    let tableOwners: [(instance: Int, table: Int)]
    /// Page tables of what it defines itself.
    let ownSpaces: [PagedSpace]

    /// `words` are the record's; `others` the instances before it; `globalSlot` gives the slot of a global of an instance.
    /// Throws `damaged` where a word leads to nothing that the module can import.
    init(
        cell: CellID, number: Int, module: LoadedModule, imports words: [UInt64], others: [ActiveInstance],
        globalSlot: (_ instance: Int, _ index: Int) -> Int
    ) throws(ObjectsError) {
        let binary = module.compiled.module
        guard words.isEmpty || words.count == binary.imports.count else {
            throw Self.damaged(cell, "it has words for \(words.count) imports and imports \(binary.imports.count)")
        }
        var functions: [UInt64] = []
        var globals: [Int?] = []
        var memories: [PagedSpace] = []
        var owner: Int?
        var tables: [PagedSpace] = []
        var owners: [(instance: Int, table: Int)] = []
        for (index, entry) in binary.imports.enumerated() {
            let word = words.isEmpty ? 0 : words[index]
            if word == 0, case .function(let type) = entry.kind, let host = module.hostFunctions[functions.count],
                host.type == binary.types[type]
            {
                functions.append(0)
                continue
            }
            guard let (other, place) = Reference.function(word), other < others.count else {
                throw Self.damaged(cell, "import \(index) leads to no instance before it")
            }
            let exporter = others[other]
            let its = exporter.module.compiled
            switch entry.kind {
            case .function(let type)
            where place < its.functionCount
                && its.type(ofFunction: place) == binary.types[type]:
                functions.append(word)
            case .global(let type) where place < its.globalCount && its.globalTypes[place] == type:
                globals.append(globalSlot(other, place))
            case .memory where place == 0 && exporter.memoryOwner != nil:
                owner = exporter.memoryOwner
                memories += exporter.parts.memories
            case .table(let type)
            where place < exporter.tableOwners.count
                && its.tableTypes[place].element == type.element:
                owners.append(exporter.tableOwners[place])
                tables.append(exporter.parts.tables[place])
            default: throw Self.damaged(cell, "import \(index) leads to what it cannot import")
            }
        }
        var own: [PagedSpace] = []
        for _ in binary.memories {
            let space = PagedSpace()
            memories.append(space)
            own.append(space)
            owner = number
        }
        for table in binary.tables.indices {
            let space = PagedSpace(elementCapacity: ActiveProcess.tableBound)
            tables.append(space)
            own.append(space)
            owners.append((number, table))
        }
        self.cell = cell
        self.number = number
        self.module = module
        importWords = words
        memory = memories.first
        view = memories.first.map(MemoryView.init)
        invocations = .allocate(capacity: max(1, module.hostFunctions.count))
        for (index, function) in module.hostFunctions.enumerated() {
            (invocations + index).initialize(to: function?.invocation?.rawValue ?? 0)
        }
        memoryOwner = owner
        tableOwners = owners
        ownSpaces = own
        parts = InstanceParts(
            module: module.compiled, memories: memories, tables: tables, functions: functions, globals: globals,
            hasDataImage: module.hasMemoryImage, hasElementImage: module.hasTableImage && number == 0)
    }

    deinit { invocations.deallocate() }

    /// Bytes of the memory that it defines, as its record has them. Throws `damaged` where its module does not allow so many.
    func memoryBytes(_ record: UnsafeRawPointer) throws(ObjectsError) -> UInt64 {
        let bytes = record.load(InstanceRecord.memoryBytes)
        let maximum = Machine.maximumUnits(ofMemory: module.compiled.module)
        guard bytes & 0xFFFF == 0, bytes >> 16 <= UInt64(maximum),
            record.load(InstanceRecord.memoryMaximum) == maximum,
            record.load(InstanceRecord.memoryMinimum) == module.compiled.module.memories.first?.limits.minimum ?? 0
        else {
            throw Self.damaged(cell, "its memory has \(bytes) bytes and may have \(maximum) times 65,536")
        }
        return bytes
    }

    /// Elements of table `index` of those that it defines, as its record has them. Throws `damaged` as `memoryBytes`.
    func elements(ofTable index: Int, _ record: UnsafeRawPointer) throws(ObjectsError) -> Int {
        let elements = record.load(InstanceRecord.tableElements(index))
        let maximum = Machine.maximumElements(of: module.compiled.module.tables[index])
        guard record.load(InstanceRecord.tableMaximum(index)) == maximum, elements <= maximum,
            record.load(InstanceRecord.tableMinimum(index)) == module.compiled.module.tables[index].limits.minimum
        else {
            throw Self.damaged(cell, "its table \(index) has \(elements) elements and may have \(maximum)")
        }
        return Int(elements)
    }

    static func damaged(_ cell: CellID, _ text: String) -> ObjectsError {
        .damaged(invariant: "INST-2", object: "\(cell)", text: text)
    }
}
