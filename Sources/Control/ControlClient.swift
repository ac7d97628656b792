// The command line's end of the control socket: asks a running world, and when the connection breaks finds out under
// the request's id what became of it. Hides HTTP.
//
// Invariants: a request that changes the world is sent to one host only (known by its socket) and under one id; it is
// sent again only when that same host says it never heard of it. Where nobody can say, the error is `outcomeUnknown`.

import FoundationEssentials
import Glibc
import NIOCore
import World

/// Asks the host of one world.
package final class ControlClient: Sendable {
    let folder: WorldFolder

    /// Prepares to ask the host of the world in `directory`. Throws what `WorldFolder` throws.
    package init(directory: String) throws(ControlFailure) { folder = try WorldFolder(directory) }

    /// The socket's path, which fits a socket address.
    var socket: String { folder.shortPath(to: controlSocketName) }

    /// Asks, and waits for the answer however long it takes. `wait` holds an answer to `logs` back.
    /// Throws `.notListening` when nothing could be sent, `.refused` with the world's own error, `.outcomeUnknown`.
    package func ask(
        _ request: Request, wait: LogWait? = nil, id: RequestID = RequestID()
    ) async throws(ControlFailure) -> Answer {
        let body = try encoded(RequestEnvelope(id: id, wait: wait, request: request))
        let host = try reachable()
        switch await post(body) {
        case .outcome(let outcome): return try answer(in: outcome)
        case .failed(let failure): throw failure
        case .unsent: throw .notListening(socket: folder.socketPath, errno: ECONNREFUSED)
        case .broken(let cause):
            guard !request.isRepeatable else { return try await readAgain(body, after: cause) }
            return try await learn(body, id: id, request: request, host: host, after: cause)
        }
    }

    /// What became of the request with this id, as the host remembers it. Throws `.notListening` when nobody answers.
    package func outcome(of id: RequestID) async throws(ControlFailure) -> Outcome {
        _ = try reachable()
        switch await get(id) {
        case .outcome(let outcome): return outcome
        case .failed(let failure): throw failure
        case .broken, .unsent: throw .notListening(socket: folder.socketPath, errno: ECONNRESET)
        }
    }

    // MARK: After a broken connection

    /// To read again is harmless: a few times, and then the last failure stands.
    private func readAgain(_ body: Data, after first: String) async throws(ControlFailure) -> Answer {
        var lastCause = first
        for attempt in 1...3 {
            await pause(attempt)
            _ = try reachable()
            switch await post(body) {
            case .outcome(let outcome): return try answer(in: outcome)
            case .failed(let failure): throw failure
            case .broken(let cause), .unsent(let cause): lastCause = cause
            }
        }
        throw .serverEnded(socket: folder.socketPath, cause: lastCause)
    }

    /// Asks `host`, and no other, what became of the request, for `learningSeconds`.
    private func learn(
        _ body: Data, id: RequestID, request: Request, host: SocketIdentity, after first: String
    ) async throws(ControlFailure) -> Answer {
        let deadline = ContinuousClock.now + .seconds(learningSeconds)
        var lastCause = first
        var attempt = 1
        while ContinuousClock.now < deadline, folder.socketIdentity() == host,
            folder.probe(seconds: connectSeconds) == 0
        {
            var reply = await get(id)
            if case .outcome(let outcome) = reply, outcome.state == .unknown {
                // This host never heard of it: to send it now is to send it for the first time.
                reply = await post(body)
            }
            switch reply {
            case .outcome(let outcome) where outcome.state == .done: return try answer(in: outcome)
            case .outcome: lastCause = "the host is still at it"
            case .failed(let failure): throw failure
            case .broken(let cause), .unsent(let cause): lastCause = cause
            }
            await pause(attempt)
            attempt += 1
        }
        if folder.socketIdentity() != host { lastCause += "; the host that had it is gone" }
        throw .outcomeUnknown(id: id, request: request.name, cause: lastCause)
    }

    func pause(_ attempt: Int) async {
        do { try await Task.sleep(for: .milliseconds(min(500, 20 << min(attempt, 6)))) } catch { return }
    }

    // MARK: One exchange

    private enum Reply {
        case outcome(Outcome)
        case failed(ControlFailure)
        /// There was no connection: nothing was sent.
        case unsent(cause: String)
        /// The connection ended before the answer was whole.
        case broken(cause: String)
    }

    /// The identity of the socket, if somebody listens at it.
    func reachable() throws(ControlFailure) -> SocketIdentity {
        let identity = folder.socketIdentity()
        let code = identity == nil ? ENOENT : folder.probe(seconds: connectSeconds)
        switch (identity, code) {
        case (let identity?, 0): return identity
        case (_, EACCES), (_, EPERM): throw .noAuthority(path: folder.socketPath, errno: code)
        default: throw .notListening(socket: folder.socketPath, errno: code)
        }
    }

    private func encoded(_ envelope: RequestEnvelope) throws(ControlFailure) -> Data {
        let data: Data
        do {
            data = try JSONEncoder().encode(envelope)
        } catch {
            throw notUnderstood(0, "the request cannot be written as JSON: \(error)")
        }
        guard data.count <= requestBodyLimitBytes else {
            throw .tooLarge(bytes: data.count, limitBytes: requestBodyLimitBytes)
        }
        return data
    }

    func answer(in outcome: Outcome) throws(ControlFailure) -> Answer {
        switch outcome.result {
        case .success(let answer): return answer
        // The host ends: as if it had not been reached.
        case .failure(let error) where error.wasNotTaken == true:
            throw .notListening(socket: folder.socketPath, errno: ECONNREFUSED)
        case .failure(let error): throw .refused(error)
        case nil: throw notUnderstood(200, "the outcome of \(outcome.id) holds no result")
        }
    }

    private func post(_ body: Data) async -> Reply {
        await exchange(HostRequest(method: .POST, uri: "/v1/requests", body: ByteBuffer(bytes: body)))
    }

    private func get(_ id: RequestID) async -> Reply { await exchange(HostRequest(uri: "/v1/requests/\(id)")) }

    private func exchange(_ request: HostRequest) async -> Reply {
        let status: UInt
        let body: Data
        do {
            let answer = try await HostConnection.ask(
                request, at: socket, connectSeconds: connectSeconds, limitBytes: answerBodyLimitBytes)
            status = answer.status
            body = Data(answer.body.readableBytesView)
        } catch let error as NotConnected {
            return .unsent(cause: "no connection to \(folder.socketPath): \(error)")
        } catch {
            return .broken(cause: "the connection to \(folder.socketPath) broke: \(error)")
        }
        switch status {
        case 200, 404, 422:
            do {
                return .outcome(try JSONDecoder().decode(Outcome.self, from: body))
            } catch {
                return .failed(notUnderstood(status, "\(error)"))
            }
        default:
            return .failed(notUnderstood(status, String(decoding: body, as: UTF8.self)))
        }
    }

    func notUnderstood(_ status: UInt, _ text: String) -> ControlFailure {
        .notUnderstood(socket: folder.socketPath, status: status, text: text)
    }
}

/// How long a host may take to accept a connection.
let connectSeconds = 10

/// How long a client asks what became of its request.
private let learningSeconds = 10
