// A host's events over the socket: lines, as things happen.

import Control
import FoundationEssentials
import Synchronization
import Testing
import World

@Suite struct EventStreamTests {
    /// The names of what was read, from any thread.
    private final class Names: Sendable {
        private let names = Mutex<[String?]>([])

        var all: [String?] { names.withLock { $0 } }

        func append(_ name: String?) { names.withLock { $0.append(name) } }
    }

    private func event(_ name: String) -> WorldEvent {
        WorldEvent(.meterMade, time: 1_795_873_970.25, gasClock: 7, name: name, path: "root/\(name)")
    }

    /// Serves `log` in `folder` while `body` asks.
    private func serving(
        _ log: EventLog = EventLog(),
        _ body: (String, ControlClient) async throws -> Void
    ) async throws {
        let folder = try ScratchFolder()
        let server = try ControlServer(directory: folder.path, events: log, perform: RecordingWorld().perform)
        try await server.start()
        let client = try ControlClient(directory: folder.path)
        let result: Result<Void, any Error>
        do { result = .success(try await body(folder.path, client)) } catch { result = .failure(error) }
        log.end()
        await server.stop()
        try result.get()
    }

    private func get(_ target: String, in directory: String) async throws -> String {
        try await RawConnection(to: directory).exchange("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
    }

    @Test func eventsThatThereAreComeAsLines() async throws {
        let log = EventLog()
        for name in ["a", "b", "c"] { log.record(event(name)) }
        try await serving(log) { directory, client in
            var names: [String?] = []
            let end = try await client.readEvents(since: 1, follow: false) { names.append($0.name) }
            #expect(end == .complete && names == ["b", "c"])
            let reply = try await get("/v1/events?since=2&wait=0", in: directory)
            #expect(reply.hasPrefix("HTTP/1.1 200 "), "\(reply)")
            let line =
                #"{"gasClock":7,"kind":"meter-made","name":"c","path":"root/c","schema":"keyvm.events","sequence":2,"#
                + #""time":1795873970.25,"version":1}"#
            #expect(reply.contains("\(line)\n"), "\(reply)")
            for query in ["since=-1", "since=x", "wait=-1", "wait=nan", "wait=inf", "wait=x", "since="] {
                let refused = try await get("/v1/events?\(query)", in: directory)
                #expect(refused.hasPrefix("HTTP/1.1 400 "), "\(query): \(refused)")
            }
        }
    }

    @Test func eventsAreFollowedAsTheyHappenUntilTheHostEnds() async throws {
        let log = EventLog()
        log.record(event("before"))
        let names = Names()
        try await serving(log) { _, client in
            async let end = client.readEvents(since: 0, follow: true) { event in
                names.append(event.name)
            }
            for name in ["one", "two"] {
                let count = names.all.count
                log.record(event(name))
                let deadline = ContinuousClock.now + .seconds(20)
                while names.all.last != name, ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(1))
                }
                #expect(names.all.count > count)
            }
            // The last of a host, and its end at once after it.
            log.record(event("last"))
            log.end()
            #expect(try await end == .complete)
        }
        #expect(names.all == ["before", "one", "two", "last"])
    }

    @Test func aHostThatStopsLetsTheLastEventsOut() async throws {
        let folder = try ScratchFolder()
        let log = EventLog()
        let server = try ControlServer(directory: folder.path, events: log, perform: RecordingWorld().perform)
        try await server.start()
        let client = try ControlClient(directory: folder.path)
        log.record(event("first"))
        let names = Names()
        async let end = client.readEvents(since: 0, follow: true) { event in names.append(event.name) }
        while names.all.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        for number in 0..<2_000 { log.record(event("e\(number)")) }
        log.end()
        await server.stop()
        #expect(try await end == .complete)
        #expect(names.all.count == 2_001)
    }

    @Test func whoFallsBehindIsToldHowManyWereDropped() async throws {
        let log = EventLog()
        for number in 0..<9_000 { log.record(event("e\(number)")) }
        try await serving(log) { _, client in
            var events: [WorldEvent] = []
            _ = try await client.readEvents(since: 10, follow: false) { events.append($0) }
            #expect(events.first?.kind == .eventsDropped && events.first?.sequence == 10)
            #expect(events.first?.dropped == 9_000 - EventLog.bound - 10)
            #expect(events.dropFirst().map(\.sequence) == Array(9_000 - EventLog.bound..<9_000))
        }
    }

    @Test func aReaderThatWentAwayHoldsNothingUp() async throws {
        let folder = try ScratchFolder()
        let log = EventLog()
        log.record(event("a"))
        let server = try ControlServer(directory: folder.path, events: log, perform: RecordingWorld().perform)
        try await server.start()
        // It reads what there is and closes the connection, while the answer goes on.
        let piece = try RawConnection(to: folder.path).firstPiece(
            of: "GET /v1/events?wait=3600 HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(piece.hasPrefix("HTTP/1.1 200 "))
        try await Task.sleep(for: .milliseconds(200))
        let begin = ContinuousClock.now
        await server.stop()
        #expect(ContinuousClock.now - begin < .milliseconds(1_500), "its answer is not waited for")
    }

    @Test func aHostThatIsKilledIsToldFromOneThatBreaksOff() async throws {
        for (step, isLost) in [(ScriptedHost.Step.die, true), (.breakOff, false)] {
            let folder = try ScratchFolder()
            let host = try ScriptedHost(in: folder.path, [step, .breakOff])
            let client = try ControlClient(directory: folder.path)
            do {
                let end = try await client.readEvents(since: 0, follow: true) { _ in }
                #expect(isLost && end == .lost)
            } catch ControlFailure.serverEnded {
                #expect(!isLost)
            }
            #expect(!host.requests.isEmpty)
        }
    }
}
