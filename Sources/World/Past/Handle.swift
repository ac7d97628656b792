// A handle: the name of a process that holds outside of the world, through rollbacks, restored worlds and forks (specs/checkpoints.md,
// Handles).
//
// HANDLE-1  What a handle leads to is the process that it was given for.

import Kernel
import Objects
import Store

struct Handle: Hashable {
    var world: WorldID
    /// On which branch it was given, and in which epoch: the number that the next publication had then, or an earlier one's.
    var branch: UInt64
    var epoch: Epoch
    var process: UInt64

    static let mark = "h:"

    /// `h:WORLD:BRANCH:EPOCH:ID`, the first two in hexadecimal, the others in decimal.
    var text: String {
        Self.mark + [world.text, String(branch, radix: 16), "\(epoch.rawValue)", "\(process)"].joined(separator: ":")
    }

    init(world: WorldID, branch: UInt64, epoch: Epoch, process: UInt64) {
        (self.world, self.branch, self.epoch, self.process) = (world, branch, epoch, process)
    }

    /// nil where the text is none.
    init?(_ text: some StringProtocol) {
        guard text.hasPrefix(Self.mark) else { return nil }
        let parts = text.dropFirst(Self.mark.count).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].utf8.count == 32, let high = UInt64(parts[0].prefix(16), radix: 16),
            let low = UInt64(parts[0].suffix(16), radix: 16), let branch = UInt64(parts[1], radix: 16),
            let epoch = UInt64(parts[2]), let process = UInt64(parts[3])
        else { return nil }
        self.init(
            world: WorldID(low: low, high: high), branch: branch, epoch: Epoch(rawValue: epoch), process: process)
    }
}

extension WorldHistory {
    /// How what was on a branch in an epoch stands to the world as it is.
    enum Standing: Equatable {
        case isOfIt
        /// The world went back, or was restored, to a state before it.
        case wasLeft(for: Epoch)
        case unknown
    }

    func standing(of branch: UInt64, _ epoch: Epoch) -> Standing {
        // From the newest branch to that one: what came after the state that a branch began with is not on the line of those behind it.
        var limit: Epoch?
        for item in branches.reversed() {
            if let limit, item.first > limit { continue }
            if item.id == branch { return limit.map { epoch <= $0 ? .isOfIt : .wasLeft(for: $0) } ?? .isOfIt }
            limit = item.from
        }
        // It is one that was gone back behind as a whole.
        if branches.contains(where: { $0.id == branch }) { return .wasLeft(for: limit ?? epoch) }
        // Before all of them it was on the branch that it was made on, unless that is too long ago.
        guard branch == 0, branches.count < Self.branchBound else { return .unknown }
        return limit.map { epoch <= $0 ? .isOfIt : .wasLeft(for: $0) } ?? .isOfIt
    }
}

extension World {
    /// What a process is called outside of the world, from now on.
    func handle(of process: CellID) throws -> String {
        Handle(
            world: store.worldID, branch: cycle.history.branch, epoch: Epoch(rawValue: objects.epoch),
            process: try objects.get(process, ProcessRecord.id)
        ).text
    }

    /// The process that is meant by a name, an id, a unique prefix of either, or a handle. Throws `KernelError`, and a `WorldError` for a
    /// handle that does not hold here.
    func process(_ text: String) throws -> CellID {
        guard text.hasPrefix(Handle.mark) else { return try kernel.process(text) }
        func refuse(_ what: String, _ why: String) -> WorldError {
            WorldError(.noSuchThing, what: what, why: why, try: "keyvm ps -w \(quotedForShell(directory))")
        }
        guard let handle = Handle(text) else {
            throw WorldError(
                .usage, what: "'\(text)' is no handle", why: "one is h:WORLD:BRANCH:EPOCH:ID, as 'inspect' shows it",
                try: "keyvm inspect -w \(quotedForShell(directory)) PROC")
        }
        guard handle.world == store.worldID else {
            throw refuse(
                "the handle is of another world", "it is of \(handle.world.text), and this is \(store.worldID.text)")
        }
        let branch = String(handle.branch, radix: 16)
        switch cycle.history.standing(of: handle.branch, handle.epoch) {
        case .isOfIt: break
        case .wasLeft(let checkpoint):
            throw refuse(
                "the handle is of a branch that was rolled back",
                "it was given in epoch \(handle.epoch.rawValue) of branch \(branch), and this world goes on from checkpoint "
                    + "\(checkpoint.rawValue)")
        case .unknown:
            throw refuse(
                "the handle is of no branch of this world",
                "branch \(branch) is none of its last \(WorldHistory.branchBound); a copy of the world may be on it")
        }
        return try kernel.process("id:\(handle.process)")
    }
}
