// Who holds a key to something (`specs/command-line.md`, "Who holds what").

import Kernel
import Objects

extension World {
    /// Rows of one answer at most.
    package static let holdersBound = 50_000
    /// Steps of a way that are told.
    private static let pathBound = 8

    /// O(keys of the world).
    func holders(of text: String, limit: Int) throws -> HoldersAnswer {
        guard limit <= Self.holdersBound else {
            throw WorldError(
                .usage, what: "\(limit) rows are too many", why: "one answer has at most \(Self.holdersBound)",
                try: "keyvm key holders --rows \(Self.holdersBound) \(quotedForShell(text))")
        }
        let object = try object(named: text)
        var rows: [HolderAnswer] = []
        var count = 0
        var names: [CellID: String] = [:]
        func name(_ cell: CellID) throws -> String {
            if let known = names[cell] { return known }
            let name = try self.text(ofHolder: cell)
            names[cell] = name
            return name
        }
        var walk = KeyWalk(self)
        try walk.forEachKey { walked, walk in
            guard try leads(walked.key, to: object, heldBy: walked.step.holder) else { return }
            count += 1
            guard count <= limit else { return }
            let isProcess = try objects.kind(of: walked.step.holder) == .process
            let path = walk.path(to: walked, bound: Self.pathBound)
            rows.append(
                HolderAnswer(
                    holder: try name(walked.step.holder), place: walked.step.place.text, kind: "\(walked.key.kind)",
                    key: try self.text(of: walked.key, holder: isProcess ? walked.step.holder : nil),
                    rights: Self.rights(of: walked.key),
                    path: try path.steps.map { KeyStepAnswer(holder: try name($0.holder), place: $0.place.text) },
                    omittedSteps: path.omitted))
        }
        return HoldersAnswer(items: rows, omitted: count - rows.count)
    }

    /// A process is led to by the keys to its console too which others hold.
    private func leads(_ key: Key, to object: KeyObject, heldBy holder: CellID) throws -> Bool {
        if case .cell(let cell) = object, key.kind == .device, key.deviceProcess != 0 {
            return try holder != cell && objects.processCell(id: key.deviceProcess) == cell
        }
        return try self.object(ofKey: key) == object
    }
}
