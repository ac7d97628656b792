// Where the fields of the records lie: `specs/objects.md` as data. A field is an offset and an integer type; bytes on
// disk and in memory are the same, little-endian. Changing a line here changes the format.

/// An integer at a fixed place in a record.
@usableFromInline package struct Field<Value: FixedWidthInteger & BitwiseCopyable & Sendable>: Sendable {
    /// Bytes from the record's beginning.
    @usableFromInline package let offset: Int
    @inlinable package init(_ offset: Int) { self.offset = offset }
}

/// Bytes at a fixed place in a record.
@usableFromInline package struct ByteField: Sendable {
    @usableFromInline package let offset: Int
    @usableFromInline package let count: Int
    @inlinable package init(_ offset: Int, _ count: Int) {
        self.offset = offset
        self.count = count
    }
}

/// A name: its length in a byte, then up to 64 bytes.
@usableFromInline package struct NameField: Sendable {
    @usableFromInline package let offset: Int
    @inlinable package init(_ offset: Int) { self.offset = offset }
    @inlinable package static var maximumBytes: Int { 64 }
}

/// The world page, page 0.
@usableFromInline package enum WorldPage {
    package static let magic: [UInt8] = Array("KEYVMWLD".utf8)
    @inlinable package static var formatNumber: UInt32 { 6 }
    @inlinable package static var format: Field<UInt32> { Field<UInt32>(8) }
    @inlinable package static var gasClock: Field<UInt64> { Field<UInt64>(16) }
    @inlinable package static var nextStrip: Field<UInt64> { Field<UInt64>(24) }
    @inlinable package static var nextProcess: Field<UInt64> { Field<UInt64>(32) }
    @inlinable package static var readyFirst: Field<UInt64> { Field<UInt64>(40) }
    @inlinable package static var readyLast: Field<UInt64> { Field<UInt64>(48) }
    @inlinable package static var processFirst: Field<UInt64> { Field<UInt64>(56) }
    @inlinable package static var processLast: Field<UInt64> { Field<UInt64>(64) }
    @inlinable package static var processCount: Field<UInt64> { Field<UInt64>(72) }
    @inlinable package static var rootBank: Field<UInt64> { Field<UInt64>(80) }
    @inlinable package static var rootMeter: Field<UInt64> { Field<UInt64>(88) }
    @inlinable package static var running: Field<UInt64> { Field<UInt64>(96) }
    @inlinable package static var quantumGas: Field<UInt64> { Field<UInt64>(104) }
    @inlinable package static var entropyKey: ByteField { ByteField(112, 32) }
    @inlinable package static var entropyBlocks: Field<UInt64> { Field<UInt64>(144) }
    @inlinable package static var entropySeeded: Field<UInt8> { Field<UInt8>(152) }
    @inlinable package static var clockSampled: Field<UInt8> { Field<UInt8>(153) }
    @inlinable package static var clockRealtime: Field<UInt64> { Field<UInt64>(160) }
    @inlinable package static var clockMonotonic: Field<UInt64> { Field<UInt64>(168) }
    @inlinable package static var nextInput: Field<UInt64> { Field<UInt64>(176) }
    @inlinable package static var moduleFirst: Field<UInt64> { Field<UInt64>(184) }
    @inlinable package static var moduleCount: Field<UInt64> { Field<UInt64>(192) }
    @inlinable package static var stripMapPages: Field<UInt64> { Field<UInt64>(200) }
    @inlinable package static var processTablePages: Field<UInt64> { Field<UInt64>(208) }
    @inlinable package static var timerFirst: Field<UInt64> { Field<UInt64>(216) }
    @inlinable package static var memoryBytes: Field<UInt64> { Field<UInt64>(224) }
    @inlinable package static var loadedFirst: Field<UInt64> { Field<UInt64>(232) }
    @inlinable package static var loadedLast: Field<UInt64> { Field<UInt64>(240) }
    @inlinable package static var loadedProcesses: Field<UInt64> { Field<UInt64>(248) }
    @inlinable package static var loadedInstances: Field<UInt64> { Field<UInt64>(256) }
    @inlinable package static var loadedFootprint: Field<UInt64> { Field<UInt64>(264) }
    @inlinable package static var frozenSpaceFirst: Field<UInt64> { Field<UInt64>(272) }
    @inlinable package static var frozenGasFirst: Field<UInt64> { Field<UInt64>(280) }
    @inlinable package static var hasSold: Field<UInt8> { Field<UInt8>(154) }
    @inlinable package static var goingFirst: Field<UInt64> { Field<UInt64>(288) }
    @inlinable package static var goingLast: Field<UInt64> { Field<UInt64>(296) }
    @inlinable package static var goingBank: Field<UInt64> { Field<UInt64>(304) }
    @inlinable package static var goingStrip: Field<UInt64> { Field<UInt64>(312) }
    @inlinable package static var goingPhase: Field<UInt8> { Field<UInt8>(320) }
    @inlinable package static var stripMapDirectoryPages: Field<UInt64> { Field<UInt64>(328) }
    @inlinable package static var processTableDirectoryPages: Field<UInt64> { Field<UInt64>(336) }
    @inlinable package static var turn: Field<UInt64> { Field<UInt64>(344) }
    @inlinable package static var journalNumber: Field<UInt64> { Field<UInt64>(352) }
    @inlinable package static var durableFirst: Field<UInt64> { Field<UInt64>(360) }
    @inlinable package static var durableNumber: Field<UInt64> { Field<UInt64>(368) }
}

