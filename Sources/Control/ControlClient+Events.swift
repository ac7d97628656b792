// Reading a host's events over its socket, as the lines come.

import FoundationEssentials
import Glibc
import NIOCore
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
        let request = HostRequest(uri: "/v1/events?since=\(since)&wait=\(seconds)")
        let lines = EventLines()
        var taking: (any Error)?
        do {
            let (status, _) = try await HostConnection.ask(request, at: socket, connectSeconds: connectSeconds) {
                status, piece in
                do {
                    guard status == 200 else { return lines.refuse(piece) }
                    for event in try lines.events(in: piece) { try take(event) }
                } catch {
                    taking = error
                    throw error
                }
            }
            guard status == 200 else { throw notUnderstood(status, lines.refusal) }
            return .complete
        } catch let failure as ControlFailure {
            throw failure
        } catch is NotConnected {
            throw ControlFailure.notListening(socket: folder.socketPath, errno: ECONNREFUSED)
        } catch {
            guard taking == nil else {
                throw error is DecodingError ? notUnderstood(200, "\(error)") : error
            }
            return try await lost(host, error)
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

/// Events, as their lines come in pieces. Used by one reader.
private final class EventLines {
    private var line: [UInt8] = []
    private let decoder = JSONDecoder()
    /// What a host says that refuses.
    private(set) var refusal = ""

    /// The events whose lines end in this piece. Throws `DecodingError` for a line that is none.
    func events(in piece: ByteBuffer) throws -> [WorldEvent] {
        var found: [WorldEvent] = []
        for byte in piece.readableBytesView {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            found.append(try decoder.decode(EventLine.self, from: Data(line)).event)
            line.removeAll(keepingCapacity: true)
        }
        return found
    }

    func refuse(_ piece: ByteBuffer) {
        if refusal.utf8.count < 1 << 16 { refusal += String(decoding: piece.readableBytesView, as: UTF8.self) }
    }
}
