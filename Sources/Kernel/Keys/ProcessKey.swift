// Process keys: a process as an object (`specs/keys/process.md`). What a host keeps of it is written to its record first where it is looked
// at, and let go of where it changes.

import Objects
import Store

package enum ProcessOrder: UInt32, Sendable, CaseIterable {
    case weaken = 1
    case figures = 2
    case position = 3
    case stack = 4
    case fetch = 5
    case store = 6
    case read = 7
    case write = 8
    case list = 9
    case start = 10
    case stop = 11
    case end = 12
    case remove = 13
    case invite = 14
    case bank = 15
    case meter = 16
    case keeper = 17
    case grow = 18
    case map = 19
    case unmap = 20
    case begin = 21
    case console = 22

    /// What its key has to have.
    package var right: ProcessRights {
        switch self {
        case .weaken: []
        case .figures, .position, .stack, .fetch, .read, .list: .look
        case .store, .write, .grow, .map, .unmap, .console: .change
        case .start, .stop, .end, .remove, .begin: .run
        case .invite: .invite
        case .bank, .meter, .keeper: .govern
        }
    }

    /// Whether it is about nothing but the memory, so that the right to that is enough.
    package var isOfMemory: Bool {
        switch self {
        case .read, .write, .list, .grow, .map, .unmap: true
        case .weaken, .figures, .position, .stack, .fetch, .store, .start, .stop, .end, .remove, .invite, .bank, .meter,
            .keeper, .begin, .console:
            false
        }
    }

    /// Whether a key with these rights may ask it.
    func isAllowed(by rights: ProcessRights) -> Bool {
        rights.isSuperset(of: right) || isOfMemory && rights.contains(.memory)
    }

    /// Whether a process cannot ask it of itself, in the middle of asking.
    package var isOfOthers: Bool {
        switch self {
        case .position, .stack, .write, .stop, .end, .bank, .grow, .begin: true
        case .weaken, .figures, .fetch, .store, .read, .list, .start, .remove, .invite, .meter, .keeper, .map,
            .unmap, .console:
            false
        }
    }

    /// Whether it takes time with what the process has.
    var isByPages: Bool {
        switch self {
        case .position, .stack, .end, .remove, .bank, .begin: true
        case .weaken, .figures, .fetch, .store, .read, .write, .list, .start, .stop, .invite, .meter, .keeper, .grow,
            .map, .unmap, .console:
            false
        }
    }
}

extension Kernel {
    /// Bytes of memory, or 8 times the slots, that an order gives at a time.
    private static var bytesAtATime: UInt64 { 4096 }

    func serveProcess(_ key: Key, _ message: Message, by invoker: CellID) throws -> Message {
        guard let order = ProcessOrder(rawValue: message.order) else { return Message(.order) }
        guard order.isAllowed(by: key.processRights) else { return Message(.right) }
        guard let process = try objects.processCell(id: key.id) else { return Message(.void) }
        if process == invoker, order.isOfOthers { return Message(.itself) }
        return try answering {
            switch order {
            case .weaken: return Message(weakening: key, message)
            case .figures: return try figuresReply(process)
            case .position: return try position(of: process)
            case .stack: return try stack(of: process, from: message.words[0], count: message.words[1])
            case .fetch:
                guard message.words[0] < ProcessRecord.registerCount else { return Message(.value) }
                let held = try objects.register(Int(message.words[0]), of: process)
                // Who may not change the process has not what it could change by its keys.
                return Message(.ok, key: key.processRights.contains(.change) ? held : held.weakened)
            case .store: return try store(message, in: process)
            case .read: return try read(message.words, of: process)
            case .write: return try write(message, to: process)
            case .list: return try list(message.words, of: process, by: key.processRights)
            case .start, .stop: return try change(process, isToRun: order == .start)
            case .end:
                guard try state(of: process) != .exited else { return Message(.value) }
                didRemoveProcess(process)
                try end(process, as: .exited, exitCode: Self.killed)
            case .remove:
                let state = try state(of: process)
                guard state == .exited || state == .faulted else { return Message(.value) }
                try remove(process)
            case .invite:
                guard let badge = UInt16(exactly: message.words[0]) else { return Message(.value) }
                return Message(.ok, key: .start(key.id, badge: badge))
            case .bank:
                let bank = message.keys[0]
                guard bank.bankRights.contains(.allocate) else { return Message(.key) }
                _ = try move(process, toBank: CellID(rawValue: bank.id))
            case .meter:
                let meter = message.keys[0]
                guard meter.meterRights.contains(.run) else { return Message(.key) }
                guard try state(of: process) != .exited else { return Message(.value) }
                try move(process, toMeter: CellID(rawValue: meter.id))
            case .keeper: return try setKeeper(message, of: process, rights: key.rights)
            case .grow: return try grow(message.words, of: process)
            case .map: return try map(message, in: process)
            case .unmap: return try unmap(message.words, in: process)
            case .begin: try beginAnew(process)
            case .console:
                let streams: [Device] = [.consoleInput, .consoleOutput, .consoleError]
                guard message.words[0] < streams.count else { return Message(.value) }
                return Message(.ok, key: .device(streams[Int(message.words[0])], of: key.id))
            }
            return Message(.ok)
        }
    }