/// A strip's record in the strip map.
@usableFromInline package enum StripRecord {
    @inlinable package static var bytes: Int { 128 }
    @inlinable package static var perPage: UInt64 { 32 }
    @inlinable package static var bank: Field<UInt64> { Field<UInt64>(0) }
    @inlinable package static var next: Field<UInt64> { Field<UInt64>(8) }
    @inlinable package static var previous: Field<UInt64> { Field<UInt64>(16) }
    @inlinable package static var owner: Field<UInt64> { Field<UInt64>(24) }
    @inlinable package static var handedOut: Field<UInt16> { Field<UInt16>(32) }
    @inlinable package static var use: Field<UInt8> { Field<UInt8>(34) }
    @inlinable package static var space: Field<UInt8> { Field<UInt8>(35) }
    @inlinable package static var spaceMiB: Field<UInt32> { Field<UInt32>(36) }
    @inlinable package static var allocated: ByteField { ByteField(48, 32) }
    @inlinable package static var written: ByteField { ByteField(80, 32) }
}

/// What a strip's pages are used for.
package enum StripUse: UInt8, Sendable {
    case pots = 1
    case space = 2
    case spaceMap = 3
    /// Pages that programs bought.
    case data = 4
}

/// A pot's header.
@usableFromInline package enum Pot {
    package static let magic: [UInt8] = Array("POT".utf8)
    @inlinable package static var headerBytes: Int { 64 }
    @inlinable package static var cellClass: Field<UInt8> { Field<UInt8>(3) }
    @inlinable package static var bank: Field<UInt64> { Field<UInt64>(8) }
    @inlinable package static var used: Field<UInt64> { Field<UInt64>(16) }
    @inlinable package static var next: Field<UInt64> { Field<UInt64>(24) }
    @inlinable package static var previous: Field<UInt64> { Field<UInt64>(32) }
}

/// Sizes of cells. A pot holds one class; processes and their instances share one.
package enum CellClass: UInt8, Sendable, CaseIterable {
    case node = 1
    case process = 2
    case record = 3

    /// Bytes of a cell, its header included.
    package var bytes: Int {
        switch self {
        case .node: 528
        case .process: 1008
        case .record: 256
        }
    }

    /// Cells in a pot.
    package var perPot: Int { (4096 - Pot.headerBytes) / bytes }
}

