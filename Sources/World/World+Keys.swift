// Keys that an administrator gives to processes, and takes from them; and their texts (`specs/command-line.md`, "Keys").

import Kernel
import Objects
import Store

extension World {
    /// Puts the key of a text into a register. Throws a `WorldError` where there is no such register, or the text is no key's.
    func grant(_ text: String, to process: CellID, register: UInt64) throws -> Answer {
        try checkIsNotOver(process)
        try kernel.setRegister(
            try checkedRegister(register), of: process,
            to: try key(text, forProcess: try objects.get(process, ProcessRecord.id)))
        return .done
    }

    /// Nothing is in the register any more. What else holds the key holds it still.
    func revoke(register: UInt64, of process: CellID) throws -> Answer {
        try kernel.setRegister(try checkedRegister(register), of: process, to: .void)
        return .done
    }

    func checkedRegister(_ number: UInt64) throws(WorldError) -> Int {
        guard number < ProcessRecord.registerCount else {
            throw WorldError(
                .usage, what: "there is no register \(number)",
                why: "a process has \(ProcessRecord.registerCount), from 0 to \(ProcessRecord.registerCount - 1)",
                try: "keyvm key ls -w \(quotedForShell(directory)) PROC")
        }
        return Int(number)
    }

    /// The key that a text says, for the process of this id, which may be about to be made.
    func key(_ text: String, forProcess id: UInt64) throws -> Key {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch (parts.first, parts.dropFirst().first) {
        case ("discrim", nil): return Key(.discrim)
        case ("checkpoint", let rights): return .checkpoint().without(rights: try lostRights(.checkpoint, rights))
        case ("number", let number?):
            guard let value = UInt64(number) else { break }
            return Key(.number, id: value)
        case ("device", let name?):
            let words = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let device = Device.allCases.first(where: { $0.word == words.first }) else { break }
            if !device.isConsole {
                guard words.count == 1 else { break }
                return .device(device)
            }
            return .device(device, of: words.count == 1 ? id : try objects.get(process(words[1]), ProcessRecord.id))
        case ("start", let target?):
            let words = target.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = words.first, let badge = UInt16(words.count == 1 ? "0" : words[1]) else { break }
            return .start(try objects.get(try process(name), ProcessRecord.id), badge: badge)
        case ("process", let target?):
            let (name, lost) = try nameAndRights(target, .process)
            return .process(try objects.get(try process(name), ProcessRecord.id)).without(rights: lost)
        case ("meter", let target?):
            let (path, lost) = try nameAndRights(target, .meter)
            return try kernel.key(toMeter: try kernel.meter(at: path)).without(rights: lost)
        case ("bank", let target?):
            let (path, lost) = try nameAndRights(target, .bank)
            return try kernel.key(toBank: try kernel.bank(at: path)).without(rights: lost)
        default: break
        }
        throw WorldError(
            .usage, what: "'\(text)' is no key",
            why:
                "a key is number:N, discrim, checkpoint, start:PROC, start:PROC/BADGE, process:PROC, meter:PATH, bank:PATH, device:NAME or device:NAME/PROC",
            try: "keyvm key grant --help")
    }

    /// The text of a key: as it can be given, where it can.
    func text(of key: Key, holder: CellID? = nil) throws -> String {
        switch key.kind {
        case .number: return "number:\(key.id)"
        case .device:
            guard let device = key.device else { return "device:\(key.id)" }
            let own = try holder.map { try objects.get($0, ProcessRecord.id) }
            let isOthers = device.isConsole && key.deviceProcess != own
            return "device:\(device.word)" + (isOthers ? "/\(try nameOfProcess(key.deviceProcess))" : "")
        case .start: return "start:\(try nameOfProcess(key.id))" + (key.badge == 0 ? "" : "/\(key.badge)")
        case .resume: return "resume:\(try nameOfProcess(key.id))"
        case .process: return "process:\(try nameOfProcess(key.id))\(Self.rightsText(key))"
        case .bank:
            return "bank:\(try kernel.path(ofBank: CellID(rawValue: key.id)))\(Self.rightsText(key))"
        case .page: return "page:\(PageID(rawValue: key.id).number)\(Self.rightsText(key))"
        case .node, .forwarder:
            let cell = CellID(rawValue: key.id)
            return "\(key.kind):\(cell.pot.number)/\(cell.slot)\(Self.rightsText(key))"
        case .meter:
            return "meter:\(try kernel.path(ofMeter: CellID(rawValue: key.id)))\(Self.rightsText(key))"
        case .checkpoint: return "checkpoint\(Self.rightsText(key))"
        case .void, .discrim, .sealer, .unsealer: return "\(key.kind)"
        }
    }

    /// The rights that a key has, where some are missing: behind a colon, by their names.
    private static func rightsText(_ key: Key) -> String {
        let all = Key.rights(of: key.kind)
        let has = all.filter { key.rights & $0.bit != 0 }
        guard has.count < all.count else { return "" }
        return ":" + (has.isEmpty ? "none" : has.map(word).joined(separator: ","))
    }

    /// What a key leads to, and what it lacks of which rights are said behind a colon.
    private func nameAndRights(_ target: String, _ kind: KeyKind) throws -> (name: String, lost: UInt8) {
        let words = target.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return (words[0], try lostRights(kind, words.dropFirst().first))
    }

    /// What a key lacks of which these rights are said. Not said at all, it lacks none. Throws a `WorldError` where one is none of its kind.
    private func lostRights(_ kind: KeyKind, _ text: String?) throws -> UInt8 {
        var lost: UInt8 = 0
        guard let text else { return lost }
        let named = text == "none" ? [] : text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let all = Key.rights(of: kind)
        if let wrong = named.first(where: { name in !all.contains { Self.word($0) == name } }) {
            throw WorldError(
                .usage,
                what: wrong.isEmpty ? "no right is named behind the ':'" : "'\(wrong)' is no right of a \(kind) key",
                why: "it is none, or some of \(all.map(Self.word).joined(separator: ", ")), between commas",
                try: "keyvm key grant --help")
        }
        for right in all where !named.contains(Self.word(right)) { lost |= right.bit }
        return lost
    }

    /// The rights of a key, by the words of its text.
    static func rights(of key: Key) -> [String] {
        Key.rights(of: key.kind).filter { key.rights & $0.bit != 0 }.map(word)
    }

    private static func word(_ right: KeyRight) -> String { right.name.replacing(" ", with: "-") }

    private func nameOfProcess(_ id: UInt64) throws -> String {
        guard let process = try objects.processCell(id: id) else { return "id:\(id)" }
        return try objects.name(process, ProcessRecord.name)
    }
}

extension Device {
    /// What it is called in the text of its key.
    var word: String { name.replacing(" ", with: "-") }
}
