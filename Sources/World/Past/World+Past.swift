// Asking a kept checkpoint what a world is asked: a world of its own over the kept state, that is read and let go of.
//
// PAST-3  It has the hash that the world had then.

import Objects
import Store

extension World {
    /// Frames that a past world may have in memory: 64 MiB.
    static let pastFrames = 4096

    /// Opens a world as it was at a kept checkpoint, to look, or `steps` of gas behind it: `checkpoint` is `@` and its name, or its number.
    /// `policies` are those that it ran with. Throws with `.noSuchThing` where that one is not kept, or the journal not so far.
    public static func open(
        at directory: String, asOf checkpoint: String, steps: UInt64 = 0, policies: Policies = Policies()
    ) throws(WorldError) -> World {
        try WorldError.translating(directory) {
            try PastPlace.reached(from: PastPlace(epoch: Epoch(rawValue: 0), steps: steps, policies: policies)) {
                place in
                let store = try Store.open(at: directory, mode: .reader)
                do {
                    let present = try World(
                        directory: directory, access: .reader, store: store, budgetPages: pastFrames)
                    let item = try present.find(checkpoint, in: try present.keptCheckpoints())
                    let past = try store.past(item.epoch)
                    let world: World
                    do {
                        world = try World(
                            directory: directory, access: .reader, store: past, budgetPages: pastFrames,
                            policies: policies, present: present)
                    } catch {
                        past.abandon()
                        throw error
                    }
                    do {
                        try world.goOn(to: place)
                    } catch {
                        world.abandon()
                        throw error
                    }
                    return world
                } catch {
                    _ = Result { try store.close() }
                    throw error
                }
            }
        }
    }

    /// Answers a question about a kept checkpoint, here and now.
    func answer(_ request: Request, asOf reference: String, steps: UInt64) throws -> Answer {
        let item = try find(reference, in: try keptCheckpoints())
        try Self.checkIsReading(request)
        waitForSession()
        return try Self.answer(
            request, PastPlace(epoch: item.epoch, steps: steps, policies: policies), of: store, at: directory)
    }

    /// Has it answered by the thread of the past, while the world runs on.
    func ask(
        _ request: Request, asOf reference: String, steps: UInt64, _ stop: StopFlag,
        _ reply: @escaping @Sendable (Result<Answer, WorldError>) -> Void
    ) {
        do {
            try Self.checkIsReading(request)
        } catch {
            return reply(.failure(WorldError(error, directory: directory)))
        }
        askPlace(reference, steps: steps, replays: steps > 0, stop, reply) { [store, directory] place in
            try Self.answer(request, place, of: store, at: directory, stop: stop)
        }
    }

    /// Has something answered of a place in the past; where it replays, when what came in up to here can be read from the files.
    func askPlace(
        _ reference: String, steps: UInt64, replays: Bool, _ stop: StopFlag,
        _ reply: @escaping @Sendable (Result<Answer, WorldError>) -> Void,
        _ answer: @escaping @Sendable (PastPlace) throws -> Answer
    ) {
        do {
            let item = try find(reference, in: try keptCheckpoints())
            var place = PastPlace(epoch: item.epoch, steps: steps, policies: policies)
            guard replays, let writer = journal.writer, let number = try journal.markPosition() else {
                return askPast(stop, reply) { [place] in try answer(place) }
            }
            place.running = try standing
            writer.whenDurable(number) { [self, place] error in
                if let error { return reply(.failure(WorldError(error, directory: directory))) }
                askPast(stop, reply) {
                    do {
                        return try answer(place)
                    } catch let error as PastUnreadable {
                        guard case StoreError.damaged = error.cause else { throw error }
                        // The host writes to the last file meanwhile: its beginning may have been read before, and what is behind it after
                        // that. What is damaged is so once more.
                        return try answer(place)
                    }
                }
            }
        } catch {
            reply(.failure(WorldError(error, directory: directory)))
        }
    }

    /// Tells of the checkpoints what each of those that are kept takes alone, counted by the thread of the past.
    func askUse(_ stop: StopFlag, _ reply: @escaping @Sendable (Result<Answer, WorldError>) -> Void) {
        let answer: CheckpointsAnswer
        let newest: Epoch
        do {
            answer = try checkpoints()
            guard let last = try keptCheckpoints().items.last else { return reply(.success(.checkpoints(answer))) }
            newest = last.epoch
        } catch {
            return reply(.failure(WorldError(error, directory: directory)))
        }
        askPast(stop, reply) { [store] in
            let past: Store
            do {
                past = try store.past(newest)
            } catch StoreError.notKept {
                // It was given up meanwhile; what there is is told all the same.
                return .checkpoints(answer)
            }
            defer { past.abandon() }
            return .checkpoints(answer.withUse(try past.pagesKeptAlone()))
        }
    }