/// What a cell is.
package enum CellKind: UInt8, Sendable {
    case node = 1
    case process = 2
    case bank = 3
    case meter = 4
    case module = 5
    case instance = 6
    case forwarder = 7

    package var cellClass: CellClass {
        switch self {
        case .node: .node
        case .process, .instance: .process
        case .bank, .meter, .module, .forwarder: .record
        }
    }

    /// Keys that programs put into it, behind its header.
    package var heldKeys: Int {
        switch self {
        case .node: NodeRecord.keyCount
        case .forwarder: 1
        case .process, .bank, .meter, .module, .instance: 0
        }
    }

    /// Whether banks sell it to programs for keeping keys in.
    package var isBought: Bool { heldKeys > 0 }
}

/// A node: keys and nothing else.
@usableFromInline package enum NodeRecord {
    @inlinable package static var keys: Int { 16 }
    @inlinable package static var keyCount: Int { 32 }
}

/// A forwarder: the key of its target follows the header, as the keys of a node do.
@usableFromInline package enum ForwarderRecord {
    @inlinable package static var isBlocked: Field<UInt8> { Field<UInt8>(32) }
}

/// The header that every cell begins with.
@usableFromInline package enum CellHeader {
    @inlinable package static var bytes: Int { 16 }
    @inlinable package static var generation: Field<UInt32> { Field<UInt32>(0) }
    @inlinable package static var kind: Field<UInt8> { Field<UInt8>(4) }
}

@usableFromInline package enum BankRecord {
    /// Its keeper's start key, in what the header leaves.
    @inlinable package static var keeperRights: Field<UInt8> { Field<UInt8>(5) }
    @inlinable package static var keeperBadge: Field<UInt16> { Field<UInt16>(6) }
    @inlinable package static var keeperProcess: Field<UInt64> { Field<UInt64>(8) }
    @inlinable package static var parent: Field<UInt64> { Field<UInt64>(16) }
    @inlinable package static var firstChild: Field<UInt64> { Field<UInt64>(24) }
    @inlinable package static var nextSibling: Field<UInt64> { Field<UInt64>(32) }
    @inlinable package static var previousSibling: Field<UInt64> { Field<UInt64>(40) }
    @inlinable package static var limitPages: Field<UInt64> { Field<UInt64>(48) }
    @inlinable package static var usedPages: Field<UInt64> { Field<UInt64>(56) }
    @inlinable package static var ownPages: Field<UInt64> { Field<UInt64>(64) }
    @inlinable package static var limitCells: Field<UInt64> { Field<UInt64>(72) }
    @inlinable package static var usedCells: Field<UInt64> { Field<UInt64>(80) }
    @inlinable package static var ownCells: Field<UInt64> { Field<UInt64>(88) }
    @inlinable package static var firstStrip: Field<UInt64> { Field<UInt64>(96) }
    @inlinable package static var potStrip: Field<UInt64> { Field<UInt64>(104) }
    @inlinable package static var processes: Field<UInt64> { Field<UInt64>(136) }
    @inlinable package static var depth: Field<UInt32> { Field<UInt32>(144) }
    @inlinable package static var flags: Field<UInt32> { Field<UInt32>(148) }
    @inlinable package static var reservePages: Field<UInt64> { Field<UInt64>(152) }
    @inlinable package static var name: NameField { NameField(160) }
    @inlinable package static var boughtCells: Field<UInt32> { Field<UInt32>(228) }
    @inlinable package static var goingNext: Field<UInt64> { Field<UInt64>(232) }
    @inlinable package static var goingPrevious: Field<UInt64> { Field<UInt64>(240) }
    @inlinable package static var dataStrip: Field<UInt64> { Field<UInt64>(248) }
    /// Marks one that was made for one process and goes with it; a meter too.
    @inlinable package static var madeForOneProcess: UInt32 { 1 }
    /// Marks one that was destroyed with all below it.
    @inlinable package static var isDestroyed: UInt32 { 2 }
    /// Marks one whose objects are on their way to its parent: it has no name any more.
    @inlinable package static var isReturning: UInt32 { 4 }
    /// Those that nobody can reach any more.
    package static let isGoing = isDestroyed | isReturning

    /// The first pot with room of a class.
    package static func pot(_ cellClass: CellClass) -> Field<UInt64> { Field(104 + 8 * Int(cellClass.rawValue)) }
}

