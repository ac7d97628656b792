// One connection to a host: a request out, its answer in. HTTP itself is NIO's; what a client of one Unix socket needs of it
// is this much (decision 0007).
//
// Invariants: an answer that is handed over has its end; a connection serves one request and is closed with it; a request is
// written whole or not at all.

import NIOCore
import NIOHTTP1
import NIOPosix

/// A request to a host, as HTTP has it.
struct HostRequest: Sendable {
    var method: HTTPMethod = .GET
    /// Path and query.
    var uri: String
    /// JSON.
    var body: ByteBuffer?

    fileprivate var head: HTTPRequestHead {
        var headers: HTTPHeaders = ["host": "localhost", "connection": "close"]
        if let body {
            headers.add(name: "content-type", value: "application/json")
            headers.add(name: "content-length", value: "\(body.readableBytes)")
        }
        return HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: headers)
    }

    fileprivate var parts: [HTTPClientRequestPart] {
        var parts: [HTTPClientRequestPart] = [.head(head)]
        if let body { parts.append(.body(.byteBuffer(body))) }
        return parts + [.end(nil)]
    }
}

/// The connection ended before the answer did.
struct AnswerCut: Error, CustomStringConvertible {
    var description: String { "the connection ended in the middle of the answer" }
}

/// There was no connection, or none any more, so nothing was sent.
struct NotConnected: Error, CustomStringConvertible {
    var cause: any Error
    var description: String { "\(cause)" }
}

/// The answer is longer than the client takes.
struct AnswerTooLong: Error, CustomStringConvertible {
    var limitBytes: Int
    var description: String { "the answer has more than \(limitBytes) bytes" }
}

enum HostConnection {
    /// One thread for all connections of this process: there is seldom more than one.
    private static let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// Asks over the socket at `path`, which fits a socket address. `take` is called with each piece of the body as it comes;
    /// what it throws ends the connection and is thrown on. Returns the status and the trailer. Throws `NotConnected` where the connection
    /// cannot be made within `connectSeconds` or is gone before anything was sent, what NIO throws where it breaks, and `AnswerCut`.
    static func ask(
        _ request: HostRequest, at path: String, connectSeconds: Int,
        take: (_ status: UInt, _ piece: ByteBuffer) async throws -> Void
    ) async throws -> (status: UInt, trailers: HTTPHeaders?) {
        let channel: NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
        do {
            channel = try await ClientBootstrap(group: loops)
                .connectTimeout(.seconds(Int64(connectSeconds)))
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                            wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw NotConnected(cause: error)
        }
        return try await channel.executeThenClose { answer, outbound in
            do {
                // All at once: a host that has what it needs answers and closes, and a rest could not be written any more.
                try await outbound.write(contentsOf: request.parts)
            } catch {
                throw NotConnected(cause: error)
            }
            var status: UInt = 0
            for try await part in answer {
                switch part {
                case .head(let head): status = UInt(head.status.code)
                case .body(let piece): try await take(status, piece)
                case .end(let trailers): return (status, trailers)
                }
            }
            throw AnswerCut()
        }
    }

    /// The same, with the body whole. Throws `AnswerTooLong` besides.
    static func ask(
        _ request: HostRequest, at path: String, connectSeconds: Int, limitBytes: Int
    ) async throws -> (status: UInt, body: ByteBuffer) {
        var whole = ByteBuffer()
        let (status, _) = try await ask(request, at: path, connectSeconds: connectSeconds) { _, piece in
            guard whole.readableBytes + piece.readableBytes <= limitBytes else {
                throw AnswerTooLong(limitBytes: limitBytes)
            }
            whole.writeImmutableBuffer(piece)
        }
        return (status, whole)
    }
}
