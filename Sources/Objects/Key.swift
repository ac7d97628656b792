// Keys: the only authority there is. 16 bytes wherever they are kept (`specs/objects.md`, "Key").

import Store

/// What a key designates. Raw values are the format's.
package enum KeyKind: UInt8, Sendable {
    case void = 0
    case number = 1
    case page = 2
    case node = 3
    case process = 4
    case start = 5
    case resume = 6
    case bank = 7
    case meter = 8
    case device = 9
    case discrim = 10
    case checkpoint = 11
    case sealer = 12
    case unsealer = 13
    case forwarder = 14
}

/// The devices, by the number in their key.
package enum Device: UInt64, Sendable, CaseIterable {
    case consoleInput = 1
    case consoleOutput = 2
    case consoleError = 3
    case clock = 4
    case entropy = 5
    case timer = 6

    /// Whether it is a process's own.
    package var isConsole: Bool {
        switch self {
        case .consoleInput, .consoleOutput, .consoleError: true
        case .clock, .entropy, .timer: false
        }
    }
}

package struct Key: Hashable, Sendable {
    package static let bytes = 16

    package var kind: KeyKind
    package var rights: UInt8
    package var badge: UInt16
    package var generation: UInt32
    package var id: UInt64

    package init(_ kind: KeyKind, rights: UInt8 = 0, badge: UInt16 = 0, generation: UInt32 = 0, id: UInt64 = 0) {
        self.kind = kind
        self.rights = rights
        self.badge = badge
        self.generation = generation
        self.id = id
    }

    package static let void = Key(.void)

    /// `process`: the id of the one whose console it is.
    package static func device(_ device: Device, of process: UInt64 = 0) -> Key {
        Key(.device, id: device.rawValue | process << 8)
    }

    /// Of a device key which it is; nil where there is none such.
    package var device: Device? { kind == .device ? Device(rawValue: id & 0xFF) : nil }
    /// Of a console's key the id of its process; 0 of others.
    package var deviceProcess: UInt64 { id >> 8 }

    /// To invoke the process of this id.
    package static func start(_ process: UInt64, badge: UInt16 = 0) -> Key { Key(.start, badge: badge, id: process) }

    /// The highest number that a call has; behind it they begin anew.
    package static let lastCall: UInt64 = 1 << 48 - 1

    /// To answer the call of this number of the process of this id.
    package static func resume(_ process: UInt64, call: UInt64) -> Key {
        Key(
            .resume, badge: UInt16(truncatingIfNeeded: call >> 32), generation: UInt32(truncatingIfNeeded: call),
            id: process)
    }

    /// Of a resume key the number of the call that it answers.
    package var call: UInt64 { UInt64(badge) << 32 | UInt64(generation) }
}

extension UnsafeRawPointer {
    /// The key at this place; void where its kind is none that there is.
    package func loadKey(at offset: Int) -> Key {
        guard let kind = KeyKind(rawValue: load(fromByteOffset: offset, as: UInt8.self)) else { return .void }
        return Key(
            kind, rights: load(fromByteOffset: offset + 1, as: UInt8.self), badge: load(Field<UInt16>(offset + 2)),
            generation: load(Field<UInt32>(offset + 4)), id: load(Field<UInt64>(offset + 8)))
    }
}

extension UnsafeMutableRawPointer {
    /// Of a process's record: what a register holds.
    package func register(_ number: UInt8) -> Key {
        UnsafeRawPointer(self).loadKey(at: ProcessRecord.registers + Key.bytes * Int(number))
    }

    package func setRegister(_ number: UInt8, to key: Key) {
        store(key, at: ProcessRecord.registers + Key.bytes * Int(number))
    }

    package func store(_ key: Key, at offset: Int) {
        storeBytes(of: key.kind.rawValue, toByteOffset: offset, as: UInt8.self)
        storeBytes(of: key.rights, toByteOffset: offset + 1, as: UInt8.self)
        store(key.badge, Field<UInt16>(offset + 2))
        store(key.generation, Field<UInt32>(offset + 4))
        store(key.id, Field<UInt64>(offset + 8))
    }
}

extension Objects {
    /// What register `index` (0 to 31) of a process holds, void if what it designates is gone.
    package func register(_ index: Int, of process: CellID) throws(ObjectsError) -> Key {
        let key = try cell(process).loadKey(at: ProcessRecord.registers + Key.bytes * index)
        return try isVoid(key) ? .void : key
    }

    package func setRegister(_ index: Int, of process: CellID, to key: Key) throws(ObjectsError) {
        try mutableCell(process).store(key, at: ProcessRecord.registers + Key.bytes * index)
    }

