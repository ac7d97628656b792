// Holding back an answer to `logs` until there is something to tell.

import Control
import FoundationEssentials
import Testing
import World

@Suite struct LongPollTests {
    private let request = Request.logs(process: "p", since: 0, limitBytes: 1_000)

    private func poll(_ world: RecordingWorld, seconds: Double, standstill: Bool = false) async throws -> LogsAnswer {
        let answer = try await performWaiting(
            request, wait: LogWait(seconds: seconds, endsAtStandstill: standstill), isStopping: { false },
            perform: world.perform)
        guard case .logs(let logs) = answer else { throw Wrong() }
        return logs
    }

    private struct Wrong: Error {}

    @Test func answersAtOnceWhereThereIsSomething() async throws {
        let world = RecordingWorld()
        world.write("line\n")
        #expect(try await poll(world, seconds: 60).items.map(\.data) == [Data("line\n".utf8)])
        #expect(world.performed.count == 1)
    }

    @Test func answersWhenSomethingIsWritten() async throws {
        let world = RecordingWorld()
        async let logs = poll(world, seconds: 60)
        try await Task.sleep(for: .milliseconds(30))
        world.write("late\n")
        #expect(try await logs.items.count == 1)
    }

    @Test func answersWhenTheTimeIsUp() async throws {
        let begin = ContinuousClock.now
        #expect(try await poll(RecordingWorld(), seconds: 0.1).items.isEmpty)
        #expect(ContinuousClock.now - begin >= .milliseconds(100))
    }

    @Test(arguments: [ProcessState.frozenGas, .frozenSpace, .faulted])
    func answersAtAStandstillWhereAsked(state: ProcessState) async throws {
        let world = RecordingWorld()
        world.become(state)
        let begin = ContinuousClock.now
        #expect(try await poll(world, seconds: 30, standstill: true).items.isEmpty)
        #expect(ContinuousClock.now - begin < .seconds(10))
        #expect(try await poll(world, seconds: 0.05).items.isEmpty, "and waits where it was not asked")
    }

    @Test func answersWhenTheLogHasEnded() async throws {
        let world = RecordingWorld()
        world.become(.exited)
        #expect(try await poll(world, seconds: 30).ended)
    }

    @Test func answersWhenTheHostStops() async throws {
        let world = RecordingWorld()
        let answer = try await performWaiting(
            request, wait: LogWait(seconds: 30, endsAtStandstill: false), isStopping: { true }, perform: world.perform)
        #expect(answer == .logs(noRecords(ended: false)))
    }

    @Test func asksSeldomWhileNothingHappens() async throws {
        let world = RecordingWorld()
        _ = try await poll(world, seconds: 1)
        #expect(world.performed.count <= 80, "\(world.performed.count) questions in a second")
    }
}
