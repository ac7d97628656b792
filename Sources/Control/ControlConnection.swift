// A client's connection on the host's side: collects a request, has it answered, writes the answer. HTTP's own rules are
// NIO's: its codec, one request at a time, 400 for what is no HTTP.
//
// Invariants: on the loop's thread only; at most one request arrives or is answered at a time; an open answer stands for it
// from its head to the last byte of its answer, or to the connection's end.

import NIOCore
import NIOHTTP1

/// The last handler of a connection's pipeline.
final class ControlConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request that comes in.
    private struct Arriving {
        var head: HTTPRequestHead
        var body = ByteBuffer()
        /// Its body is longer than what is taken; the rest is read and dropped.
        var isTooLong: Bool
        let open: OpenAnswer
    }

    /// A request that is being answered.
    private struct Asked {
        var version: HTTPVersion
        var method: HTTPMethod
        var keepsAlive: Bool
        let open: OpenAnswer

        init(_ head: HTTPRequestHead, keepsAlive: Bool, open: OpenAnswer) {
            (version, method) = (head.version, head.method)
            (self.keepsAlive, self.open) = (keepsAlive, open)
        }
    }

    private let routes: ControlRoutes
    private let openAnswers: OpenAnswers
    private let executor: LoopExecutor
    private let bodyLimitBytes: Int
    private var arriving: Arriving?
    private var answering: Task<Void, Never>?
    private var isAnswering = false
    /// What is being written as things happen.
    private var stream: (any StreamedBody)?
    /// The client says nothing more.
    private var isInputClosed = false

    /// `bodyLimitBytes`: the longest body that is taken.
    init(routes: ControlRoutes, openAnswers: OpenAnswers, executor: LoopExecutor, bodyLimitBytes: Int) {
        self.routes = routes
        self.openAnswers = openAnswers
        self.executor = executor
        self.bodyLimitBytes = bodyLimitBytes
    }

    // MARK: The request

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(var piece):
            guard arriving?.isTooLong == false else { return }
            arriving?.body.writeBuffer(&piece)
            if let count = arriving?.body.readableBytes, count > bodyLimitBytes {
                arriving?.isTooLong = true
                arriving?.body = ByteBuffer()
            }
        case .end: answer(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        let request = Arriving(
            head: head, isTooLong: length > bodyLimitBytes, open: OpenAnswer(of: openAnswers))
        arriving = request
        guard head.headers.first(name: "expect")?.lowercased() == "100-continue" else { return }
        if request.isTooLong {
            // It waits for a word before it sends what nobody takes.
            arriving = nil
            write(tooLong, Asked(request.head, keepsAlive: false, open: request.open), context)
        } else {
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
    }

    private var tooLong: HTTPAnswer {
        .refusal(.payloadTooLarge, "a body of at most \(bodyLimitBytes) bytes is taken")
    }

    // MARK: The answer

    private func answer(_ context: ChannelHandlerContext) {
        guard let request = arriving else { return }
        arriving = nil
        let asked = Asked(
            request.head, keepsAlive: request.head.version == .http1_1 && request.head.isKeepAlive, open: request.open)
        guard !request.isTooLong else { return write(tooLong, asked, context) }
        let question = HTTPQuestion(method: request.head.method, uri: request.head.uri, body: request.body)
        let here = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        isAnswering = true
        // At once, on this thread: most requests are handed to the world before the loop looks at anything else.
        answering = Task.immediate(executorPreference: executor) { [routes] in
            let answer = await routes.answer(question)
            let (connection, context) = here.value
            guard context.channel.isActive else {
                if case .streamed(let body) = answer.body { body.isGone.set() }
                return
            }
            switch answer.body {
            case .whole: connection.write(answer, asked, context)
            case .streamed(let body): await connection.write(body, answer, asked, on: here)
            }
        }
    }

    private func head(_ answer: HTTPAnswer, _ asked: Asked) -> HTTPResponseHead {
        var head = HTTPResponseHead(version: asked.version, status: answer.status)
        head.headers.add(name: "Content-Type", value: answer.contentType)
        if case .whole(let body) = answer.body {
            head.headers.add(name: "Content-Length", value: "\(body.readableBytes)")
        }
        if let allowed = answer.allowedMethod { head.headers.add(name: "Allow", value: allowed.rawValue) }
        if !asked.keepsAlive { head.headers.add(name: "Connection", value: "close") }
        return head
    }

    /// Writes a whole answer in one piece.
    private func write(_ answer: HTTPAnswer, _ asked: Asked, _ context: ChannelHandlerContext) {
        guard case .whole(let body) = answer.body else { preconditionFailure("a stream is written as it comes") }
        context.write(wrapOutboundOut(.head(head(answer, asked))), promise: nil)
        if asked.method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        finish(asked, context)
    }

    private func finish(_ asked: Asked, _ context: ChannelHandlerContext, trailer: HTTPHeaders? = nil) {
        isAnswering = false
        let here = NIOLoopBound(context, eventLoop: context.eventLoop)
        let closes = !asked.keepsAlive || isInputClosed
        context.writeAndFlush(wrapOutboundOut(.end(trailer))).whenComplete { _ in
            withExtendedLifetime(asked.open) {}
            if closes { here.value.close(promise: nil) }
        }
    }

    /// Writes the head and then the body, each piece when the one before has left, until there are no more to come or nobody reads.
    private func write(
        _ body: any StreamedBody, _ answer: HTTPAnswer, _ asked: Asked,
        on here: NIOLoopBound<(ControlConnection, ChannelHandlerContext)>
    ) async {
        guard !(isInputClosed && body.needsOpenInput) else {
            body.isGone.set()
            return here.value.1.close(promise: nil)
        }
        stream = body
        var asked = asked
        asked.keepsAlive = false
        let channel = here.value.1.channel
        do {
            try await channel.writeAndFlush(HTTPServerResponsePart.head(head(answer, asked))).get()
            let trailer = try await body.deliver { piece in
                try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: piece))))
                    .get()
            }
            finish(asked, here.value.1, trailer: trailer.isEmpty ? nil : HTTPHeaders(trailer.map { ($0, $1) }))
        } catch {
            body.isGone.set()
            channel.close(promise: nil)
        }
    }

    // MARK: The connection's end

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
        isInputClosed = true
        if stream?.needsOpenInput == true { stream?.isGone.set() }
        // Whoever closes one half after a whole request still wants its answer.
        if !isAnswering { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        arriving = nil
        stream?.isGone.set()
        answering?.cancel()
        context.fireChannelInactive()
    }
}