@usableFromInline package enum MeterRecord {
    @inlinable package static var parent: Field<UInt64> { Field<UInt64>(16) }
    @inlinable package static var firstChild: Field<UInt64> { Field<UInt64>(24) }
    @inlinable package static var nextSibling: Field<UInt64> { Field<UInt64>(32) }
    @inlinable package static var previousSibling: Field<UInt64> { Field<UInt64>(40) }
    @inlinable package static var gasLeft: Field<UInt64> { Field<UInt64>(48) }
    @inlinable package static var gasUsed: Field<UInt64> { Field<UInt64>(56) }
    @inlinable package static var depth: Field<UInt32> { Field<UInt32>(64) }
    @inlinable package static var weight: Field<UInt32> { Field<UInt32>(68) }
    @inlinable package static var processes: Field<UInt64> { Field<UInt64>(72) }
    @inlinable package static var keeper: Int { 80 }
    @inlinable package static var flags: Field<UInt32> { Field<UInt32>(96) }
    @inlinable package static var name: NameField { NameField(160) }
}

@usableFromInline package enum ModuleRecord {
    @inlinable package static var hash: ByteField { ByteField(16, 32) }
    @inlinable package static var byteCount: Field<UInt64> { Field<UInt64>(48) }
    @inlinable package static var binary: Int { 56 }
    @inlinable package static var memoryImage: Int { 72 }
    @inlinable package static var tableImage: Int { 88 }
    @inlinable package static var next: Field<UInt64> { Field<UInt64>(104) }
    @inlinable package static var previous: Field<UInt64> { Field<UInt64>(112) }
    @inlinable package static var instances: Field<UInt64> { Field<UInt64>(120) }
    @inlinable package static var bank: Field<UInt64> { Field<UInt64>(128) }
    @inlinable package static var loadedInstances: Field<UInt64> { Field<UInt64>(136) }
    @inlinable package static var footprint: Field<UInt64> { Field<UInt64>(144) }
    @inlinable package static var pages: Field<UInt64> { Field<UInt64>(152) }
}

