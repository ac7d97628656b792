// Sends what is longer than a process's input queue: while the process reads, a full queue is waited for, as a pipe is.

import Control
import FoundationEssentials
import Glibc
import World

/// Sends pieces, each all or nothing, in order and once.
final class PatientSender {
    /// How long a full queue is waited for in which nothing is read.
    private static let patience = Duration.seconds(2)

    private let reach: Reach
    private let process: String
    /// Bytes that the world has taken.
    private(set) var sent = 0

    init(reach: Reach, process: String) {
        self.reach = reach
        self.process = process
    }

    /// Returns when the world has taken the piece. Throws what the world says where it does not: `bankExhausted` where the queue
    /// is full and the process reads nothing. The error tells how many bytes before were taken, and how to go on behind them.
    func send(_ piece: Data) throws(WorldError) {
        var unread: UInt64?
        var deadline = ContinuousClock.now + Self.patience
        while true {
            do throws(WorldError) {
                _ = try reach.ask(.send(process: process, data: piece, ends: false))
                sent += piece.count
                return
            } catch {
                guard error.code == .bankExhausted, reach.isHeldByHost,
                    case .inspect(let answer) = try reach.ask(.inspect(process: process)),
                    !answer.process.state.isStandstill
                else { throw told(error) }
                if answer.inputBytes < unread ?? .max { deadline = ContinuousClock.now + Self.patience }
                unread = answer.inputBytes
                guard ContinuousClock.now < deadline else { throw told(error) }
                usleep(10_000)
            }
        }
    }

    private func told(_ error: WorldError) -> WorldError {
        guard sent > 0 else { return error }
        let rest = "tail -c +\(sent + 1) FILE | keyvm send -w \(quotedForShell(reach.directory)) \(process) -"
        return WorldError(
            error.code, what: error.what, why: "\(error.why); the \(sent) bytes before were taken",
            try: error.code == .bankExhausted ? rest : error.remedy)
    }
}
