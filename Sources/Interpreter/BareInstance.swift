// An instance whose pages lie in the host's memory and which nothing persists: the smallest embedder there is, for
// conformance vectors, benchmarks and comparisons of engines. Pages come in when they are touched, as in a world.
//
// Invariant: BARE-1 a page is in `pages` from its first use to the end; page tables point at it or are null.

import Glibc
import WebAssembly

/// A module instance with memories and tables of its own.
package final class BareInstance {
    package let module: CompiledModule
    package let activation: Activation
    /// Carries out a call of an imported function: index and arguments to results.
    package var host: ((Int, [UInt64]) -> Result<[UInt64], Trap>)?
    private var memoryPages: [UInt32: UnsafeMutableRawPointer] = [:]
    private var tablePages: [[UInt32: UnsafeMutableRawPointer]]
    private let memoryLimits: Limits
    private let tableLimits: [Limits]

    /// Elements that a table may grow to here.
    package static let elementCapacity = 1 << 20
    /// Slots of 8 bytes for globals and frames.
    package static let defaultSlots = 1 << 20

    /// Instantiates, without running the start function. `importedGlobals` are slots of constants; a memory or table that
    /// is imported has the limits given here, or those that the import asks for. Throws what an active segment traps with.
    package init(
        _ module: CompiledModule, importedGlobals: [UInt64] = [], importedMemory: Limits? = nil,
        importedTable: Limits? = nil, capacitySlots: Int = BareInstance.defaultSlots
    ) throws(Trap) {
        self.module = module
        activation = Activation(
            module: module, capacitySlots: capacitySlots, elementCapacity: Self.elementCapacity)
        let ownTables = module.module.tables.map(\.limits)
        let ownMemories = module.module.memories.map(\.limits)
        let imported = module.module.allTables.dropLast(ownTables.count).map { importedTable ?? $0.limits }
        tableLimits = imported + ownTables
        tablePages = Array(repeating: [:], count: tableLimits.count)
        memoryLimits =
            ownMemories.first ?? importedMemory ?? module.module.allMemories.first?.limits
            ?? Limits(minimum: 0, maximum: 0)
        activation.memoryBytes = UInt64(memoryLimits.minimum) << 16
        for (index, limits) in tableLimits.enumerated() {
            if limits.minimum > Self.elementCapacity { throw .outOfBoundsTableAccess }
            activation.setElementCount(Int(limits.minimum), ofTable: index)
        }
        for (index, value) in importedGlobals.enumerated() { activation.slots[index] = value }
        activation.gas = Activation.maximumGas
        activation.instantiate(0)
        if case .trap(let trap) = run() { throw trap }
    }

    deinit {
        for page in memoryPages.values { page.deallocate() }
        for page in tablePages.flatMap(\.values) { page.deallocate() }
    }

    /// Enters `function` and runs it to its end with unlimited gas.
    package func call(_ function: Int, _ arguments: [UInt64]) -> Result<[UInt64], Trap> {
        if function < module.importedFunctionCount { return host?(function, arguments) ?? .failure(.unreachable) }
        if module.globalCount + module.frameSlots(ofFunction: function) > activation.boughtSlots {
            return .failure(.callStackExhausted)
        }
        activation.enter(function: function, arguments: arguments)
        activation.gas = Activation.maximumGas
        switch run() {
        case .returned:
            return .success((0..<module.type(ofFunction: function).results.count).map { activation.result($0) })
        case .trap(let trap): return .failure(trap)
        default: preconditionFailure("gas without end and a host that answers")
        }
    }

    /// Runs on, answering everything but the end, traps, an empty gas tank, and host calls that `host` does not answer.
    package func run() -> Exit {
        while true {
            let exit = activation.run()
            switch exit {
            case .memoryMissing(_, let page, let write): mapMemory(page, write: write)
            case .tableMissing(let table, let page, let write): mapTable(table, page, write: write)
            case .memoryGrow(_, let delta):
                guard activation.canPay(Price.memoryGrow) else { return .outOfGas }
                activation.complete(results: [UInt64(growMemory(by: delta))], cost: Price.memoryGrow)
            case .tableGrow(let table, let delta, let value):
                guard activation.canPay(Price.tableGrow()) else { return .outOfGas }
                activation.complete(
                    results: [UInt64(growTable(table, by: delta, value: value))], cost: Price.tableGrow())
            case .hostCall(let function, _):
                guard let host else { return exit }
                let count = module.type(ofFunction: function).parameters.count
                switch host(function, (0..<count).map { activation.argument($0) }) {
                case .success(let results): activation.complete(results: results)
                case .failure(let trap): return .trap(trap)
                }
            case .stackFull, .stackMissing: preconditionFailure("all slots are bought and present")
            case .outOfGas, .returned, .instantiated, .trap: return exit
            }
        }
    }

    /// Page `page` of the memory, for reading and writing.
    package func memoryPage(_ page: UInt32) -> UnsafeMutableRawPointer {
        if let present = memoryPages[page] { return present }
        let made = Self.zeroPage()
        memoryPages[page] = made
        return made
    }

    /// The memory's pages that were ever touched and are not all zeros, by number.
    package func memoryContents() -> [UInt32: [UInt8]] {
        memoryPages.mapValues { Array(UnsafeRawBufferPointer(start: $0, count: 4_096)) }
            .filter { $0.value.contains { $0 != 0 } }
    }

    /// The tables' pages that were ever touched and are not all zeros, by table and number.
    package func tableContents() -> [[UInt32: [UInt8]]] {
        tablePages.map { pages in
            pages.mapValues { Array(UnsafeRawBufferPointer(start: $0, count: 4_096)) }
                .filter { $0.value.contains { $0 != 0 } }
        }
    }

    /// Takes over the contents of another instance of the same binary: memory, tables, sizes, globals, dropped segments.
    package func copyState(of other: BareInstance) {
        activation.memoryBytes = other.activation.memoryBytes
        for (page, address) in other.memoryPages { memcpy(memoryPage(page), address, 4_096) }
        for table in 0..<tablePages.count {
            activation.setElementCount(other.activation.elementCount(ofTable: table), ofTable: table)
            for (page, address) in other.tablePages[table] { memcpy(tablePage(table, page), address, 4_096) }
        }
        for index in 0..<module.globalCount { activation.slots[index] = other.activation.slots[index] }
        for (index, word) in other.activation.droppedSegments().enumerated() {
            activation.droppedSegments()[index] = word
        }
    }

    private func mapMemory(_ page: UInt32, write: Bool) {
        let address = memoryPage(page)
        if write {
            activation.memories(of: 0)[0].set(write: address, page: page)
        } else {
            activation.memories(of: 0)[0].set(read: address, page: page)
        }
    }

    private func mapTable(_ table: Int, _ page: UInt32, write: Bool) {
        let address = tablePage(table, page)
        if write {
            activation.tables(of: 0)[table].set(write: address, page: page)
        } else {
            activation.tables(of: 0)[table].set(read: address, page: page)
        }
    }

    private func tablePage(_ table: Int, _ page: UInt32) -> UnsafeMutableRawPointer {
        if let present = tablePages[table][page] { return present }
        let made = Self.zeroPage()
        tablePages[table][page] = made
        return made
    }

    private func growMemory(by delta: UInt32) -> UInt32 {
        let old = activation.memoryBytes >> 16
        let limit = UInt64(memoryLimits.maximum ?? 65_536)
        guard old + UInt64(delta) <= min(limit, 65_536) else { return UInt32.max }
        activation.memoryBytes = (old + UInt64(delta)) << 16
        return UInt32(old)
    }

    private func growTable(_ table: Int, by delta: UInt32, value: UInt64) -> UInt32 {
        let old = activation.elementCount(ofTable: table)
        let limit = Int(tableLimits[table].maximum ?? UInt32.max)
        guard old + Int(delta) <= min(limit, Self.elementCapacity) else { return UInt32.max }
        activation.setElementCount(old + Int(delta), ofTable: table)
        for index in old..<old + Int(delta) { set(value, table: table, index: index) }
        return UInt32(old)
    }

    private func set(_ word: UInt64, table: Int, index: Int) {
        tablePage(table, UInt32(index >> 9)).storeBytes(of: word, toByteOffset: (index & 511) * 8, as: UInt64.self)
    }

    private static func zeroPage() -> UnsafeMutableRawPointer {
        let page = UnsafeMutableRawPointer.allocate(byteCount: 4_096, alignment: 4_096)
        page.initializeMemory(as: UInt8.self, repeating: 0, count: 4_096)
        return page
    }
}
