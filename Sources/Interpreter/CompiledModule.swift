// A validated module with its code cache. Functions are lowered one by one when first called. Everything here can be
// computed again from the binary: drop the object to invalidate it (activations on it must have dropped their code).
//
// Invariants: MOD-1 `lowered` ascends by start and covers the code buffer without gaps; MOD-2 an entry has code exactly
// when its function is in `maps`.

import WebAssembly

/// A module ready to run, shared by any number of activations on one thread.
package final class CompiledModule {
    package let module: Module
    let facts: LoweringFacts
    let entries: UnsafeMutablePointer<FunctionEntry>
    let segments: ModuleSegments
    private let types: FunctionTypeTable
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let code: CodeBuffer
    /// First code index and function index, in the order of lowering.
    private var lowered: [(start: Int, function: Int)] = []
    private var maps: [Int: CodeMap] = [:]

    /// Functions, imported ones first.
    package var functionCount: Int { facts.functionTypes.count }
    /// Imported functions; indices below are host calls.
    package let importedFunctionCount: Int
    /// Globals, imported ones first: as many slots at the bottom of an activation.
    package let globalCount: Int
    /// Types of all globals and tables, imported ones first.
    package private(set) lazy var globalTypes = module.allGlobals
    package private(set) lazy var tableTypes = module.allTables
    /// Number of functions lowered so far.
    package var loweredFunctionCount: Int { lowered.count }
    /// Words of 8 bytes of lowered code so far.
    package var codeWordCount: Int { code.count }

    /// `bytes` is the binary that `module` was decoded from, and `maximumHeights` the highest operand stack of each
    /// defined function in slots, as validation found it. Copies the bytes.
    package init(_ module: Module, maximumHeights: [Int], bytes: [UInt8], types: FunctionTypeTable) {
        precondition(maximumHeights.count == module.functions.count, "a height for each defined function")
        self.module = module
        self.types = types
        facts = LoweringFacts(module, typeTable: types)
        importedFunctionCount = module.importedFunctionCount
        globalCount = module.globalCount
        self.bytes = .allocate(capacity: bytes.count)
        _ = self.bytes.initialize(from: bytes)
        segments = ModuleSegments(module, bytes: UnsafeBufferPointer(self.bytes))
        code = CodeBuffer(
            codeBytes: module.functions.reduce(0) { $0 + $1.code.count }, functions: module.functions.count)
        let count = facts.functionTypes.count
        entries = .allocate(capacity: max(count, 1))
        for index in 0..<count {
            let type = facts.types[facts.functionTypes[index]]
            let defined = index - importedFunctionCount
            let localCount = defined >= 0 ? module.functions[defined].localCount : 0
            let linkSlot = type.parameters.count + localCount
            let height = defined >= 0 ? maximumHeights[defined] : 0
            // Results are returned to the frame's base, which may need more room than the frame itself.
            let frameSlots = max(linkSlot + 2 + height, type.results.count)
            (entries + index).initialize(
                to: FunctionEntry(
                    code: nil, frameSlots: UInt32(frameSlots), linkSlot: UInt32(linkSlot),
                    parameterCount: UInt32(type.parameters.count), localGas: UInt32(localCount / 16),
                    typeNumber: facts.typeNumbers[facts.functionTypes[index]],
                    resultCount: UInt16(type.results.count), isImported: defined < 0))
        }
    }

    /// A validated module and the binary that it was made from.
    package convenience init(_ validated: ValidatedModule, bytes: [UInt8], types: FunctionTypeTable) {
        self.init(validated.module, maximumHeights: validated.facts.maximumHeight, bytes: bytes, types: types)
    }

    deinit {
        types.release(facts.types)
        entries.deallocate()
        bytes.deallocate()
    }

    /// The type of function `index`.
    package func type(ofFunction index: Int) -> FunctionType { facts.types[facts.functionTypes[index]] }

    /// Slots that a frame of function `index` needs.
    package func frameSlots(ofFunction index: Int) -> Int { Int(entries[index].frameSlots) }

    /// Lowers defined function `index` unless it is already.
    func lower(_ index: Int) {
        let defined = index - importedFunctionCount
        guard entries[index].code == nil, defined >= 0 else { return }
        let start = code.count
        do throws(LoweringError) {
            var lowering = try Lowering(
                facts, functionIndex: index, body: module.functions[defined], bytes: UnsafeBufferPointer(bytes),
                code: code)
            maps[index] = try lowering.run()
        } catch {
            preconditionFailure("function \(index) was validated but cannot be lowered: \(error)")
        }
        lowered.append((start, index))
        entries[index].code = UnsafePointer(code.words + start)
    }

    /// The position that a first code word stands for.
    func position(of pc: Code) -> CodePosition {
        let index = pc - UnsafePointer(code.words)
        var low = 0
        var high = lowered.count
        while low < high {
            let middle = (low + high) / 2
            if lowered[middle].start <= index { low = middle + 1 } else { high = middle }
        }
        guard low > 0, let place = maps[lowered[low - 1].function]?.position(ofCodeIndex: index) else {
            preconditionFailure("no instruction begins at this code word")
        }
        return CodePosition(
            function: UInt32(lowered[low - 1].function), byteOffset: place.byteOffset, height: place.height)
    }

    /// The code of the instruction at `byteOffset` of `function` or, where that one is structural, of the next one, and
    /// where that is; nil where there is none. Lowers the function.
    func code(function: UInt32, atOrAfter byteOffset: UInt32) -> (pc: Code, position: CodePosition)? {
        let index = Int(function)
        guard index < functionCount, index >= importedFunctionCount else { return nil }
        guard module.functions[index - importedFunctionCount].code.contains(Int(byteOffset)) else { return nil }
        lower(index)
        guard let place = maps[index]?.code(atOrAfter: byteOffset) else { return nil }
        return (
            UnsafePointer(code.words + place.codeIndex),
            CodePosition(function: function, byteOffset: place.byteOffset, height: place.height)
        )
    }
}
