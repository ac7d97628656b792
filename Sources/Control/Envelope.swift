// The forms that cross the control socket, `specs/control.md`: a request with its id, and what became of it.
//
// Invariant: an `Outcome` that is `done` holds exactly one of `answer` and `error`; any other state holds neither.

import FoundationEssentials
import World

/// The largest body of a request, in bytes, on either side: it is held several times over while it is read, so that it is
/// a tenth of the memory that there is at most.
package let requestBodyLimitBytes = min(256 << 20, Int(MemoryBudget.bytes() / 10))

/// The largest body of an answer that a client takes, in bytes.
package let answerBodyLimitBytes = 1 << 30

/// How long an answer to `logs` may be held back until there is something to tell.
package struct LogWait: Codable, Sendable, Hashable {
    /// Most seconds to wait, 0 to 60.
    package var seconds: Double
    /// Whether to answer, too, when the process cannot go on by itself: frozen, faulted or exited.
    package var endsAtStandstill: Bool

    package init(seconds: Double, endsAtStandstill: Bool) {
        self.seconds = seconds
        self.endsAtStandstill = endsAtStandstill
    }
}

/// Body of `POST /v1/requests`.
package struct RequestEnvelope: Codable, Sendable {
    package var id: RequestID
    package var wait: LogWait?
    package var request: Request
}

/// Body of every answer: what became of a request.
package struct Outcome: Codable, Sendable {
    package enum State: String, Codable, Sendable {
        case done
        case underWay = "under-way"
        case unknown
    }
    package var id: RequestID
    package var state: State
    package var answer: Answer?
    package var error: WorldError?

    init(id: RequestID, state: State) {
        precondition(state != .done, "an outcome that is done has a result")
        self.id = id
        self.state = state
    }

    init(id: RequestID, result: Result<Answer, WorldError>) {
        self.id = id
        state = .done
        switch result {
        case .success(let answer): self.answer = answer
        case .failure(let error): self.error = error
        }
    }

    /// Whether its JSON may be long enough to take longer than a change of threads by far.
    var isLarge: Bool {
        let items =
            switch answer {
            case .processes(let found): found.items.count
            case .logs(let logs): logs.items.count + logs.items.reduce(0) { $0 + $1.data.count } / 512
            case .checkpoints(let found): found.items.count
            case .banks(let found): found.items.count
            case .rollback(let found): found.later.count
            case .destruction(let found): found.items?.count ?? 0
            case .removal(let found): found.items.count
            case .consumers(let found): found.items.count
            case .holders(let found): found.items.count
            case .graph(let found): found.boxes.count + found.arrows.count
            case .meters(let found): found.items.count
            case .difference(let found): found.processes.count + (found.pageItems?.count ?? 0) + found.keys.count + 1
            case .fsck(let found): found.problems.count + found.unreachable.count
            case .status, .info, .metrics, .inspect, .run, .checkpoint, .retention, .moment, .fork, .backup, .bank,
                .meter,
                .hash,
                .done, nil:
                0
            }
        return items > 128
    }

    /// As JSON. The answer of most requests that change something has one form, which takes no encoder.
    func encoded() throws -> Data {
        if state == .done, error == nil, case .done? = answer {
            return Data(#"{"id":"\#(id.text)","state":"done","answer":{"done":{}}}"#.utf8)
        }
        return try JSONEncoder().encode(self)
    }

    /// The answer or the error; nil where the request is under way or unknown, or the outcome is malformed.
    package var result: Result<Answer, WorldError>? {
        switch (state, answer, error) {
        case (.done, let answer?, nil): .success(answer)
        case (.done, nil, let error?): .failure(error)
        default: nil
        }
    }
}
