// Reading a host's events over its socket, as the lines come.

import AsyncHTTPClient
import FoundationEssentials
import World

extension ControlClient {
    /// How reading events ended.
    package enum EventsEnd: Sendable {
        /// All that was asked for came; a host that halts ends all that are read.
        case complete
        /// The host went away in the middle: it crashed, or was killed.
        case lost
    }

    /// Reads events from number `since` on: those that there are, and with `follow` those that happen until the host ends.
    /// What `take` throws ends the reading and is thrown on. Throws `.notListening` where nothing could be asked, and
    /// `.serverEnded` where the connection broke though the host is still there.
    package func readEvents(
        since: UInt64, follow: Bool, _ take: (WorldEvent) throws -> Void
    ) async throws -> EventsEnd {
        let host = try reachable()
        let seconds = follow ? EventStream.longestSeconds : 0
        let request = HTTPClientRequest(url: "\(base)/v1/events?since=\(since)&wait=\(seconds)")
        let decoder = JSONDecoder()
        var line: [UInt8] = []
        var body: HTTPClientResponse.Body.AsyncIterator
        do {
            let response = try await http.execute(request, deadline: .distantFuture)
            guard response.status == .ok else {
                let text = try await response.body.collect(upTo: 1 << 16)
                throw notUnderstood(UInt(response.status.code), String(decoding: text.readableBytesView, as: UTF8.self))
            }
            body = response.body.makeAsyncIterator()
        } catch let failure as ControlFailure {
            throw failure
        } catch {
            return try await lost(host, error)
        }
        while true {
            let piece: HTTPClientResponse.Body.Element?
            do { piece = try await body.next() } catch { return try await lost(host, error) }
            guard let piece else { return .complete }
            for byte in piece.readableBytesView {
                guard byte == UInt8(ascii: "\n") else {
                    line.append(byte)
                    continue
                }
                let event: WorldEvent
                do {
                    event = try decoder.decode(EventLine.self, from: Data(line)).event
                } catch {
                    throw notUnderstood(200, "\(error)")
                }
                line.removeAll(keepingCapacity: true)
                try take(event)
            }
        }
    }

    /// Whether the host is gone with the connection. One that is killed goes piece by piece, and its socket may accept a
    /// little longer than its connections live.
    private func lost(_ host: SocketIdentity, _ cause: any Error) async throws(ControlFailure) -> EventsEnd {
        let deadline = ContinuousClock.now + .seconds(2)
        while folder.socketIdentity() == host, folder.probe(seconds: 1) == 0 {
            guard ContinuousClock.now < deadline else {
                throw .serverEnded(socket: folder.socketPath, cause: "the connection broke: \(cause)")
            }
            await pause(1)
        }
        return .lost
    }
}
