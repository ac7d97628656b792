// Serves a running world's control interface (`specs/control.md`) on the Unix socket in its folder.
//
// Owns the socket's life: it is bound in a private folder `control.new` inside the world's, made 0600, and renamed to
// `control.sock`, so that it is never there with other rights, a stale one of a crashed host is replaced in one step,
// and whoever finds it finds a host that takes requests. The world's lock makes this host the only one here.
// Hides hummingbird. Knows of the world only the closure that performs a request.

import FoundationEssentials
import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOPosix
import Synchronization
import World

/// The host's end of the control socket.
package final class ControlServer: Sendable {
    private struct Life {
        var task: Task<Result<Void, ControlFailure>, Never>?
        var isStopping = false
    }

    private let folder: WorldFolder
    private let events: EventLog
    private let perform: PerformRequest
    private let change: PerformChange
    private let ledger: RequestLedger
    private let openAnswers = OpenAnswers()
    private let life = Mutex(Life())
    private let executor = LoopExecutor(MultiThreadedEventLoopGroup.singleton.next())

    /// Prepares to serve the world in `directory`, whose host has these events, and took these requests in again when it opened it.
    /// `change` performs what changes the world; nil: `perform` does. Throws what `WorldFolder` throws.
    package init(
        directory: String, events: EventLog = EventLog(), replayed: [ReplayedRequest] = [],
        change: PerformChange? = nil, perform: @escaping PerformRequest
    ) throws(ControlFailure) {
        folder = try WorldFolder(directory)
        self.events = events
        ledger = RequestLedger(replayed: replayed)
        self.perform = perform
        if let change {
            self.change = change
        } else {
            self.change = { request, _ async throws(WorldError) in try await perform(request) }
        }
    }

    /// Binds the socket and returns when it takes requests; they are served until `stop()`.
    /// Throws `.cannotListen` with the step that failed. Call it once.
    package func start() async throws(ControlFailure) {
        try clearBindingFolder()
        guard mkdirat(folder.descriptor, bindingFolder, 0o700) == 0 else {
            throw cannotListen("making \(bindingFolder)")
        }
        let result: Result<Void, ControlFailure> = await withCheckedContinuation { continuation in
            let started = Once(continuation)
            let task = Task(executorPreference: executor) { [self] in
                let result = await serve { started.resume(returning: self.publish()) }
                started.resume(returning: result)
                return result
            }
            life.withLock { $0.task = task }
        }
        try result.get()
    }

    /// Waits until the server has ended; nil where `stop()` ended it. For after `start()`.
    package func ended() async -> ControlFailure? {
        guard case .failure(let failure) = await life.withLock({ $0.task })?.value else { return nil }
        return failure
    }

    /// Takes the socket away, lets answers that are under way go out (at most two seconds), and ends the server.
    package func stop() async {
        let task = life.withLock { life in
            life.isStopping = true
            return life.task
        }
        unlinkat(folder.descriptor, controlSocketName, 0)
        await openAnswers.drained(quiet: .milliseconds(30), within: .seconds(2))
        task?.cancel()
        _ = await task?.value
    }

    private var isStopping: Bool { life.withLock { $0.isStopping } }

    // MARK: The socket

    private func serve(onServerRunning: @escaping @Sendable () -> Void) async -> Result<Void, ControlFailure> {
        // Its words would be about connections and tasks; whoever asked is told what matters.
        let logger = Logger(label: "keyvm.control") { _ in SwiftLogNoOpLogHandler() }
        let application = Application(
            router: router(),
            server: HTTPServerBuilder { [openAnswers] respond in
                HTTP1Channel { request, writer, channel in
                    let openAnswer = OpenAnswer(of: openAnswers)
                    try await respond(request, writer, channel)
                    withExtendedLifetime(openAnswer) {}
                }
            },
            configuration: ApplicationConfiguration(
                address: .unixDomainSocket(path: folder.shortPath(to: "\(bindingFolder)/\(controlSocketName)"))),
            onServerRunning: { _ in onServerRunning() },
            eventLoopGroupProvider: .shared(executor.loop),
            logger: logger)
        do {
            try await application.run()
            return .success(())
        } catch is CancellationError {
            return .success(())
        } catch {
            return .failure(.serverEnded(socket: folder.socketPath, cause: "\(error)"))
        }
    }

    /// Gives the bound socket its rights and its name.
    private func publish() -> Result<Void, ControlFailure> {
        let bound = "\(bindingFolder)/\(controlSocketName)"
        guard fchmodat(folder.descriptor, bound, 0o600, 0) == 0 else {
            return .failure(cannotListen("setting the socket's rights"))
        }
        guard renameat(folder.descriptor, bound, folder.descriptor, controlSocketName) == 0 else {
            return .failure(cannotListen("renaming the socket"))
        }
        unlinkat(folder.descriptor, bindingFolder, AT_REMOVEDIR)
        return .success(())
    }

    /// Removes what a host left that died between binding and renaming.
    private func clearBindingFolder() throws(ControlFailure) {
        unlinkat(folder.descriptor, "\(bindingFolder)/\(controlSocketName)", 0)
        guard unlinkat(folder.descriptor, bindingFolder, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw cannotListen("removing an old \(bindingFolder)")
        }
    }

    private func cannotListen(_ step: String) -> ControlFailure {
        .cannotListen(socket: folder.socketPath, step: step, errno: errno)
    }

    // MARK: The routes

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.post("/v1/requests") { [self] request, _ in await post(request) }
        router.get("/v1/requests/:id") { [self] _, context in
            guard let text = context.parameters.get("id"), let id = RequestID(text) else {
                return refusal(.badRequest, "a request id is 1 to 64 of [A-Za-z0-9._-]")
            }
            let outcome = ledger.outcome(of: id)
            let status: HTTPResponse.Status = outcome.state == .unknown ? .notFound : .ok
            return response(status, outcome)
        }
        router.get("/metrics") { [self] _, _ in await metrics() }
        router.get("/v1/events") { [self] request, _ in eventLines(request) }
        return router
    }

    private func metrics() async -> Response {
        do throws(WorldError) {
            guard case .metrics(let metrics) = try await perform(.metrics) else {
                return refusal(.internalServerError, "the world answered with something else than metrics")
            }
            let text = MetricsText(metrics, events: events.count).text
            return Response(
                status: .ok, headers: [.contentType: MetricsText.contentType],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        } catch {
            return refusal(.serviceUnavailable, error.description)
        }
    }

    /// Lines that are written as things happen; the connection ends with them.
    private func eventLines(_ request: Hummingbird.Request) -> Response {
        let parameters = request.uri.queryParameters
        guard let since = UInt64(parameters.get("since") ?? "0"),
            let seconds = Double(parameters.get("wait") ?? "0"), seconds >= 0, seconds <= EventStream.longestSeconds
        else {
            return refusal(
                .badRequest,
                "since is the number of an event, wait is seconds, 0 to \(Int(EventStream.longestSeconds))")
        }
        let stream = EventStream(log: events, since: since, seconds: seconds)
        let body = request.body
        return Response(
            status: .ok, headers: [.contentType: "application/jsonl; charset=utf-8", .connection: "close"],
            body: ResponseBody { writer in
                try await body.consumeWithInboundCloseHandler(
                    { _ in try await stream.deliver { try await writer.write(ByteBuffer(bytes: $0)) } },
                    onInboundClosed: { stream.isGone.set() })
                try await writer.finish(nil)
            })
    }

    private func post(_ request: Hummingbird.Request) async -> Response {
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: requestBodyLimitBytes)
        } catch {
            return refusal(
                .contentTooLarge, "a body of at most \(requestBodyLimitBytes) bytes is taken whole: \(error)")
        }
        let envelope: RequestEnvelope
        do {
            envelope = try await besideTheLoop(if: body.readableBytes > largeBytes) {
                try RequestEnvelope(plainSend: body.readableBytesView)
                    ?? JSONDecoder().decode(RequestEnvelope.self, from: Data(body.readableBytesView))
            }
        } catch {
            return refusal(.badRequest, "no request can be read from the body: \(error)")
        }
        let result: Result<Answer, WorldError>
        if envelope.request.isReading {
            result = await read(envelope)
        } else {
            result = await ledger.perform(envelope.request, id: envelope.id) {
                [change] request async throws(WorldError) in try await change(request, envelope.id)
            }
        }
        let status: HTTPResponse.Status = if case .success = result { .ok } else { .unprocessableContent }
        let outcome = Outcome(id: envelope.id, result: result)
        return await besideTheLoop(if: outcome.isLarge) { self.response(status, outcome) }
    }

    /// Does what takes long on another thread, so that the loop serves the others meanwhile.
    private func besideTheLoop<Value: Sendable, Failure: Error>(
        if isLong: Bool, _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        guard isLong else { return try body() }
        let task = Task.detached(executorPreference: globalConcurrentExecutor) { Result(catching: body) }
        return try await task.value.get()
    }

    private func read(_ envelope: RequestEnvelope) async -> Result<Answer, WorldError> {
        do throws(WorldError) {
            return .success(
                try await performWaiting(
                    envelope.request, wait: envelope.wait, isStopping: { self.isStopping }, perform: perform))
        } catch {
            return .failure(error)
        }
    }

    // MARK: Answers

    private func response(_ status: HTTPResponse.Status, _ outcome: Outcome) -> Response {
        let data: Data
        do {
            data = try outcome.encoded()
        } catch {
            return refusal(.internalServerError, "the answer cannot be written as JSON: \(error)")
        }
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }

    private func refusal(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text + "\n")))
    }
}

/// Bytes of JSON from which on reading it takes longer than a change of threads by far.
private let largeBytes = 1 << 16
/// Where a socket is bound before it gets its name.
private let bindingFolder = "control.new"