    // MARK: Looking

    private func figuresReply(_ process: CellID) throws -> Message {
        let record = try objects.cell(process)
        let state =
            UInt64(record.load(ProcessRecord.state)) | UInt64(record.load(ProcessRecord.waitsFor)) << 8
            | UInt64(record.load(ProcessRecord.trap)) << 16
        var reply = Message(.ok, record.load(ProcessRecord.id), state, record.load(ProcessRecord.gasUsed))
        let figures = [
            record.load(ProcessRecord.pages), UInt64(bitPattern: Int64(record.load(ProcessRecord.exitCode))),
            UInt64(record.load(ProcessRecord.instanceCount)), record.load(ProcessRecord.bank),
        ]
        for figure in figures { reply.append(figure) }
        return reply
    }

    private func position(of process: CellID) throws -> Message {
        try save(process)
        let record = try objects.cell(process)
        guard record.isInFunction else { return Message(.value) }
        return Message(
            .ok, UInt64(record.load(ProcessRecord.function)), UInt64(record.load(ProcessRecord.offset)),
            UInt64(record.load(ProcessRecord.instance)))
    }

    private func stack(of process: CellID, from first: UInt64, count: UInt64) throws -> Message {
        try save(process)
        let slots = UInt64(try objects.get(process, ProcessRecord.liveSlots))
        guard first <= slots, count <= slots - first, count <= Self.bytesAtATime / 8 else { return Message(.value) }
        var reply = Message(.ok, slots)
        reply.bytes = try objects.bytes(of: Space(.stack, of: process), at: 8 * first, count: Int(8 * count))
        return reply
    }

    private func read(_ words: InlineArray<3, UInt64>, of process: CellID) throws -> Message {
        guard words[2] <= Self.bytesAtATime, let memory = try memory(words[0], of: process) else {
            return Message(.value)
        }
        guard let address = UInt32(exactly: words[1]),
            let bytes = try read(memory, at: address, count: Int(words[2]))
        else { return Message(.address) }
        var reply = Message(.ok)
        reply.bytes = bytes
        return reply
    }

    /// The memory of an instance by its number in a message; nil where there is none.
    private func memory(_ instance: UInt64, of process: CellID) throws -> ProcessMemory? {
        guard let number = UInt16(exactly: instance) else { return nil }
        return try memory(of: process, instance: number)
    }

    private func list(
        _ words: InlineArray<3, UInt64>, of process: CellID, by rights: ProcessRights
    ) throws -> Message {
        guard words[0] != 1 || rights.contains(.look) else { return Message(.right) }
        guard let memory = try memory(words[1], of: process) else { return Message(.value) }
        let module = try objects.link(memory.instance, InstanceRecord.module)
        let bytes: UInt64
        let space: Space
        switch words[0] {
        case 1: (bytes, space) = (try objects.get(module, ModuleRecord.byteCount), Space(.binary, of: module))
        case 2: (bytes, space) = (memory.bytes, Space(.memory, of: memory.instance))
        default: return Message(.value)
        }
        guard words[2] < (bytes + 4095) / 4096 else { return Message(.value) }
        let isWritable = words[0] == 2 && ProcessOrder.write.isAllowed(by: rights)
        if words[0] == 2 {
            switch try objects.mapping(of: memory.instance, page: words[2]) {
            case .own: break
            case .hole: return Message(.ok)
            case .page(let key):
                let found = try objects.isVoid(key) ? .void : key
                return Message(.ok, key: isWritable ? found : found.weakened)
            }
        }
        guard let page = try objects.page(words[2], of: space) else { return Message(.ok) }
        return Message(.ok, key: .page(page, rights: isWritable ? .all : .read))
    }

    // MARK: Changing