@usableFromInline package enum ProcessRecord {
    @inlinable package static var id: Field<UInt64> { Field<UInt64>(16) }
    @inlinable package static var bank: Field<UInt64> { Field<UInt64>(24) }
    @inlinable package static var meter: Field<UInt64> { Field<UInt64>(32) }
    @inlinable package static var keeper: Int { 40 }
    @inlinable package static var firstInstance: Field<UInt64> { Field<UInt64>(56) }
    @inlinable package static var queueNext: Field<UInt64> { Field<UInt64>(64) }
    @inlinable package static var queuePrevious: Field<UInt64> { Field<UInt64>(72) }
    @inlinable package static var next: Field<UInt64> { Field<UInt64>(80) }
    @inlinable package static var previous: Field<UInt64> { Field<UInt64>(88) }
    @inlinable package static var gasUsed: Field<UInt64> { Field<UInt64>(96) }
    @inlinable package static var quantumLeft: Field<UInt64> { Field<UInt64>(104) }
    @inlinable package static var paid: Field<UInt64> { Field<UInt64>(112) }
    @inlinable package static var state: Field<UInt8> { Field<UInt8>(120) }
    @inlinable package static var phase: Field<UInt8> { Field<UInt8>(121) }
    @inlinable package static var waitsFor: Field<UInt8> { Field<UInt8>(122) }
    @inlinable package static var trap: Field<UInt8> { Field<UInt8>(123) }
    @inlinable package static var exitCode: Field<Int32> { Field<Int32>(124) }
    @inlinable package static var function: Field<UInt32> { Field<UInt32>(128) }
    @inlinable package static var offset: Field<UInt32> { Field<UInt32>(132) }
    @inlinable package static var frame: Field<UInt32> { Field<UInt32>(136) }
    @inlinable package static var height: Field<UInt32> { Field<UInt32>(140) }
    @inlinable package static var liveSlots: Field<UInt32> { Field<UInt32>(144) }
    @inlinable package static var entryFunction: Field<UInt32> { Field<UInt32>(148) }
    @inlinable package static var faultDetail: Field<UInt64> { Field<UInt64>(152) }
    @inlinable package static var instance: Field<UInt32> { Field<UInt32>(160) }
    @inlinable package static var entryInstance: Field<UInt32> { Field<UInt32>(164) }
    @inlinable package static var deadline: Field<UInt64> { Field<UInt64>(168) }
    @inlinable package static var lastInstance: Field<UInt64> { Field<UInt64>(176) }
    @inlinable package static var instanceCount: Field<UInt32> { Field<UInt32>(184) }
    @inlinable package static var beginning: Field<UInt32> { Field<UInt32>(188) }
    @inlinable package static var stackSpace: Int { 192 }
    @inlinable package static var logSpace: Int { 208 }
    @inlinable package static var logOldest: Field<UInt64> { Field<UInt64>(224) }
    @inlinable package static var logNext: Field<UInt64> { Field<UInt64>(232) }
    @inlinable package static var logHead: Field<UInt64> { Field<UInt64>(240) }
    @inlinable package static var logTail: Field<UInt64> { Field<UInt64>(248) }
    @inlinable package static var streamBound: Field<UInt64> { Field<UInt64>(256) }
    @inlinable package static var inputSpace: Int { 264 }
    @inlinable package static var inputRead: Field<UInt64> { Field<UInt64>(280) }
    @inlinable package static var inputWrite: Field<UInt64> { Field<UInt64>(288) }
    @inlinable package static var inputEnded: Field<UInt8> { Field<UInt8>(296) }
    @inlinable package static var closedDescriptors: Field<UInt8> { Field<UInt8>(297) }
    @inlinable package static var isCalled: Field<UInt8> { Field<UInt8>(298) }
    @inlinable package static var isLoaded: Field<UInt8> { Field<UInt8>(299) }
    @inlinable package static var argumentCount: Field<UInt32> { Field<UInt32>(300) }
    @inlinable package static var environmentCount: Field<UInt32> { Field<UInt32>(304) }
    @inlinable package static var launchBytes: Field<UInt32> { Field<UInt32>(308) }
    @inlinable package static var launchSpace: Int { 312 }
    @inlinable package static var name: NameField { NameField(328) }
    @inlinable package static var invocationPhase: Field<UInt8> { Field<UInt8>(393) }
    @inlinable package static var invocationKind: Field<UInt8> { Field<UInt8>(394) }
    @inlinable package static var invokedRegister: Field<UInt8> { Field<UInt8>(395) }
    @inlinable package static var resumeCopies: Field<UInt32> { Field<UInt32>(396) }
    @inlinable package static var registers: Int { 400 }
    @inlinable package static var registerCount: Int { 32 }
    @inlinable package static var inputBound: Field<UInt64> { Field<UInt64>(912) }
    @inlinable package static var pollBegun: Field<UInt64> { Field<UInt64>(920) }
    @inlinable package static var loadedNext: Field<UInt64> { Field<UInt64>(928) }
    @inlinable package static var loadedPrevious: Field<UInt64> { Field<UInt64>(936) }
    @inlinable package static var loadPaid: Field<UInt64> { Field<UInt64>(944) }
    @inlinable package static var loadPrice: Field<UInt64> { Field<UInt64>(952) }
    @inlinable package static var quantaTaken: Field<UInt32> { Field<UInt32>(960) }
    @inlinable package static var meterGeneration: Field<UInt32> { Field<UInt32>(964) }
    @inlinable package static var pages: Field<UInt64> { Field<UInt64>(968) }
    @inlinable package static var callersFirst: Field<UInt64> { Field<UInt64>(976) }
    @inlinable package static var callersLast: Field<UInt64> { Field<UInt64>(984) }
    @inlinable package static var callLow: Field<UInt32> { Field<UInt32>(992) }
    @inlinable package static var callHigh: Field<UInt16> { Field<UInt16>(996) }
    @inlinable package static var messageInstance: Field<UInt16> { Field<UInt16>(998) }
    @inlinable package static var messageAddress: Field<UInt32> { Field<UInt32>(1000) }
    @inlinable package static var receivedAddress: Field<UInt32> { Field<UInt32>(1004) }
}