    /// Has something answered by the thread of the past, or refused because the world halts or goes back.
    func askPast(
        _ stop: StopFlag, _ reply: @escaping @Sendable (Result<Answer, WorldError>) -> Void,
        _ answer: @escaping @Sendable () throws -> Answer
    ) {
        let refuse: @Sendable (WorldError?) -> Void = { [directory] reason in
            reply(
                .failure(
                    reason
                        ?? .notTaken(
                            what: "the world was halted", why: "it stopped before this was answered",
                            try: "keyvm status -w \(quotedForShell(directory))")))
        }
        pastThread.ask(
            PastQuestion(
                answer: { [directory, pastThread] in
                    // Whoever asked may be gone since.
                    let result = Result {
                        if stop.isSet { throw PastAbandoned() }
                        return try answer()
                    }
                    if case .failure = result, pastThread.stop.isSet { return refuse(pastThread.reason) }
                    reply(result.mapError { WorldError($0, directory: directory) })
                }, refuse: refuse))
    }

    /// The same; where `isOfNow`, when what is so now is durable.
    func askSettled(
        _ isOfNow: Bool, _ stop: StopFlag, _ reply: @escaping @Sendable (Result<Answer, WorldError>) -> Void,
        _ answer: @escaping @Sendable () throws -> Answer
    ) {
        guard isOfNow, objects.hasChanges || cycle.underWay != nil else { return askPast(stop, reply, answer) }
        let settled: @Sendable (Result<Answer, WorldError>) -> Void = { [self] result in
            if case .failure(let error) = result { reply(.failure(error)) } else { askPast(stop, reply, answer) }
        }
        cycle.asked.append((.settle, settled))
    }

    /// A place in the past: a kept checkpoint, or so much gas behind it.
    struct PastPlace: Sendable {
        var epoch: Epoch
        var steps: UInt64
        var policies: Policies
        /// Where the world stood that runs, when it was asked; nil: nobody runs it.
        var running: WorldPosition?
        /// Where it was last there, once that is known.
        var last: PastTurn?

        /// Opens a past and brings it there with `open`, a second time where only then it is known which turn was the last one there.
        static func reached<Value>(from place: PastPlace, _ open: (PastPlace) throws -> Value) throws -> Value {
            do {
                return try open(place)
            } catch let overshot as PastOvershot {
                var place = place
                place.last = overshot.last
                return try open(place)
            }
        }
    }

    private static func answer(
        _ request: Request, _ place: PastPlace, of store: Store, at directory: String, stop: StopFlag? = nil
    ) throws -> Answer {
        try PastPlace.reached(from: place) { place in
            try withPast(place, of: store, at: directory, stop: stop) { world in
                try world.goOn(to: place)
                return try world.answer(request)
            }
        }
    }

    /// Opens the world of a place, at its checkpoint, for as long as `body` takes.
    static func withPast<Value>(
        _ place: PastPlace, of store: Store, at directory: String, stop: StopFlag?, _ body: (World) throws -> Value
    ) throws -> Value {
        let past = try store.past(place.epoch)
        defer { past.abandon() }
        let world = try World(
            directory: directory, access: .reader, store: past, budgetPages: pastFrames, policies: place.policies,
            stop: stop)
        defer { world.abandon() }
        return try body(world)
    }

    private static func checkIsReading(_ request: Request) throws {
        let isOfSeveral =
            switch request {
            case .past, .moment, .difference, .fork, .backup: true
            default: false
            }
        if isOfSeveral {
            throw WorldError(
                .usage, what: "the past has no past of its own", why: "a checkpoint is asked, not another's view of it",
                try: "keyvm at --help")
        }
        guard request.isReading else {
            throw WorldError(
                .usage, what: "the past is not changed", why: "a checkpoint is only looked at", try: "keyvm at --help")
        }
    }

    /// Throws `PastAbandoned` where nobody waits for what is read of this past any more.
    func checkIsWaitedFor() throws { if stopFlag?.isSet == true { throw PastAbandoned() } }

    func checkpoints() throws -> CheckpointsAnswer {
        CheckpointsAnswer(items: try store.checkpoints().map(CheckpointAnswer.init))
    }

    var retentionAnswer: RetentionAnswer {
        RetentionAnswer(keep: cycle.retention.count, keepForSeconds: cycle.retention.seconds)
    }
}

extension CheckpointsAnswer {
    func withUse(_ pages: [Epoch: UInt64]) -> CheckpointsAnswer {
        var answer = self
        for index in answer.items.indices {
            answer.items[index].usedBytes = pages[Epoch(rawValue: answer.items[index].id)].map(BankAnswer.bytes)
        }
        return answer
    }
}
