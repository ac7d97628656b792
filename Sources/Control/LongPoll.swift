// Holds an answer to `logs` back until it has something to tell, so that whoever follows a log asks once for each
// batch of output and not twenty times a second over HTTP.
//
// The world itself is still asked in turns, with pauses that grow with the silence, from 1 to 25 ms: it has no waiting
// of its own. Whether the process stands still is a dearer question, asked at every fourth turn.

import World

/// Performs one request on a running world.
package typealias PerformRequest = @Sendable (Request) async throws(WorldError) -> Answer

/// The same of a request that changes the world, whose id is written down with it.
package typealias PerformChange = @Sendable (Request, RequestID) async throws(WorldError) -> Answer

/// Performs `request`; with `wait`, and where it is `logs`, asks again until there are records, the log has ended,
/// the process stands still (where `wait` says so), the time is up, or `isStopping`.
package func performWaiting(
    _ request: Request, wait: LogWait?, isStopping: @Sendable () -> Bool,
    perform: PerformRequest
) async throws(WorldError) -> Answer {
    guard case .logs(let process, _, _) = request, let wait, wait.seconds > 0 else { return try await perform(request) }
    let begin = ContinuousClock.now
    let deadline = begin + .seconds(min(wait.seconds, longestWaitSeconds))
    var turn = 0
    var branch: UInt64?
    while true {
        // State before log: a process that stands still now writes nothing that the next look would miss.
        let looks = wait.endsAtStandstill && turn % 4 == 0
        let standsStill = looks ? try await isAtStandstill(process, perform: perform) : false
        let answer = try await perform(request)
        guard case .logs(let logs) = answer, logs.items.isEmpty, !logs.ended, !standsStill else { return answer }
        // A world that goes back meanwhile has something to tell, too.
        guard branch == nil || branch == logs.branch else { return answer }
        branch = logs.branch
        let now = ContinuousClock.now
        guard now < deadline, !isStopping() else { return answer }
        let pause = min(max((now - begin) / 8, .milliseconds(1)), .milliseconds(25))
        do { try await Task.sleep(for: pause) } catch { return answer }
        turn += 1
    }
}

/// The longest time an answer is held back, in seconds.
private let longestWaitSeconds = 60.0

private func isAtStandstill(
    _ process: String, perform: PerformRequest
) async throws(WorldError) -> Bool {
    guard case .inspect(let answer) = try await perform(.inspect(process: process)) else { return false }
    return answer.process.state.isStandstill
}

extension ProcessState {
    /// Whether the process goes on only when somebody does something about it, or never.
    package var isStandstill: Bool {
        switch self {
        case .ready, .waiting, .stopped: false
        case .frozenGas, .frozenSpace, .faulted, .exited: true
        }
    }
}