/// An instance of a module in a process.
@usableFromInline package enum InstanceRecord {
    @inlinable package static var process: Field<UInt64> { Field<UInt64>(16) }
    @inlinable package static var module: Field<UInt64> { Field<UInt64>(24) }
    @inlinable package static var next: Field<UInt64> { Field<UInt64>(32) }
    @inlinable package static var number: Field<UInt32> { Field<UInt32>(40) }
    @inlinable package static var tableCount: Field<UInt32> { Field<UInt32>(44) }
    @inlinable package static var memorySpace: Int { 48 }
    @inlinable package static var memoryBytes: Field<UInt64> { Field<UInt64>(64) }
    @inlinable package static var importSpace: Int { 72 }
    @inlinable package static var importCount: Field<UInt32> { Field<UInt32>(88) }
    @inlinable package static var name: NameField { NameField(92) }
    @inlinable package static var droppedSegments: ByteField { ByteField(160, 128) }
    @inlinable package static var maximumTables: Int { 24 }
    /// Units of 65,536 bytes that the memory which it defines may have.
    @inlinable package static var memoryMaximum: Field<UInt32> { Field<UInt32>(864) }
    /// Those that it begins with.
    @inlinable package static var memoryMinimum: Field<UInt32> { Field<UInt32>(868) }
    @inlinable package static var keeper: Int { 872 }
    @inlinable package static var mappingSpace: Int { 888 }
    /// More than any module can have.
    package static let maximumImports = 1_000_000

    /// Where table `index` (0 to 23) of those that it defines is described: its space.
    @inlinable package static func tableSpace(_ index: Int) -> Int { 288 + 24 * index }
    @inlinable package static func tableElements(_ index: Int) -> Field<UInt32> { Field(288 + 24 * index + 16) }
    @inlinable package static func tableMaximum(_ index: Int) -> Field<UInt32> { Field(288 + 24 * index + 20) }
    /// Elements that table `index` begins with.
    @inlinable package static func tableMinimum(_ index: Int) -> Field<UInt32> { Field(904 + 4 * index) }
}

/// A process's state, as `ProcessRecord.state` holds it.
package enum RunState: UInt8, Sendable {
    case ready = 1
    case waiting = 2
    case frozenGas = 3
    case frozenSpace = 4
    case stopped = 5
    case faulted = 6
    case exited = 7
}

/// The kinds of space, as `StripRecord.space` holds them.
package enum SpaceKind: Sendable, Hashable {
    case memory, stack, log, input, launch, imports, mappings
    case table(Int)
    case binary, memoryImage, tableImage

    package var code: UInt8 {
        switch self {
        case .memory: 1
        case .stack: 2
        case .log: 3
        case .input: 4
        case .launch: 5
        case .imports: 6
        case .mappings: 7
        case .table(let index): 8 + UInt8(index)
        case .binary: 32
        case .memoryImage: 33
        case .tableImage: 34
        }
    }

    /// Where the owner's record holds the space.
    package var offset: Int {
        switch self {
        case .memory: InstanceRecord.memorySpace
        case .stack: ProcessRecord.stackSpace
        case .log: ProcessRecord.logSpace
        case .input: ProcessRecord.inputSpace
        case .launch: ProcessRecord.launchSpace
        case .imports: InstanceRecord.importSpace
        case .mappings: InstanceRecord.mappingSpace
        case .table(let index): InstanceRecord.tableSpace(index)
        case .binary: ModuleRecord.binary
        case .memoryImage: ModuleRecord.memoryImage
        case .tableImage: ModuleRecord.tableImage
        }
    }
}
