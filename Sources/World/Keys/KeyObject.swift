// What keys lead to, and the words for it.

import Kernel
import Objects
import Store

/// What a key leads to, whatever it lets its holder do there.
enum KeyObject: Hashable {
    case cell(CellID)
    case page(UInt64)
    /// `process`: whose console it is, 0 of others.
    case device(Device, process: UInt64)
    case discrim
    case checkpoint
}

extension World {
    /// nil of numbers, and where it is void.
    func object(ofKey key: Key) throws -> KeyObject? {
        switch key.kind {
        case .void, .number: nil
        case .page: .page(key.id)
        case .process, .start, .resume: try objects.processCell(id: key.id).map { .cell($0) }
        case .node, .bank, .meter, .forwarder, .sealer, .unsealer: .cell(CellID(rawValue: key.id))
        case .device: key.device.map { .device($0, process: key.deviceProcess) }
        case .discrim: .discrim
        case .checkpoint: .checkpoint
        }
    }

    /// What a text names: a process, or as in keys' texts `bank:PATH`, `node:12/3`, `page:513`.
    func object(named text: String) throws -> KeyObject {
        // Rights, as they stand behind a key's text, do not tell one object from another.
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard let rest = parts.dropFirst().first else {
            return text == "discrim" ? .discrim : text == "checkpoint" ? .checkpoint : .cell(try process(text))
        }
        switch parts[0] {
        case "process", "start", "resume":
            // Ids and handles have colons of their own. A badge leads nowhere else.
            let isName = rest != "id" && rest != "h"
            let whole = isName ? rest[...] : text.dropFirst(parts[0].count + 1)
            return .cell(try process(String(parts[0] == "start" ? whole.prefix { $0 != "/" } : whole)))
        case "bank": return .cell(try kernel.bank(at: rest))
        case "meter": return .cell(try kernel.meter(at: rest))
        case "checkpoint": return .checkpoint
        case "device":
            let words = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let device = Device.allCases.first(where: { $0.word == words[0] }),
                device.isConsole == (words.count == 2)
            else { break }
            let process = try words.count == 2 ? objects.get(process(words[1]), ProcessRecord.id) : 0
            return .device(device, process: process)
        case "page":
            guard let number = UInt64(rest), number < 1 << Region.numberBits else { break }
            let page = PageID(number: number)
            guard try objects.isAllocated(page) else { throw noObject(text) }
            return .page(page.rawValue)
        case "node", "forwarder":
            let numbers = rest.split(separator: "/", omittingEmptySubsequences: false).map { UInt64($0) }
            guard numbers.count == 2, let pot = numbers[0], let slot = numbers[1], pot < 1 << Region.numberBits else {
                break
            }
            return .cell(try cell(pot: PageID(number: pot), slot: slot, parts[0], text))
        default: return .cell(try process(text))
        }
        throw WorldError(
            .usage, what: "'\(text)' is no object",
            why:
                "an object is a process, or bank:PATH, meter:PATH, page:N, node:POT/SLOT, forwarder:POT/SLOT, device:NAME, device:NAME/PROC, discrim or checkpoint",
            try: "keyvm key holders --help")
    }

    private func cell(pot: PageID, slot: UInt64, _ kind: String, _ text: String) throws -> CellID {
        guard try objects.isAllocated(pot),
            try objects.record(of: StripID(holding: pot)).load(StripRecord.use)
                == StripUse.pots.rawValue
        else { throw noObject(text) }
        let cellClass = CellClass(rawValue: try objects.read(pot).load(Pot.cellClass))
        guard let cellClass, slot < UInt64(cellClass.perPot) else { throw noObject(text) }
        let cell = CellID(pot: pot, slot: Int(slot))
        guard let found = try objects.kind(of: cell), "\(found)" == kind else { throw noObject(text) }
        return cell
    }

    private func noObject(_ text: String) -> WorldError {
        WorldError(
            .noSuchThing, what: "there is no \(text)", why: "nothing is sold under this number",
            try: "keyvm graph -w \(quotedForShell(directory))")
    }

    /// What a holder of keys is called.
    func text(ofHolder cell: CellID) throws -> String {
        switch try objects.kind(of: cell) {
        case .process: try objects.name(cell, ProcessRecord.name)
        case .bank: "bank:\(try kernel.path(ofBank: cell))"
        case .meter: "meter:\(try kernel.path(ofMeter: cell))"
        case .forwarder: "forwarder:\(cell.pot.number)/\(cell.slot)"
        case .node, .module, .instance, nil: "node:\(cell.pot.number)/\(cell.slot)"
        }
    }
}

extension KeyPlace {
    /// `register 6`, `slot 4`.
    var text: String {
        switch self {
        case .register(let number): "register \(number)"
        case .slot(let number): "slot \(number)"
        case .target: "target"
        case .keeper: "keeper"
        case .memoryKeeper(let instance): "memory keeper" + Self.text(ofInstance: instance)
        case .mapped(let page, let instance): "page \(page)" + Self.text(ofInstance: instance)
        }
    }

    private static func text(ofInstance number: Int) -> String { number == 0 ? "" : " of instance \(number)" }
}
