// The memory of requests: each id once, a bounded number of them.

import Control
import FoundationEssentials
import Testing
import World

@Suite struct RequestLedgerTests {
    /// A host was killed after it had performed a request and before its answer was heard; the next one has it from the journal.
    @Test func whatAHostBeforePerformedIsAnsweredAndNotDoneAgain() async throws {
        let world = RecordingWorld()
        let (sent, refused) = (RequestID(), RequestID())
        let send = Request.send(process: "p", data: Data([1]), ends: false)
        let kill = Request.kill(process: "none")
        let refusal = WorldError(.noSuchThing, what: "a", why: "b", try: "c")
        let ledger = RequestLedger(replayed: [
            ReplayedRequest(id: "not an id", fingerprint: 0, result: .success(.done)),
            ReplayedRequest(id: sent.text, fingerprint: send.hashValue, result: .success(.done)),
            ReplayedRequest(id: refused.text, fingerprint: kill.hashValue, result: .failure(refusal)),
        ])
        #expect(ledger.checkInvariants())
        #expect(ledger.outcome(of: sent).answer == .done)
        #expect(await ledger.perform(send, id: sent, by: world.perform) == .success(.done))
        #expect(await ledger.perform(kill, id: refused, by: world.perform) == .failure(refusal))
        guard case .failure(let twice) = await ledger.perform(kill, id: sent, by: world.perform) else {
            Issue.record("an id stands for one request")
            return
        }
        #expect(twice.code == .usage)
        #expect(world.performed.isEmpty)
        let many = (0..<3_000).map { ReplayedRequest(id: "r\($0)", fingerprint: 1, result: .success(.done)) }
        let full = RequestLedger(replayed: many)
        #expect(full.checkInvariants())
        #expect(full.outcome(of: try #require(RequestID("r2999"))).state == .done)
        #expect(full.outcome(of: try #require(RequestID("r0"))).state == .unknown)
    }

    private func id(_ number: Int) throws -> RequestID { try #require(RequestID("r\(number)")) }

    @Test func remembersTheLastThousandAndTwentyFour() async throws {
        let ledger = RequestLedger()
        let world = RecordingWorld()
        let count = RequestLedger.limit + 100
        for number in 0..<count {
            _ = await ledger.perform(.kill(process: "\(number)"), id: try id(number), by: world.perform)
            #expect(ledger.checkInvariants())
        }
        for number in 0..<count {
            let expected: Outcome.State = number < 100 ? .unknown : .done
            #expect(ledger.outcome(of: try id(number)).state == expected, "request \(number)")
        }
        #expect(world.performed.count == count)
    }

    @Test func forgetsInOrderHoweverLongItRuns() async throws {
        let ledger = RequestLedger()
        let world = RecordingWorld()
        let count = 3 * RequestLedger.limit + 5
        for number in 0..<count {
            _ = await ledger.perform(.kill(process: "\(number)"), id: try id(number), by: world.perform)
        }
        #expect(ledger.checkInvariants())
        #expect(ledger.outcome(of: try id(count - RequestLedger.limit)).state == .done)
        #expect(ledger.outcome(of: try id(count - RequestLedger.limit - 1)).state == .unknown)
    }

    @Test func aHundredAtOnceUnderOneIdArePerformedOnce() async throws {
        let ledger = RequestLedger()
        let world = RecordingWorld()
        world.hold(true)
        let one = try id(1)
        let results = try await withThrowingTaskGroup(of: Result<Answer, WorldError>.self) { group in
            for _ in 0..<100 {
                group.addTask { await ledger.perform(.checkpoint(name: nil), id: one, by: world.perform) }
            }
            while world.performed.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            try await Task.sleep(for: .milliseconds(20))
            world.hold(false)
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(world.performed.count == 1)
        #expect(results.count == 100 && results.allSatisfy { $0 == .success(.done) })
        #expect(ledger.checkInvariants())
    }

    @Test func performsToTheEndWhenTheAskerIsCancelled() async throws {
        let ledger = RequestLedger()
        let world = RecordingWorld()
        world.hold(true)
        let one = try id(1)
        let task = Task { await ledger.perform(.checkpoint(name: nil), id: one, by: world.perform) }
        while world.performed.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        world.hold(false)
        #expect(await task.value == .success(.done))
        #expect(ledger.outcome(of: one).state == .done)
    }

    @Test(arguments: ["", "a b", "ä", "a/b", String(repeating: "x", count: 65)])
    func refusesWhatIsNoId(text: String) { #expect(RequestID(text) == nil) }

    @Test func freshIdsDiffer() { #expect(Set((0..<1_000).map { _ in RequestID() }).count == 1_000) }
}
