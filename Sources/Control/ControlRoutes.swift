// What a host answers to each path of its control interface (`specs/control.md`).
//
// Knows of HTTP a request that is whole and an answer's status, type and body; of the world only the closures that perform a
// request. Called on the server's loop, which serves everybody: what takes long is done beside it.

import FoundationEssentials
import NIOCore
import NIOHTTP1
import Synchronization
import World

/// A request, as HTTP has it, with its body whole.
struct HTTPQuestion: Sendable {
    var method: HTTPMethod
    /// Path and query.
    var uri: String
    var body: ByteBuffer

    var path: Substring { uri.prefix { $0 != "?" } }

    /// The value of the first parameter of this name, as it stands in the query.
    func parameter(_ name: String) -> Substring? {
        guard let mark = uri.firstIndex(of: "?") else { return nil }
        for pair in uri[uri.index(after: mark)...].split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts[0] == name { return parts.count == 2 ? parts[1] : "" }
        }
        return nil
    }
}

/// An answer, as HTTP has it.
struct HTTPAnswer: Sendable {
    enum Body: Sendable {
        case whole(ByteBuffer)
        /// Written as it comes to be; the connection ends with it.
        case streamed(any StreamedBody)
    }
    var status: HTTPResponseStatus
    var contentType: String
    var body: Body
    /// The one that the path takes, where it was asked with another.
    var allowedMethod: HTTPMethod?

    init(_ status: HTTPResponseStatus, type contentType: String, _ body: Body) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// One line of text for whoever asked wrongly.
    static func refusal(_ status: HTTPResponseStatus, _ text: String) -> HTTPAnswer {
        HTTPAnswer(status, type: "text/plain; charset=utf-8", .whole(ByteBuffer(string: text + "\n")))
    }
}

/// The answers of one host.
final class ControlRoutes: Sendable {
    /// Set when the host stops: what waits for something to happen is answered.
    let isStopping = Flag()

    private let events: EventLog
    private let perform: PerformRequest
    private let change: PerformChange
    private let backup: PerformBackup?
    private let ledger: RequestLedger

    /// `perform` does what reads, `change` what changes the world, `backup` what streams it; nil: nothing does.
    init(
        events: EventLog, ledger: RequestLedger, backup: PerformBackup?, perform: @escaping PerformRequest,
        change: @escaping PerformChange
    ) {
        self.backup = backup
        self.events = events
        self.ledger = ledger
        self.perform = perform
        self.change = change
    }

    /// Answers `question`; goes on where the task is cancelled, but for what only waits.
    func answer(_ question: HTTPQuestion) async -> HTTPAnswer {
        let path = question.path
        let takes: HTTPMethod
        let reply: () async -> HTTPAnswer
        if path == "/v1/requests" {
            (takes, reply) = (.POST, { await self.post(question.body) })
        } else if path.hasPrefix(outcomesPath) {
            (takes, reply) = (.GET, { self.outcome(of: path.dropFirst(outcomesPath.count)) })
        } else if path == backupsPath, let backup {
            (takes, reply) = (.POST, { await self.stream(question.body, backup) })
        } else if path == "/v1/events" {
            (takes, reply) = (.GET, { self.eventLines(question) })
        } else if path == "/metrics" {
            (takes, reply) = (.GET, { await self.metrics() })
        } else {
            return .refusal(.notFound, "nothing is at this path; a request is POST /v1/requests")
        }
        guard question.method == takes else {
            var refusal = HTTPAnswer.refusal(.methodNotAllowed, "what is at this path takes \(takes.rawValue)")
            refusal.allowedMethod = takes
            return refusal
        }
        return await reply()
    }

    // MARK: Requests

    private func post(_ body: ByteBuffer) async -> HTTPAnswer {
        let envelope: RequestEnvelope
        do {
            envelope = try await besideTheLoop(if: body.readableBytes > largeBytes) {
                try RequestEnvelope(plainSend: body.readableBytesView)
                    ?? JSONDecoder().decode(RequestEnvelope.self, from: Data(body.readableBytesView))
            }
        } catch {
            return .refusal(.badRequest, "no request can be read from the body: \(error)")
        }
        let result: Result<Answer, WorldError>
        if envelope.request.isRepeatable {
            result = await read(envelope)
        } else {
            result = await ledger.perform(envelope.request, id: envelope.id) {
                [change] request async throws(WorldError) in try await change(request, envelope.id)
            }
        }
        let status: HTTPResponseStatus = if case .success = result { .ok } else { .unprocessableEntity }
        let outcome = Outcome(id: envelope.id, result: result)
        return await besideTheLoop(if: outcome.isLarge) { self.written(status, outcome) }
    }

