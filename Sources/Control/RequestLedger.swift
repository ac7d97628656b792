// Remembers which requests were performed, so that one asked again is answered and not performed twice; also those that the
// journal of a host which was killed had.
//
// Invariants: an id is under way or done, never both; at most `limit` are done, the oldest forgotten first; at most
// `limit` are under way. What is under way is never forgotten and goes on when the connection that asked is gone.
// A request that only reads is not remembered: to ask again is harmless, and followers of logs would push out the rest.

import Synchronization
import World

/// The memory of a host for the last requests that changed the world.
package final class RequestLedger: Sendable {
    /// How many finished requests are remembered, and how many may be under way.
    package static let limit = 1_024

    private enum Entry {
        case underWay(fingerprint: Int, waiters: [CheckedContinuation<Result<Answer, WorldError>, Never>])
        case done(fingerprint: Int, result: Result<Answer, WorldError>)

        var fingerprint: Int {
            switch self {
            case .underWay(let fingerprint, _), .done(let fingerprint, _): fingerprint
            }
        }
    }

    private struct Memory {
        var entries: [RequestID: Entry] = [:]
        /// Ids that are done, oldest first, from `first` on; what lies before is dropped now and then.
        var order: [RequestID] = []
        var first = 0
        var underWay = 0
    }

    private enum Step {
        case perform
        case answer(Result<Answer, WorldError>)
        case wait
    }

    private let memory: Mutex<Memory>

    /// `replayed`: what a host before this one performed, the last of them last; it is remembered as if this one had.
    package init(replayed: [ReplayedRequest] = []) {
        var memory = Memory()
        for request in replayed.suffix(Self.limit) {
            guard let id = RequestID(request.id), memory.entries[id] == nil else { continue }
            memory.entries[id] = .done(fingerprint: request.fingerprint, result: request.result)
            memory.order.append(id)
        }
        self.memory = Mutex(memory)
    }

    /// Performs `request` under `id` once: a repeated id gets the first one's result, waiting for it where it is under way.
    /// Refuses with `.usage` an id that was used for another request, and with `.failed` when `limit` are under way. `perform` goes on
    /// when the task that asked is cancelled, and so does this.
    package func perform(
        _ request: Request, id: RequestID, by perform: @escaping PerformRequest
    ) async -> Result<Answer, WorldError> {
        let fingerprint = request.hashValue
        let step = memory.withLock { memory in Self.begin(id, fingerprint: fingerprint, in: &memory) }
        switch step {
        case .answer(let result):
            return result
        case .wait:
            return await result(of: id)
        case .perform:
            // On the task of whoever asked: a task of its own would be two more turns of the loop.
            let result = await outcome(of: request, by: perform)
            finish(id, result)
            return result
        }
    }

    /// What became of the request with this id.
    package func outcome(of id: RequestID) -> Outcome {
        memory.withLock { memory in
            switch memory.entries[id] {
            case nil: Outcome(id: id, state: .unknown)
            case .underWay: Outcome(id: id, state: .underWay)
            case .done(_, let result): Outcome(id: id, result: result)
            }
        }
    }

    private func outcome(of request: Request, by perform: PerformRequest) async -> Result<Answer, WorldError> {
        do throws(WorldError) {
            return .success(try await perform(request))
        } catch {
            return .failure(error)
        }
    }

    private static func begin(_ id: RequestID, fingerprint: Int, in memory: inout Memory) -> Step {
        guard let entry = memory.entries[id] else {
            guard memory.underWay < limit else { return .answer(.failure(tooMany)) }
            memory.entries[id] = .underWay(fingerprint: fingerprint, waiters: [])
            memory.underWay += 1
            return .perform
        }
        guard entry.fingerprint == fingerprint else { return .answer(.failure(usedTwice(id))) }
        switch entry {
        case .done(_, let result): return .answer(result)
        case .underWay: return .wait
        }
    }

    private func result(of id: RequestID) async -> Result<Answer, WorldError> {
        await withCheckedContinuation { continuation in
            let already: Result<Answer, WorldError>? = memory.withLock { memory in
                switch memory.entries[id] {
                case .underWay(let fingerprint, var waiters):
                    waiters.append(continuation)
                    memory.entries[id] = .underWay(fingerprint: fingerprint, waiters: waiters)
                    return nil
                case .done(_, let result):
                    return result
                case nil:
                    // It was done and pushed out between two looks.
                    return .failure(Self.forgotten(id))
                }
            }
            if let already { continuation.resume(returning: already) }
        }
    }

    private func finish(_ id: RequestID, _ result: Result<Answer, WorldError>) {
        let waiting = memory.withLock { memory in
            guard case .underWay(let fingerprint, let waiters) = memory.entries[id] else {
                preconditionFailure("a request that ends was under way")
            }
            memory.entries[id] = .done(fingerprint: fingerprint, result: result)
            memory.underWay -= 1
            memory.order.append(id)
            if memory.order.count - memory.first > Self.limit {
                memory.entries[memory.order[memory.first]] = nil
                memory.first += 1
                if memory.first == Self.limit {
                    memory.order.removeFirst(memory.first)
                    memory.first = 0
                }
            }
            return waiters
        }
        for continuation in waiting { continuation.resume(returning: result) }
    }

    /// Whether the invariants of the file's head hold; for tests.
    package func checkInvariants() -> Bool {
        memory.withLock { memory in
            let done = memory.order[memory.first...]
            let entriesDone = memory.entries.values.count { if case .done = $0 { true } else { false } }
            let entriesUnderWay = memory.entries.count - entriesDone
            return done.count == entriesDone && Set(done).count == done.count && done.count <= Self.limit
                && entriesUnderWay == memory.underWay && memory.underWay <= Self.limit
        }
    }

    private static var tooMany: WorldError {
        WorldError(
            .failed, what: "the host has too much to do", why: "\(limit) requests are under way, the most it takes",
            try: "keyvm status")
    }

    private static func usedTwice(_ id: RequestID) -> WorldError {
        WorldError(
            .usage, what: "request id \(id) was used for another request", why: "an id stands for one request for ever",
            try: "keyvm status")
    }

    private static func forgotten(_ id: RequestID) -> WorldError {
        WorldError(
            .failed, what: "outcome unknown", why: "request \(id) was done, its answer is no longer remembered",
            try: "keyvm status")
    }
}
