// Taking a backup from a host, over its socket.

import FoundationEssentials
import Glibc
import NIOCore
import World

extension ControlClient {
    /// Has the host stream a backup to `sink`. Throws `.notListening` where nothing was asked, `.refused` with the world's own error,
    /// which may come behind a part of the stream, and `.serverEnded` where the connection broke; what `sink` throws is thrown on.
    package func backup(_ request: BackupRequest, to sink: any BackupSink) async throws -> BackupAnswer {
        _ = try reachable()
        let body: Data
        do {
            body = try JSONEncoder().encode(request)
        } catch {
            throw notUnderstood(0, "the request cannot be written as JSON: \(error)")
        }
        var refusal: [UInt8] = []
        var taking: (any Error)?
        do {
            let end = try await HostConnection.ask(
                HostRequest(method: .POST, uri: backupsPath, body: ByteBuffer(bytes: body)), at: socket,
                connectSeconds: connectSeconds
            ) { status, piece in
                guard status == 200 else {
                    if refusal.count < 1 << 20 { refusal += piece.readableBytesView }
                    return
                }
                do {
                    try piece.withUnsafeReadableBytes { try sink.write($0) { false } }
                } catch {
                    taking = error
                    throw error
                }
            }
            let outcome: Data? =
                end.status == 200
                ? end.trailers?.first(name: backupOutcomeTrailer).flatMap { Data(base64Encoded: $0) } : Data(refusal)
            guard let outcome, [200, 422].contains(end.status) else {
                throw notUnderstood(end.status, String(decoding: refusal, as: UTF8.self))
            }
            return try result(outcome, end.status)
        } catch let failure as ControlFailure {
            throw failure
        } catch is NotConnected {
            throw ControlFailure.notListening(socket: folder.socketPath, errno: ECONNREFUSED)
        } catch {
            if let taking { throw taking }
            throw ControlFailure.serverEnded(socket: folder.socketPath, cause: "the backup was broken off: \(error)")
        }
    }

    private func result(_ outcome: Data, _ status: UInt) throws(ControlFailure) -> BackupAnswer {
        let decoded = Result { try JSONDecoder().decode(Outcome.self, from: outcome) }
        switch decoded {
        case .failure(let error): throw notUnderstood(status, "\(error)")
        case .success(let outcome):
            guard case .backup(let answer) = try answer(in: outcome) else {
                throw notUnderstood(status, "the outcome is of another kind")
            }
            return answer
        }
    }
}

/// Where backups are asked for.
let backupsPath = "/v1/backups"
