// Client and server over a real socket.

import Control
import FoundationEssentials
import Glibc
import Testing
import World

@Suite struct ControlRoundTripTests {
    /// Serves `world` in `folder` while `body` asks it.
    private func serving(
        _ world: RecordingWorld, in folder: ScratchFolder, _ body: (ControlClient) async throws -> Void
    ) async throws {
        let server = try ControlServer(directory: folder.path, perform: world.perform)
        try await server.start()
        let client = try ControlClient(directory: folder.path)
        do {
            try await body(client)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test(arguments: [0, 107, 400])
    func answersWhateverTheLengthOfTheFoldersPath(pathBytes: Int) async throws {
        let folder = try ScratchFolder(pathBytes: pathBytes)
        try await serving(RecordingWorld(), in: folder) { client in
            let answer = try await client.ask(.hash)
            #expect(answer == .hash(recordedHash))
        }
        #expect(access("\(folder.path)/control.sock", F_OK) == -1, "a server that stopped leaves no socket")
    }

    @Test func carriesBytesUnchanged() async throws {
        let folder = try ScratchFolder()
        let world = RecordingWorld()
        let data = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try await serving(world, in: folder) { client in
            _ = try await client.ask(.send(process: "p", data: data, ends: true))
        }
        #expect(world.performed == [.send(process: "p", data: data, ends: true)])
    }

    @Test func carriesALargeProgram() async throws {
        let folder = try ScratchFolder()
        let program = RunRequest(module: Data(repeating: 0x5a, count: 24 << 20), defaultName: "large")
        try await serving(RecordingWorld(), in: folder) { client in
            let answer = try await client.ask(.run(program))
            #expect(answer == .run(made(id: 24 << 20, name: "large")))
        }
    }

    @Test func passesTheWorldsErrorThrough() async throws {
        let folder = try ScratchFolder()
        try await serving(RecordingWorld(), in: folder) { client in
            let expected = WorldError(
                .noSuchThing, what: "no process 'nobody'", why: "it is not there", try: "keyvm ps")
            await #expect(throws: ControlFailure.refused(expected)) {
                try await client.ask(.send(process: "nobody", data: Data(), ends: false))
            }
        }
    }

    @Test func performsARepeatedIdOnce() async throws {
        let folder = try ScratchFolder()
        let world = RecordingWorld()
        try await serving(world, in: folder) { client in
            let id = RequestID()
            let request = Request.send(process: "p", data: Data([1]), ends: false)
            #expect(try await client.ask(request, id: id) == .done)
            #expect(try await client.ask(request, id: id) == .done)
            let outcome = try await client.outcome(of: id)
            #expect(outcome.state == .done && outcome.answer == .done)
            #expect(try await client.outcome(of: RequestID()).state == .unknown)
            await #expect(throws: ControlFailure.self) { try await client.ask(.kill(process: "p"), id: id) }
        }
        #expect(world.performed == [.send(process: "p", data: Data([1]), ends: false)])
    }

    @Test func tellsThatARequestIsUnderWay() async throws {
        let folder = try ScratchFolder()
        let world = RecordingWorld()
        world.hold(true)
        try await serving(world, in: folder) { client in
            let id = RequestID()
            async let answer = client.ask(.checkpoint(name: nil), id: id)
            while world.performed.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
            #expect(try await client.outcome(of: id).state == .underWay)
            async let again = client.ask(.checkpoint(name: nil), id: id)
            world.hold(false)
            #expect(try await answer == .done)
            #expect(try await again == .done)
        }
        #expect(world.performed.count == 1)
    }

    @Test func letsAnAnswerOutBeforeItStops() async throws {
        let folder = try ScratchFolder()
        let world = RecordingWorld()
        world.hold(true)
        let server = try ControlServer(directory: folder.path, perform: world.perform)
        try await server.start()
        let client = try ControlClient(directory: folder.path)
        async let answer = client.ask(.checkpoint(name: nil))
        while world.performed.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
        async let stopped: Void = server.stop()
        try await Task.sleep(for: .milliseconds(50))
        world.hold(false)
        #expect(try await answer == .done)
        await stopped
    }

    @Test func theSocketIsTheOwnersAlone() async throws {
        let folder = try ScratchFolder()
        try await serving(RecordingWorld(), in: folder) { _ in
            var status = stat()
            #expect(lstat("\(folder.path)/control.sock", &status) == 0)
            #expect(status.st_mode & S_IFMT == S_IFSOCK)
            #expect(status.st_mode & 0o777 == 0o600)
            #expect(access("\(folder.path)/control.new", F_OK) == -1)
        }
    }

    @Test func replacesTheSocketOfACrashedHost() async throws {
        let folder = try ScratchFolder()
        try leaveStaleSocket(at: "\(folder.path)/control.sock")
        #expect(mkdir("\(folder.path)/control.new", 0o700) == 0)
        try leaveStaleSocket(at: "\(folder.path)/control.new/control.sock")
        try await serving(RecordingWorld(), in: folder) { client in
            guard case .hash = try await client.ask(.hash) else {
                Issue.record("another answer than a hash")
                return
            }
        }
    }

    @Test func saysWhyNobodyCanBeAsked() async throws {
        let folder = try ScratchFolder()
        let client = try ControlClient(directory: folder.path)
        let socket = "\(folder.path)/control.sock"
        await #expect(throws: ControlFailure.notListening(socket: socket, errno: ENOENT)) {
            try await client.ask(.hash)
        }
        try leaveStaleSocket(at: socket)
        await #expect(throws: ControlFailure.notListening(socket: socket, errno: ECONNREFUSED)) {
            try await client.ask(.halt)
        }
        #expect(throws: ControlFailure.noFolder(path: "\(folder.path)/no", errno: ENOENT)) {
            try ControlClient(directory: "\(folder.path)/no")
        }
        #expect(throws: ControlFailure.noFolder(path: socket, errno: ENOTDIR)) { try ControlClient(directory: socket) }
    }

    @Test func refusesWhatIsNoRequest() async throws {
        let folder = try ScratchFolder()
        let world = RecordingWorld()
        let server = try ControlServer(directory: folder.path, perform: world.perform)
        try await server.start()
        for (body, status) in [
            ("{", 400), ("{\"id\": \"a b\", \"request\": {\"hash\": {}}}", 400), ("{\"id\": \"a\"}", 400),
        ] {
            let reply = try await RawConnection(to: folder.path).exchange(
                "POST /v1/requests HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            #expect(reply.hasPrefix("HTTP/1.1 \(status) "), "\(body): \(reply)")
        }
        let reply = try await RawConnection(to: folder.path).exchange(
            "GET /v1/requests/none HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(reply.hasPrefix("HTTP/1.1 404 ") && reply.contains("\"unknown\""), "\(reply)")
        #expect(world.performed.isEmpty)
        await server.stop()
    }
}