    /// What slot `index` of a node, or a forwarder's only one, holds, likewise.
    package func slot(_ index: Int, of holder: CellID) throws(ObjectsError) -> Key {
        let key = try cell(holder).loadKey(at: NodeRecord.keys + Key.bytes * index)
        return try isVoid(key) ? .void : key
    }

    /// Whether a key designates nothing any more: its cell has another generation, its page was sold, or its bank is going.
    package func isVoid(_ key: Key) throws(ObjectsError) -> Bool {
        switch key.kind {
        case .void: return true
        case .number, .discrim, .checkpoint: return false
        case .device:
            guard key.deviceProcess != 0 else { return false }
            return try presentProcess(id: key.deviceProcess) == nil
        case .page:
            let page = PageID(rawValue: key.id)
            guard try isPresent(page, .data, .space) else { return true }
            return try isGoing(bank: CellID(rawValue: record(of: StripID(holding: page)).load(StripRecord.bank)))
        case .process: return try presentProcess(id: key.id) == nil
        case .start: return try server(by: key) == nil
        case .resume: return try caller(by: key) == nil
        case .node, .bank, .meter, .sealer, .unsealer, .forwarder:
            let id = CellID(rawValue: key.id)
            guard !id.isNone, try isPresent(id.pot, .pots) else { return true }
            let record = try cell(id)
            guard record.load(CellHeader.kind) != 0, record.load(CellHeader.generation) == key.generation else {
                return true
            }
            if key.kind == .bank, record.load(BankRecord.flags) & BankRecord.isGoing != 0 { return true }
            if key.kind == .meter { return try isGoing(meter: id) }
            return try isGoing(bank: key.kind == .bank ? id : CellID(rawValue: read(id.pot).load(Pot.bank)))
        }
    }

    /// Whether a page is allocated, and for one of these uses.
    private func isPresent(
        _ page: PageID, _ use: StripUse, _ other: StripUse? = nil
    ) throws(ObjectsError) -> Bool {
        guard try isAllocated(page) else { return false }
        let found = try record(of: StripID(holding: page)).load(StripRecord.use)
        return found == use.rawValue || found == other?.rawValue
    }

    /// Whether a meter goes with the bank that paid for it, or with one above it. O(depth) while banks are going.
    package func isGoing(meter: CellID) throws(ObjectsError) -> Bool {
        guard try world(WorldPage.goingFirst) != 0 else { return false }
        var each = meter
        while !each.isNone {
            if try isCutOff(payer(of: each)) { return true }
            each = try link(each, MeterRecord.parent)
        }
        return false
    }

    /// Whether a bank was destroyed, or one above it.
    package func isGoing(bank: CellID) throws(ObjectsError) -> Bool {
        guard try world(WorldPage.goingFirst) != 0 else { return false }
        return try isCutOff(bank)
    }

    /// The process that a start key leads to; nil where the key is void.
    package func server(by key: Key) throws(ObjectsError) -> CellID? {
        guard let process = try presentProcess(id: key.id) else { return nil }
        return try get(process, ProcessRecord.state) == RunState.exited.rawValue ? nil : process
    }

    /// The process that waits for the reply which a resume key gives; nil where the key is void.
    package func caller(by key: Key) throws(ObjectsError) -> CellID? {
        guard let process = try presentProcess(id: key.id) else { return nil }
        let record = try cell(process)
        let phase = InvocationPhase(rawValue: record.load(ProcessRecord.invocationPhase))
        return phase?.isAnswered == true && record.call == key.call ? process : nil
    }

    /// The process of this id, unless its bank was destroyed.
    private func presentProcess(id: UInt64) throws(ObjectsError) -> CellID? {
        guard let process = try processCell(id: id) else { return nil }
        return try isGoing(bank: link(process, ProcessRecord.bank)) ? nil : process
    }

    /// The cells of processes with these ids, which one page of the process table holds, in order.
    package func processCells(ids: Range<UInt64>) throws(ObjectsError) -> [CellID] {
        guard let first = ids.first, try hasEntry(first, of: .processTable) else { return [] }
        let page = try read(KernelTable.processTable.page(ofEntry: first))
        return ids.map { CellID(rawValue: page.load(Field<UInt64>(8 * Int($0 % 512)))) }.filter { !$0.isNone }
    }

    /// The cell of the process with this id, by the process table; nil where there is none.
    package func processCell(id: UInt64) throws(ObjectsError) -> CellID? {
        guard id > 0, try id < world(WorldPage.nextProcess), try hasEntry(id, of: .processTable) else { return nil }
        let place = Field<UInt64>(8 * Int(id % KernelTable.processTable.perPage))
        let cell = CellID(rawValue: try read(KernelTable.processTable.page(ofEntry: id)).load(place))
        return cell.isNone ? nil : cell
    }
}
