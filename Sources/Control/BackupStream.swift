// A backup on its way from the thread that makes it to a client: a few pieces are held, and whoever makes more waits until they
// have left.

import Dispatch
import FoundationEssentials
import Synchronization
import World

/// Has a world stream a backup to a sink; returns when all of it was taken.
package typealias PerformBackup = @Sendable (BackupRequest, any BackupSink) async throws(WorldError) -> BackupAnswer

final class BackupStream: BackupSink, StreamedBody {
    /// Nobody takes the stream any more.
    struct Gone: Error {}

    private struct State {
        /// What is put together to a piece.
        var filling: [UInt8] = []
        var pieces: [[UInt8]] = []
        /// How it ended; nil: it goes on.
        var result: Result<BackupAnswer, WorldError>?
        var waiter: CheckedContinuation<Void, Never>?
    }

    let isGone = Flag()
    let needsOpenInput = false
    private let state = Mutex(State())
    /// Pieces that may still be added.
    private let room = DispatchSemaphore(value: 0)

    private static let pieceBytes = 256 << 10
    private static let piecesAhead = 2
    /// How long whoever takes the stream may take nothing: nobody else is answered about the past meanwhile.
    private let patience: Duration

    init(patience: Duration = .seconds(60)) {
        self.patience = patience
        // The library's own count is checked when it goes, against what it began with.
        for _ in 0..<Self.piecesAhead { room.signal() }
    }

    // MARK: Whoever makes it

    func write(_ bytes: UnsafeRawBufferPointer, isStopped: () -> Bool) throws {
        if isGone.isSet { throw Gone() }
        let isFull = state.withLock { state in
            state.filling += bytes
            return state.filling.count >= Self.pieceBytes
        }
        guard isFull else { return }
        let begin = ContinuousClock.now
        while room.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
            if isStopped() || isGone.isSet { throw Gone() }
            guard ContinuousClock.now - begin < patience else {
                throw WorldError(
                    .failed, what: "the backup was broken off", why: "nobody took any of it for \(patience)",
                    try: "keyvm backup FILE")
            }
        }
        wake { state in
            state.pieces.append(state.filling)
            state.filling = []
        }
    }

    /// It is over.
    func finish(_ result: Result<BackupAnswer, WorldError>) {
        wake { state in
            if !state.filling.isEmpty { state.pieces.append(state.filling) }
            state.filling = []
            state.result = result
        }
    }

    private func wake(_ change: (inout sending State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    // MARK: Whoever passes it on

    /// How it ended where it ended before there was anything of it, waiting until one or the other is known.
    func failureBeforeAll() async -> WorldError? {
        await changed()
        return state.withLock { state in
            guard state.pieces.isEmpty, case .failure(let error) = state.result else { return nil }
            return error
        }
    }

    /// Gives pieces to `write` until it is over; the trailer says how it ended.
    func deliver(_ write: ([UInt8]) async throws -> Void) async throws -> [(name: String, value: String)] {
        while true {
            await changed()
            let (pieces, result) = state.withLock { state in
                defer { state.pieces = [] }
                return (state.pieces, state.result)
            }
            for piece in pieces {
                try await write(piece)
                room.signal()
            }
            if pieces.isEmpty, let result {
                let outcome = try Outcome(id: RequestID(), result: result.map { .backup($0) }).encoded()
                return [(backupOutcomeTrailer, Data(outcome).base64EncodedString())]
            }
        }
    }

    /// Returns when there is a piece, or it is over.
    private func changed() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isThere = state.withLock { state in
                if !state.pieces.isEmpty || state.result != nil { return true }
                state.waiter = continuation
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}

/// Behind a backup: its outcome, as base64 of JSON.
let backupOutcomeTrailer = "keyvm-outcome"
