// Follows one process's log: writes what it wrote to where the caller wants it, until it stands still.
//
// Invariant: each record is delivered once and in order, whoever asks: the position moves only after delivery.

import Control
import FoundationEssentials
import Glibc
import Synchronization
import World

/// How a process came to its end, or to a place from which it does not go on by itself.
enum Ending {
    case exited(code: Int32)
    case trapped(InspectAnswer)
    case outOfGas(InspectAnswer)
    case outOfSpace(InspectAnswer)
}

/// How far a process's log has been printed: written by its follower, read by whoever keeps pace with it.
package final class LogPosition: Sendable {
    private let sequence = Mutex<UInt64>(0)

    /// Nothing is printed yet.
    package init() {}

    /// The first record that is not printed yet.
    package var next: UInt64 { sequence.withLock { $0 } }

    /// All records before `next` are printed.
    package func move(to next: UInt64) { sequence.withLock { $0 = next } }
}

/// A reader of a process's log. Used by one thread at a time.
final class ProcessFollower {
    /// Asks the world, wherever it is.
    typealias Ask = (Request, LogWait?) throws(WorldError) -> Answer

    let process: String
    let position = LogPosition()
    private let outputDescriptor: Int32
    private var branch: UInt64?

    /// `outputDescriptor`: where the process's standard output goes; its standard error goes to ours.
    init(process: String, outputDescriptor: Int32 = STDOUT_FILENO) {
        self.process = process
        self.outputDescriptor = outputDescriptor
    }

    /// Delivers records until there are none and the process stands still. Throws `WorldError` and `OutputLost`.
    func followToStandstill(_ ask: Ask) throws {
        while true {
            let logs = try deliver(ask, wait: LogWait(seconds: 30, endsAtStandstill: true))
            guard logs.items.isEmpty else { continue }
            if logs.ended { return }
            if try inspected(ask).process.state.isStandstill {
                // What it wrote between the two questions.
                while try !deliver(ask, wait: nil).items.isEmpty {}
                return
            }
        }
    }

    /// Delivers what is there now.
    func deliverPresent(_ ask: Ask) throws {
        while try !deliver(ask, wait: nil).items.isEmpty {}
    }

    /// How the process stands; nil where it can go on by itself.
    func ending(_ ask: Ask) throws(WorldError) -> Ending? {
        let answer = try inspected(ask)
        switch answer.process.state {
        case .exited: return .exited(code: answer.process.exitCode ?? 0)
        case .faulted: return .trapped(answer)
        case .frozenGas: return .outOfGas(answer)
        case .frozenSpace: return .outOfSpace(answer)
        case .ready, .waiting, .stopped: return nil
        }
    }

    private func deliver(_ ask: Ask, wait: LogWait?) throws -> LogsAnswer {
        let begin = position.next
        let request = Request.logs(process: process, since: begin, limitBytes: Self.batchBytes)
        guard case .logs(let logs) = try ask(request, wait) else { throw unexpected(request) }
        if let branch, logs.branch != branch {
            throw WorldError(
                .failed, what: "the world went back to a checkpoint",
                why: "what became of \(printable(process)) in the meantime is no more, and its name may be another's",
                try: "keyvm ps")
        }
        branch = logs.branch
        if logs.oldest > begin {
            // The log keeps so much and no more, and the process was faster than we.
            StandardStreams.say(
                "keyvm: \(logs.oldest - begin) pieces of its output were dropped before they were read; --log keeps more"
            )
        }
        for record in logs.items {
            switch record.stream {
            case .stdout: try StandardStreams.write(Array(record.data), to: outputDescriptor)
            case .stderr: try StandardStreams.write(Array(record.data), to: STDERR_FILENO)
            }
        }
        position.move(to: max(begin, logs.next))
        return logs
    }

    private func inspected(_ ask: Ask) throws(WorldError) -> InspectAnswer {
        let request = Request.inspect(process: process)
        guard case .inspect(let answer) = try ask(request, nil) else { throw unexpected(request) }
        return answer
    }

    private func unexpected(_ request: Request) -> WorldError { Reach(directory: ".").mismatch(request) }

    /// Text asked for at a time.
    private static let batchBytes = 4 << 20
}
