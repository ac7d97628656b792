// Finding the instruction behind a kept checkpoint at which something holds first (specs/checkpoints.md, Reading the past).

import Objects
import Store

extension World {
    /// Gas between two looks at first.
    private static let stride: UInt64 = 1 << 14

    /// Finds it, here and now.
    func moment(asOf reference: String, until text: String) throws -> MomentAnswer {
        let item = try find(reference, in: try keptCheckpoints())
        let place = PastPlace(epoch: item.epoch, steps: 0, policies: policies)
        waitForSession()
        return try Self.moment(place, until: PastCondition(text), of: store, at: directory, stop: nil)
    }

    /// Has it found by the thread of the past.
    func askMoment(
        asOf reference: String, until text: String, _ stop: StopFlag,
        _ reply: @escaping @Sendable (Result<Answer, WorldError>) -> Void
    ) {
        do throws(WorldError) {
            _ = try PastCondition(text)
        } catch {
            return reply(.failure(error))
        }
        askPlace(reference, steps: 0, replays: true, stop, reply) { [store, directory] place in
            .moment(try Self.moment(place, until: PastCondition(text), of: store, at: directory, stop: stop))
        }
    }

    private static func moment(
        _ place: PastPlace, until condition: PastCondition, of store: Store, at directory: String, stop: StopFlag?
    ) throws -> MomentAnswer {
        func look(every stride: UInt64, behind known: UInt64?) throws -> MomentAnswer {
            try withPast(place, of: store, at: directory, stop: stop) { world in
                try PastUnreadable.telling {
                    try world.firstLook(every: stride, behind: known, until: condition, place.running)
                }
            }
        }
        let near = try look(every: stride, behind: nil)
        if near.steps == 0 { return near }
        // From the last place at which it did not hold.
        return try look(every: 1, behind: near.steps - min(near.steps, stride))
    }

    /// The first of the places, `stride` apart, at which it holds. `known`: so much gas on it does not yet.
    private func firstLook(
        every stride: UInt64, behind known: UInt64?, until condition: PastCondition, _ running: WorldPosition?
    ) throws -> MomentAnswer {
        var condition = condition
        let begin = try objects.world(WorldPage.gasClock)
        if known == nil, try condition.holds(in: self) { return MomentAnswer(steps: 0, gasClock: begin) }
        guard let replay = try beginWalk() else { throw never(begin, condition) }
        defer { journal.phase = .absent }
        let first = begin + (known ?? 0)
        var target = first
        var end = try walk(replay, to: target, running)
        while true {
            if target > first, try condition.holds(in: self) {
                return MomentAnswer(steps: end - begin, gasClock: end)
            }
            // Turns that take no gas are of this place. One that does is of the next, or of what nobody knows.
            while try turnBeforeMore(replay, running) != nil, try runSlice(gasBound: 1),
                try objects.world(WorldPage.gasClock) == end
            {
                if target > first, try condition.holds(in: self) {
                    return MomentAnswer(steps: end - begin, gasClock: end)
                }
                try takeIn(replay, to: end)
            }
            guard end == target else { throw never(end, condition) }
            target += stride
            end = try walk(replay, to: target, running)
        }
    }

    private func never(_ end: UInt64, _ condition: PastCondition) -> WorldError {
        let process = condition.wasThere ? "" : "; there was no process '\(condition.process)'"
        return WorldError(
            .noSuchThing, what: "it does not come about",
            why: "up to gas clock \(end), as far as the journal is kept\(process)",
            try: "keyvm checkpoint ls -w \(quotedForShell(directory))")
    }
}