    private func read(_ envelope: RequestEnvelope) async -> Result<Answer, WorldError> {
        do throws(WorldError) {
            return .success(
                try await performWaiting(
                    envelope.request, wait: envelope.wait, isStopping: { self.isStopping.isSet }, perform: perform))
        } catch {
            return .failure(error)
        }
    }

    private func outcome(of text: Substring) -> HTTPAnswer {
        guard let id = RequestID(String(text)) else {
            return .refusal(.badRequest, "a request id is 1 to 64 of [A-Za-z0-9._-]")
        }
        let outcome = ledger.outcome(of: id)
        return written(outcome.state == .unknown ? .notFound : .ok, outcome)
    }

    private func written(_ status: HTTPResponseStatus, _ outcome: Outcome) -> HTTPAnswer {
        do {
            return HTTPAnswer(
                status, type: "application/json", .whole(ByteBuffer(bytes: try outcome.encoded())))
        } catch {
            return .refusal(.internalServerError, "the answer cannot be written as JSON: \(error)")
        }
    }

    /// Does what takes long on another thread, so that the loop serves the others meanwhile.
    private func besideTheLoop<Value: Sendable, Failure: Error>(
        if isLong: Bool, _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        guard isLong else { return try body() }
        let task = Task.detached(executorPreference: globalConcurrentExecutor) { Result(catching: body) }
        return try await task.value.get()
    }

    // MARK: Backups

    private func stream(_ body: ByteBuffer, _ backup: @escaping PerformBackup) async -> HTTPAnswer {
        let request: BackupRequest
        do {
            request = try JSONDecoder().decode(BackupRequest.self, from: Data(body.readableBytesView))
        } catch {
            return .refusal(.badRequest, "no backup can be read from the body: \(error)")
        }
        let stream = BackupStream()
        Task.detached {
            let result: Result<BackupAnswer, WorldError>
            do throws(WorldError) {
                result = .success(try await backup(request, stream))
            } catch {
                result = .failure(error)
            }
            stream.finish(result)
        }
        let early = await withTaskCancellationHandler {
            await stream.failureBeforeAll()
        } onCancel: {
            stream.isGone.set()
        }
        if let failure = early {
            return written(.unprocessableEntity, Outcome(id: RequestID(), result: .failure(failure)))
        }
        return HTTPAnswer(.ok, type: "application/octet-stream", .streamed(stream))
    }

    // MARK: Figures and events

    private func metrics() async -> HTTPAnswer {
        do throws(WorldError) {
            guard case .metrics(let metrics) = try await perform(.metrics) else {
                return .refusal(.internalServerError, "the world answered with something else than metrics")
            }
            let text = MetricsText(metrics, events: events.count).text
            return HTTPAnswer(.ok, type: MetricsText.contentType, .whole(ByteBuffer(string: text)))
        } catch {
            return .refusal(.serviceUnavailable, error.description)
        }
    }

    private func eventLines(_ question: HTTPQuestion) -> HTTPAnswer {
        guard let since = UInt64(question.parameter("since") ?? "0"),
            let seconds = Double(question.parameter("wait") ?? "0"), seconds >= 0, seconds <= EventStream.longestSeconds
        else {
            return .refusal(
                .badRequest,
                "since is the number of an event, wait is seconds, 0 to \(Int(EventStream.longestSeconds))")
        }
        let stream = EventStream(log: events, since: since, seconds: seconds)
        return HTTPAnswer(.ok, type: "application/jsonl; charset=utf-8", .streamed(stream))
    }
}

/// Bytes of JSON from which on reading it takes longer than a change of threads by far.
private let largeBytes = 1 << 16
/// Before the id of a request whose outcome is asked.
private let outcomesPath = "/v1/requests/"
