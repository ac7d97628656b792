// What a client does when its connection breaks: it learns what became of the request, and never performs it twice.

import Control
import FoundationEssentials
import Testing
import World

@Suite struct BrokenConnectionTests {
    private let change = Request.send(process: "p", data: Data([1]), ends: false)

    private func ask(_ request: Request, id: RequestID, in folder: ScratchFolder) async -> Result<
        Answer, ControlFailure
    > {
        do throws(ControlFailure) {
            let client = try ControlClient(directory: folder.path)
            let result: Result<Answer, ControlFailure>
            do throws(ControlFailure) {
                result = .success(try await client.ask(request, id: id))
            } catch {
                result = .failure(error)
            }
            return result
        } catch {
            return .failure(error)
        }
    }

    @Test func sendsAgainOnlyWhatTheSameHostNeverHeardOf() async throws {
        let folder = try ScratchFolder()
        let host = try ScriptedHost(
            in: folder.path,
            [
                .breakOff, .answer(404, #"{"id":"$ID","state":"unknown"}"#),
                .answer(200, #"{"id":"$ID","state":"done","answer":{"done":{}}}"#),
            ])
        let id = RequestID()
        #expect(await ask(change, id: id, in: folder) == .success(.done))
        #expect(host.requests == ["POST \(id)", "GET \(id)", "POST \(id)"])
    }

    @Test func waitsForWhatIsUnderWay() async throws {
        let folder = try ScratchFolder()
        let host = try ScriptedHost(
            in: folder.path,
            [
                .breakOff, .answer(200, #"{"id":"$ID","state":"under-way"}"#),
                .answer(200, #"{"id":"$ID","state":"done","error":{"code":5,"what":"a","why":"b","try":"c"}}"#),
            ])
        let id = RequestID()
        let refusal = WorldError(.bankExhausted, what: "a", why: "b", try: "c")
        #expect(await ask(change, id: id, in: folder) == .failure(.refused(refusal)))
        #expect(host.requests == ["POST \(id)", "GET \(id)", "GET \(id)"])
    }

    @Test func saysThatTheOutcomeIsUnknownWhenTheHostIsGone() async throws {
        let folder = try ScratchFolder()
        let host = try ScriptedHost(in: folder.path, [.die])
        let id = RequestID()
        let result = await ask(change, id: id, in: folder)
        guard case .failure(.outcomeUnknown(id, "send p (1 bytes)", let cause)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(cause.contains("is gone"))
        #expect(host.requests == ["POST \(id)"])
        let error = ControlFailure.outcomeUnknown(id: id, request: "send p", cause: cause).asWorldError(directory: "w")
        #expect(error.what.hasPrefix("outcome unknown"))
        #expect(error.code == .failed)
    }

    @Test func neverAsksAnotherHostToDoItAgain() async throws {
        let folder = try ScratchFolder()
        let first = try ScriptedHost(in: folder.path, [.breakOffWhenReplaced])
        let id = RequestID()
        async let result = ask(change, id: id, in: folder)
        // Another host takes the place of the first; it would perform what it is sent.
        while first.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        let world = RecordingWorld()
        let server = try ControlServer(directory: folder.path, perform: world.perform)
        try await server.start()
        guard case .failure(.outcomeUnknown(id, _, _)) = await result else {
            Issue.record("\(await result)")
            return
        }
        #expect(world.performed.isEmpty)
        await server.stop()
    }

    @Test func readsAgainWithoutAskingWhatBecameOfIt() async throws {
        let folder = try ScratchFolder()
        let host = try ScriptedHost(
            in: folder.path,
            [.breakOff, .breakOff, .answer(200, #"{"id":"$ID","state":"done","answer":{"done":{}}}"#)])
        let id = RequestID()
        #expect(await ask(.hash, id: id, in: folder) == .success(.done))
        #expect(host.requests == ["POST \(id)", "POST \(id)", "POST \(id)"])
    }

    /// A host may close as soon as it has what it needs to answer. While a request was written in parts, a client that was held up
    /// between two of them found the connection closed, and took its request for lost.
    @Test func aRequestIsWrittenInOnePiece() async throws {
        let done = ScriptedHost.Step.answer(200, #"{"id":"$ID","state":"done","answer":{"done":{}}}"#)
        let folder = try ScratchFolder()
        let host = try ScriptedHost(in: folder.path, Array(repeating: done, count: 20))
        for _ in 0..<20 { #expect(await ask(change, id: RequestID(), in: folder) == .success(.done)) }
        #expect(host.pieces == Array(repeating: 1, count: 20))
    }

    @Test func doesNotTakeAnythingForAnAnswer() async throws {
        let folder = try ScratchFolder()
        _ = try ScriptedHost(in: folder.path, [.answer(200, "hello")])
        guard case .failure(.notUnderstood(_, 200, _)) = await ask(change, id: RequestID(), in: folder) else {
            Issue.record("text was taken for an answer")
            return
        }
    }
}
