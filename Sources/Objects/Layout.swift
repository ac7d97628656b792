// Where the fields of the records lie: `specs/objects.md` as data. A field is an offset and an integer type; bytes on
// disk and in memory are the same, little-endian. Changing a line here changes the format.

/// An integer at a fixed place in a record.
package struct Field<Value: FixedWidthInteger & BitwiseCopyable & Sendable>: Sendable {
    /// Bytes from the record's beginning.
    package let offset: Int
    package init(_ offset: Int) { self.offset = offset }
}

/// Bytes at a fixed place in a record.
package struct ByteField: Sendable {
    package let offset: Int
    package let count: Int
    package init(_ offset: Int, _ count: Int) {
        self.offset = offset
        self.count = count
    }
}

/// A name: its length in a byte, then up to 64 bytes.
package struct NameField: Sendable {
    package let offset: Int
    package init(_ offset: Int) { self.offset = offset }
    package static let maximumBytes = 64
}

/// The world page, page 0.
package enum WorldPage {
    package static let magic: [UInt8] = Array("KEYVMWLD".utf8)
    package static let formatNumber: UInt32 = 4
    package static let format = Field<UInt32>(8)
    package static let gasClock = Field<UInt64>(16)
    package static let nextStrip = Field<UInt64>(24)
    package static let nextProcess = Field<UInt64>(32)
    package static let readyFirst = Field<UInt64>(40)
    package static let readyLast = Field<UInt64>(48)
    package static let processFirst = Field<UInt64>(56)
    package static let processLast = Field<UInt64>(64)
    package static let processCount = Field<UInt64>(72)
    package static let rootBank = Field<UInt64>(80)
    package static let rootMeter = Field<UInt64>(88)
    package static let running = Field<UInt64>(96)
    package static let quantumGas = Field<UInt64>(104)
    package static let entropyKey = ByteField(112, 32)
    package static let entropyBlocks = Field<UInt64>(144)
    package static let entropySeeded = Field<UInt8>(152)
    package static let clockSampled = Field<UInt8>(153)
    package static let clockRealtime = Field<UInt64>(160)
    package static let clockMonotonic = Field<UInt64>(168)
    package static let nextInput = Field<UInt64>(176)
    package static let moduleFirst = Field<UInt64>(184)
    package static let moduleCount = Field<UInt64>(192)
    package static let stripMapPages = Field<UInt64>(200)
    package static let processTablePages = Field<UInt64>(208)
    package static let timerFirst = Field<UInt64>(216)
    package static let memoryBytes = Field<UInt64>(224)
    package static let loadedFirst = Field<UInt64>(232)
    package static let loadedLast = Field<UInt64>(240)
    package static let loadedProcesses = Field<UInt64>(248)
    package static let loadedInstances = Field<UInt64>(256)
    package static let loadedFootprint = Field<UInt64>(264)
    package static let frozenSpaceFirst = Field<UInt64>(272)
    package static let frozenGasFirst = Field<UInt64>(280)
    package static let hasSold = Field<UInt8>(154)
    package static let goingFirst = Field<UInt64>(288)
    package static let goingLast = Field<UInt64>(296)
    package static let goingBank = Field<UInt64>(304)
    package static let goingStrip = Field<UInt64>(312)
    package static let goingPhase = Field<UInt8>(320)
    package static let stripMapDirectoryPages = Field<UInt64>(328)
    package static let processTableDirectoryPages = Field<UInt64>(336)
    package static let turn = Field<UInt64>(344)
    package static let journalNumber = Field<UInt64>(352)
}