    private func store(_ message: Message, in process: CellID) throws -> Message {
        guard message.words[0] < ProcessRecord.registerCount, try state(of: process) != .exited else {
            return Message(.value)
        }
        try setRegister(Int(message.words[0]), of: process, to: message.keys[0])
        return Message(.ok)
    }

    private func write(_ message: Message, to process: CellID) throws -> Message {
        guard let memory = try memory(message.words[0], of: process), try state(of: process) != .exited else {
            return Message(.value)
        }
        guard let address = UInt32(exactly: message.words[1]),
            try couldBeWritten(memory, at: address, count: message.bytes.count)
        else { return Message(.address) }
        guard !message.bytes.isEmpty else { return Message(.ok) }
        if try !isWritable(memory, at: address, count: message.bytes.count) {
            // Its page tables say of a page that it is the image's.
            try letGo(process)
            try buy(memory, at: address, count: message.bytes.count, bank: objects.link(process, ProcessRecord.bank))
        }
        try message.bytes.withUnsafeBytes { try write($0, to: memory, at: address) }
        return Message(.ok)
    }

    /// Word 0: 0 the keeper of the process, else one more than the instance whose memory it is the keeper of.
    private func setKeeper(_ message: Message, of process: CellID, rights: UInt8) throws -> Message {
        guard message.words[0] > 0 else {
            return try name(keeper: message.keys[0], .process, of: process, rights: rights)
        }
        guard let memory = try memory(message.words[0] - 1, of: process), try maximumUnits(of: memory) > 0 else {
            return Message(.value)
        }
        return try name(keeper: message.keys[0], .memory, of: memory.instance, rights: rights)
    }

    /// Units of 65,536 bytes that a memory may have; 0 where its instance defines none.
    private func maximumUnits(of memory: ProcessMemory) throws -> UInt64 {
        UInt64(try objects.get(memory.instance, InstanceRecord.memoryMaximum))
    }

    /// As `memory.grow` of its own: nothing is bought.
    private func grow(_ words: InlineArray<3, UInt64>, of process: CellID) throws -> Message {
        guard let number = UInt16(exactly: words[0]), let memory = try memory(of: process, instance: number),
            try state(of: process) != .exited
        else { return Message(.value) }
        let units = memory.bytes >> 16
        let maximum = try maximumUnits(of: memory)
        guard maximum > 0, words[1] <= maximum &- units else { return Message(.value) }
        if words[1] == 0 { return Message(.ok, units) }
        let available = try objects.availablePages(objects.link(process, ProcessRecord.bank)) ?? .max
        guard words[1] << 4 <= available else { return Message(.space) }
        let bytes = (units + words[1]) << 16
        try objects.set(memory.instance, InstanceRecord.memoryBytes, bytes)
        didGrow(process, number, bytes)
        return Message(.ok, units)
    }

    private func map(_ message: Message, in process: CellID) throws -> Message {
        let key = message.keys[0]
        guard let number = UInt16(exactly: message.words[0]), try state(of: process) != .exited,
            try memory(of: process, instance: number) != nil
        else { return Message(.value) }
        let (page, isHole) = (message.words[1], message.words[2])
        guard isHole <= 1 else { return Message(.value) }
        guard page < 1 << 20 else { return Message(.address) }
        return Message(try map(isHole == 1 ? nil : key, at: page << 12, of: process, instance: number))
    }

    private func unmap(_ words: InlineArray<3, UInt64>, in process: CellID) throws -> Message {
        guard let number = UInt16(exactly: words[0]), try memory(of: process, instance: number) != nil else {
            return Message(.value)
        }
        guard words[1] < 1 << 20, let key = try unmap(words[1] << 12, of: process, instance: number) else {
            return Message(.address)
        }
        return Message(.ok, key: key)
    }

    private func change(_ process: CellID, isToRun: Bool) throws -> Message {
        switch try state(of: process) {
        case .stopped:
            if isToRun { try setState(of: process, to: .ready) }
        case .exited, .faulted: return Message(.value)
        case .ready, .waiting, .frozenGas, .frozenSpace:
            if isToRun { return Message(.value) }
            try setState(of: process, to: .stopped)
        }
        return Message(.ok)
    }
}

extension UnsafeRawPointer {
    /// Of a process's record: whether it stands in a function.
    fileprivate var isInFunction: Bool {
        // `specs/computation.md`, "Phases".
        switch load(ProcessRecord.phase) {
        case 1, 2, 5: true
        default: false
        }
    }
}
