// What a checkpoint does besides making the state durable: what was ordered, and what that means for those that are kept. Refused here,
// before anything is frozen.

import Kernel
import Store

/// What a user says of checkpoints; each is a publication.
enum CheckpointOrder: Sendable, Hashable {
    case create(name: String?)
    /// Only makes what is so durable.
    case settle
    case remove(String)
    case hold(String)
    case release(String)
    /// What is nil stays as it is.
    case retain(count: UInt64?, seconds: UInt64?)

    /// The order that a request is; nil: it is none.
    init?(_ request: Request) {
        switch request {
        case .checkpoint(let name): self = .create(name: name)
        case .removeCheckpoint(let reference): self = .remove(reference)
        case .holdCheckpoint(let reference): self = .hold(reference)
        case .releaseCheckpoint(let reference): self = .release(reference)
        case .retainCheckpoints(let keep, let seconds): self = .retain(count: keep, seconds: seconds)
        default: return nil
        }
    }
}

/// What a publication is to do, and what is answered when it is durable.
struct CheckpointPlan: Sendable {
    enum Reply: Sendable {
        /// The checkpoint that it makes.
        case made
        /// Another one, as it is then.
        case other(Epoch)
        case retention
        case done
    }
    var name: String?
    var keeping: Publication.Keeping
    var retention: Retention
    var reply = Reply.made
}

extension World {
    /// What a checkpoint has to do that is made now, by this order or by itself. Throws a `WorldError` where the order is refused.
    func plan(_ order: CheckpointOrder = .create(name: nil)) throws -> CheckpointPlan {
        let kept = try keptCheckpoints()
        var plan = CheckpointPlan(keeping: .init(), retention: cycle.retention)
        switch order {
        case .create(let name):
            plan.name = name
            if let name, !Kernel.isValid(name: name) { throw KernelError.invalidName(name) }
            if let name, let there = kept.find("@\(name)") {
                throw WorldError(
                    .failed, what: "there is a checkpoint @\(name) already",
                    why: "checkpoint \(there.epoch.rawValue) has the name, and is kept",
                    try: "keyvm checkpoint rm -w \(quotedForShell(directory)) @\(name)")
            }
        case .settle: plan.reply = .done
        case .remove(let reference):
            let item = try find(reference, in: kept)
            if item.isHeld {
                throw WorldError(
                    .noAuthority, what: "checkpoint \(item.title) is held",
                    why: "what is held stays until it is released",
                    try: "keyvm checkpoint release -w \(quotedForShell(directory)) \(item.title)")
            }
            plan.keeping.released = [item.epoch]
            plan.reply = .done
        case .hold(let reference), .release(let reference):
            let item = try find(reference, in: kept)
            let isHeld = if case .hold = order { true } else { false }
            plan.keeping.held = [item.epoch: isHeld]
            plan.reply = .other(item.epoch)
        case .retain(let count, let seconds):
            plan.retention = Retention(
                count: count ?? plan.retention.count, seconds: seconds ?? plan.retention.seconds)
            plan.reply = .retention
        }
        // Regular, where it has no name and is not made only to say something.
        let isCreated = if case .create = order { true } else { false }
        let isRegular = isCreated && plan.name == nil && plan.retention.keepsAny
        plan.keeping.keepsThis = plan.name != nil || isRegular
        var after = kept
        after.apply(plan.keeping, made: nil)
        // What was said something of is there to answer with, and goes with the next one at the earliest.
        plan.keeping.released += after.beyond(
            plan.retention, at: Int64(clamping: time.realtime), more: isRegular ? 1 : 0
        ).filter { plan.keeping.held[$0] == nil }
        return plan
    }

    /// The kept checkpoint that is meant. Throws a `WorldError`, with what the user may have meant.
    func find(_ reference: String, in kept: KeptCheckpoints) throws -> KeptCheckpoints.Item {
        if let item = kept.find(reference) { return item }
        let isListed = try store.checkpoints().contains { record in
            "\(record.epoch.rawValue)" == reference || record.note.name.map { "@\($0)" } == reference
        }
        throw WorldError(
            .noSuchThing, what: isListed ? "checkpoint \(reference) is not kept" : "no checkpoint \(reference)",
            why: isListed
                ? "it is listed, and its state is not there any more"
                : kept.items.isEmpty
                    ? "none is kept: those with a name are, and as many others as the retention says"
                    : "kept are \(Self.titles(kept))",
            try: "keyvm checkpoint ls -w \(quotedForShell(directory))")
    }

    /// Some of them, the newest first.
    private static func titles(_ kept: KeptCheckpoints) -> String {
        let shown = kept.items.suffix(5).reversed().map(\.title).joined(separator: ", ")
        return kept.items.count > 5 ? "\(shown) and \(kept.items.count - 5) others" : shown
    }

    /// Those that are kept as of the last publication; read from the store when they are needed first.
    func keptCheckpoints() throws -> KeptCheckpoints {
        if let kept = cycle.kept { return kept }
        let kept = KeptCheckpoints(try store.checkpoints())
        cycle.kept = kept
        return kept
    }
}
