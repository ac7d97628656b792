// Who holds a key to something (`specs/command-line.md`, "Who holds what").

import Kernel
import Objects

extension World {
    /// O(keys of the world).
    func holders(of text: String, limit: Int) throws -> HoldersAnswer {
        struct Place: Hashable {
            let holder: CellID
            let place: KeyPlace
        }
        let object = try object(named: text)
        var rows: [HolderAnswer] = []
        var known: [Place: Int?] = [:]
        var walk = KeyWalk(self)
        try walk.forEachKey { walked in
            guard try leads(walked.key, to: object) else { return }
            let place = Place(holder: walked.holder, place: walked.place)
            if let row = known[place] {
                // The second time it is come to with all that is there.
                if let row { rows[row] = try answer(walked) }
                return
            }
            known[place] = .some(rows.count < limit ? rows.count : nil)
            if rows.count < limit { rows.append(try answer(walked)) }
        }
        return HoldersAnswer(items: rows, omitted: known.count - rows.count)
    }

    /// A process is led to by the keys to its console too.
    private func leads(_ key: Key, to object: KeyObject) throws -> Bool {
        if case .cell(let cell) = object, key.kind == .device, key.deviceProcess != 0 {
            return try objects.processCell(id: key.deviceProcess) == cell
        }
        return try self.object(ofKey: key) == object
    }

    private func answer(_ walked: WalkedKey) throws -> HolderAnswer {
        let isProcess = try objects.kind(of: walked.holder) == .process
        return HolderAnswer(
            holder: try text(ofHolder: walked.holder), place: walked.place.text, kind: "\(walked.key.kind)",
            key: try text(of: walked.key, holder: isProcess ? walked.holder : nil),
            rights: Key.rights(of: walked.key.kind).filter { walked.key.rights & $0.bit != 0 }.map(\.name),
            path: try walked.path().map {
                KeyStepAnswer(holder: try text(ofHolder: $0.holder), place: $0.place.text)
            })
    }
}
