// What a client gets that speaks HTTP by hand, rightly and wrongly.

import Control
import FoundationEssentials
import Testing
import World

@Suite struct RawRequestTests {
    private func serving(
        _ world: RecordingWorld = RecordingWorld(), bodyLimitBytes: Int = 1_000, _ body: (String) async throws -> Void
    ) async throws {
        let folder = try ScratchFolder()
        let server = try ControlServer(
            directory: folder.path, bodyLimitBytes: bodyLimitBytes, perform: world.perform)
        try await server.start()
        do {
            try await body(folder.path)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private func post(_ body: String, _ headers: String = "") -> String {
        "POST /v1/requests HTTP/1.1\r\nHost: x\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func send(_ id: String) -> String {
        #"{"id": "\#(id)", "request": {"send": {"process": "p", "data": "", "ends": false}}}"#
    }

    @Test func whoClosesItsHalfAfterTheRequestGetsItsAnswer() async throws {
        try await serving { directory in
            let reply = try await RawConnection(to: directory).everything(for: post(send("a")), isAll: true)
            #expect(reply.hasPrefix("HTTP/1.1 200 ") && reply.hasSuffix(#"{"done":{}}}"#), "\(reply)")
        }
    }

    @Test func whoClosesItsHalfInTheRequestIsLetGo() async throws {
        let world = RecordingWorld()
        try await serving(world) { directory in
            let half = String(post(send("a")).dropLast(3))
            let reply = try await RawConnection(to: directory).everything(for: half, isAll: true)
            #expect(reply.hasPrefix("HTTP/1.1 400 "), "\(reply)")
            #expect(world.performed.isEmpty)
        }
    }

    @Test func requestsInOnePieceAreAnsweredInTheirOrder() async throws {
        try await serving { directory in
            let reply = try await RawConnection(to: directory).everything(
                for: post(send("a")) + post(send("b")) + post(send("c"), "Connection: close\r\n"))
            let ids = reply.split(separator: #""id":""#).dropFirst().map { $0.prefix(1) }
            #expect(ids == ["a", "b", "c"], "\(reply)")
        }
    }

    @Test(arguments: [
        ("GET /v1/nothing", "404 Not Found", ""), ("GET /v1/requests", "405 Method Not Allowed", "Allow: POST"),
        ("DELETE /v1/requests/a", "405 Method Not Allowed", "Allow: GET"),
        ("POST /metrics", "405 Method Not Allowed", "Allow: GET"),
        ("GET /v1/requests/a%20b", "400 Bad Request", ""), ("GET /v1/events?since=x", "400 Bad Request", ""),
        ("GET /v1/events?wait=-1&since=0", "400 Bad Request", ""),
    ])
    func whatIsNotThereIsRefused(line: String, status: String, header: String) async throws {
        try await serving { directory in
            let reply = try await RawConnection(to: directory).exchange("\(line) HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(reply.hasPrefix("HTTP/1.1 \(status)\r\n") && reply.contains(header), "\(reply)")
            #expect(reply.hasSuffix("\n") && !reply.hasSuffix("\r\n\r\n"), "it says why: \(reply)")
        }
    }

    @Test func whatIsNoHTTPIsRefusedAndTheConnectionClosed() async throws {
        try await serving { directory in
            let reply = try await RawConnection(to: directory).everything(for: "hello\r\n\r\n")
            #expect(reply.hasPrefix("HTTP/1.1 400 "), "\(reply)")
        }
    }

    @Test func aHeadIsAnsweredWithoutABody() async throws {
        try await serving { directory in
            let reply = try await RawConnection(to: directory).everything(
                for: "HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(reply.hasPrefix("HTTP/1.1 405 ") && reply.hasSuffix("\r\n\r\n"), "\(reply)")
        }
    }

    // MARK: Long bodies

    @Test func aBodyThatIsTooLongIsRefusedAndTheNextRequestTaken() async throws {
        let world = RecordingWorld()
        try await serving(world) { directory in
            let long = send("a") + String(repeating: " ", count: 1_000)
            let chunks =
                "POST /v1/requests HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + String(repeating: "1f4\r\n" + String(repeating: " ", count: 500) + "\r\n", count: 3) + "0\r\n\r\n"
            let reply = try await RawConnection(to: directory).everything(
                for: post(long) + chunks + post(send("b"), "Connection: close\r\n"))
            let statuses = reply.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
            #expect(statuses == ["413", "413", "200"], "\(reply)")
            #expect(reply.contains("at most 1000 bytes"))
            #expect(world.performed.count == 1)
        }
    }

    @Test func whoAsksBeforeALongBodyIsTold() async throws {
        try await serving { directory in
            let expects = "Expect: 100-continue\r\nConnection: close\r\n"
            let taken = try await RawConnection(to: directory).everything(for: post(send("a"), expects))
            #expect(taken.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "), "\(taken)")
            // Only the head comes; the answer is there without the body.
            let head = "POST /v1/requests HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n"
            let refused = try await RawConnection(to: directory).everything(for: head)
            #expect(refused.hasPrefix("HTTP/1.1 413 "), "\(refused)")
        }
    }

    // MARK: A client that goes away

    @Test func nobodyWaitsForWhoWentAway() async throws {
        let world = RecordingWorld()
        try await serving(world) { directory in
            let follows =
                #"{"id": "f", "wait": {"seconds": 60, "endsAtStandstill": false}, "request": "#
                + #"{"logs": {"process": "p", "since": 0, "limitBytes": 1000}}}"#
            let connection = try RawConnection(to: directory)
            connection.send(post(follows))
            while world.performed.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            connection.leave()
            var asked = -1
            let deadline = ContinuousClock.now + .seconds(20)
            // The world is looked at at least every 25 ms while somebody waits.
            while asked != world.performed.count, ContinuousClock.now < deadline {
                asked = world.performed.count
                try await Task.sleep(for: .milliseconds(300))
            }
            #expect(asked == world.performed.count, "the world is still looked at")
        }
    }
}