/// A strip's record in the strip map.
package enum StripRecord {
    package static let bytes = 128
    package static let perPage: UInt64 = 32
    package static let bank = Field<UInt64>(0)
    package static let next = Field<UInt64>(8)
    package static let previous = Field<UInt64>(16)
    package static let owner = Field<UInt64>(24)
    package static let handedOut = Field<UInt16>(32)
    package static let use = Field<UInt8>(34)
    package static let space = Field<UInt8>(35)
    package static let spaceMiB = Field<UInt32>(36)
    package static let allocated = ByteField(48, 32)
    package static let written = ByteField(80, 32)
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
package enum Pot {
    package static let magic: [UInt8] = Array("POT".utf8)
    package static let headerBytes = 64
    package static let cellClass = Field<UInt8>(3)
    package static let bank = Field<UInt64>(8)
    package static let used = Field<UInt64>(16)
    package static let next = Field<UInt64>(24)
    package static let previous = Field<UInt64>(32)
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
package enum NodeRecord {
    package static let keys = 16
    package static let keyCount = 32
}

/// A forwarder: the key of its target follows the header, as the keys of a node do.
package enum ForwarderRecord {
    package static let isBlocked = Field<UInt8>(32)
}

/// The header that every cell begins with.
package enum CellHeader {
    package static let bytes = 16
    package static let generation = Field<UInt32>(0)
    package static let kind = Field<UInt8>(4)
}

package enum BankRecord {
    package static let parent = Field<UInt64>(16)
    package static let firstChild = Field<UInt64>(24)
    package static let nextSibling = Field<UInt64>(32)
    package static let previousSibling = Field<UInt64>(40)
    package static let limitPages = Field<UInt64>(48)
    package static let usedPages = Field<UInt64>(56)
    package static let ownPages = Field<UInt64>(64)
    package static let limitCells = Field<UInt64>(72)
    package static let usedCells = Field<UInt64>(80)
    package static let ownCells = Field<UInt64>(88)
    package static let firstStrip = Field<UInt64>(96)
    package static let potStrip = Field<UInt64>(104)
    package static let processes = Field<UInt64>(136)
    package static let depth = Field<UInt32>(144)
    package static let flags = Field<UInt32>(148)
    package static let reservePages = Field<UInt64>(152)
    package static let name = NameField(160)
    package static let boughtCells = Field<UInt32>(228)
    package static let goingNext = Field<UInt64>(232)
    package static let goingPrevious = Field<UInt64>(240)
    package static let dataStrip = Field<UInt64>(248)
    /// Marks one that was made for one process and goes with it; a meter too.
    package static let madeForOneProcess: UInt32 = 1
    /// Marks one that was destroyed with all below it.
    package static let isDestroyed: UInt32 = 2
    /// Marks one whose objects are on their way to its parent: it has no name any more.
    package static let isReturning: UInt32 = 4
    /// Those that nobody can reach any more.
    package static let isGoing = isDestroyed | isReturning

    /// The first pot with room of a class.
    package static func pot(_ cellClass: CellClass) -> Field<UInt64> { Field(104 + 8 * Int(cellClass.rawValue)) }
}

package enum MeterRecord {
    package static let parent = Field<UInt64>(16)
    package static let firstChild = Field<UInt64>(24)
    package static let nextSibling = Field<UInt64>(32)
    package static let previousSibling = Field<UInt64>(40)
    package static let gasLeft = Field<UInt64>(48)
    package static let gasUsed = Field<UInt64>(56)
    package static let depth = Field<UInt32>(64)
    package static let weight = Field<UInt32>(68)
    package static let processes = Field<UInt64>(72)
    package static let keeper = ByteField(80, 16)
    package static let flags = Field<UInt32>(96)
    package static let name = NameField(160)
}

package enum ModuleRecord {
    package static let hash = ByteField(16, 32)
    package static let byteCount = Field<UInt64>(48)
    package static let binary = 56
    package static let memoryImage = 72
    package static let tableImage = 88
    package static let next = Field<UInt64>(104)
    package static let previous = Field<UInt64>(112)
    package static let instances = Field<UInt64>(120)
    package static let bank = Field<UInt64>(128)
    package static let loadedInstances = Field<UInt64>(136)
    package static let footprint = Field<UInt64>(144)
    package static let pages = Field<UInt64>(152)
}

package enum ProcessRecord {
    package static let id = Field<UInt64>(16)
    package static let bank = Field<UInt64>(24)
    package static let meter = Field<UInt64>(32)
    package static let keeper = ByteField(40, 16)
    package static let firstInstance = Field<UInt64>(56)
    package static let queueNext = Field<UInt64>(64)
    package static let queuePrevious = Field<UInt64>(72)
    package static let next = Field<UInt64>(80)
    package static let previous = Field<UInt64>(88)
    package static let gasUsed = Field<UInt64>(96)
    package static let quantumLeft = Field<UInt64>(104)
    package static let paid = Field<UInt64>(112)
    package static let state = Field<UInt8>(120)
    package static let phase = Field<UInt8>(121)
    package static let waitsFor = Field<UInt8>(122)
    package static let trap = Field<UInt8>(123)
    package static let exitCode = Field<Int32>(124)
    package static let function = Field<UInt32>(128)
    package static let offset = Field<UInt32>(132)
    package static let frame = Field<UInt32>(136)
    package static let height = Field<UInt32>(140)
    package static let liveSlots = Field<UInt32>(144)
    package static let entryFunction = Field<UInt32>(148)
    package static let faultDetail = Field<UInt64>(152)
    package static let instance = Field<UInt32>(160)
    package static let entryInstance = Field<UInt32>(164)
    package static let deadline = Field<UInt64>(168)
    package static let lastInstance = Field<UInt64>(176)
    package static let instanceCount = Field<UInt32>(184)
    package static let beginning = Field<UInt32>(188)
    package static let stackSpace = 192
    package static let logSpace = 208
    package static let logOldest = Field<UInt64>(224)
    package static let logNext = Field<UInt64>(232)
    package static let logHead = Field<UInt64>(240)
    package static let logTail = Field<UInt64>(248)
    package static let streamBound = Field<UInt64>(256)
    package static let inputSpace = 264
    package static let inputRead = Field<UInt64>(280)
    package static let inputWrite = Field<UInt64>(288)
    package static let inputEnded = Field<UInt8>(296)
    package static let closedDescriptors = Field<UInt8>(297)
    package static let isCalled = Field<UInt8>(298)
    package static let isLoaded = Field<UInt8>(299)
    package static let argumentCount = Field<UInt32>(300)
    package static let environmentCount = Field<UInt32>(304)
    package static let launchBytes = Field<UInt32>(308)
    package static let launchSpace = 312
    package static let name = NameField(328)
    package static let invocationPhase = Field<UInt8>(393)
    package static let invocationKind = Field<UInt8>(394)
    package static let invokedRegister = Field<UInt8>(395)
    package static let resumeCopies = Field<UInt32>(396)
    package static let registers = 400
    package static let registerCount = 32
    package static let inputBound = Field<UInt64>(912)
    package static let pollBegun = Field<UInt64>(920)
    package static let loadedNext = Field<UInt64>(928)
    package static let loadedPrevious = Field<UInt64>(936)
    package static let loadPaid = Field<UInt64>(944)
    package static let loadPrice = Field<UInt64>(952)
    package static let quantaTaken = Field<UInt32>(960)
    package static let meterGeneration = Field<UInt32>(964)
    package static let pages = Field<UInt64>(968)
    package static let callersFirst = Field<UInt64>(976)
    package static let callersLast = Field<UInt64>(984)
    package static let callLow = Field<UInt32>(992)
    package static let callHigh = Field<UInt16>(996)
    package static let messageInstance = Field<UInt16>(998)
    package static let messageAddress = Field<UInt32>(1000)
    package static let receivedAddress = Field<UInt32>(1004)
}

/// An instance of a module in a process.
package enum InstanceRecord {
    package static let process = Field<UInt64>(16)
    package static let module = Field<UInt64>(24)
    package static let next = Field<UInt64>(32)
    package static let number = Field<UInt32>(40)
    package static let tableCount = Field<UInt32>(44)
    package static let memorySpace = 48
    package static let memoryBytes = Field<UInt64>(64)
    package static let importSpace = 72
    package static let importCount = Field<UInt32>(88)
    package static let name = NameField(92)
    package static let droppedSegments = ByteField(160, 128)
    package static let maximumTables = 24
    /// More than any module can have.
    package static let maximumImports = 1_000_000

    /// Where table `index` (0 to 23) of those that it defines is described: its space.
    package static func tableSpace(_ index: Int) -> Int { 288 + 24 * index }
    package static func tableElements(_ index: Int) -> Field<UInt32> { Field(288 + 24 * index + 16) }
    package static func tableMaximum(_ index: Int) -> Field<UInt32> { Field(288 + 24 * index + 20) }
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
    case memory, stack, log, input, launch, imports
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
        case .table(let index): InstanceRecord.tableSpace(index)
        case .binary: ModuleRecord.binary
        case .memoryImage: ModuleRecord.memoryImage
        case .tableImage: ModuleRecord.tableImage
        }
    }
}
