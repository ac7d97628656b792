// Follows one process's log: writes what it wrote to where the caller wants it, until it stands still.
//
// Invariant: each record is delivered once and in order, whoever asks: `next` moves only after delivery.

import Control
import FoundationEssentials
import Glibc
import World

/// How a process came to its end, or to a place from which it does not go on by itself.
enum Ending {
    case exited(code: Int32)
    case trapped(InspectAnswer)
    case outOfGas(InspectAnswer)
    case outOfSpace(InspectAnswer)
}

/// A reader of a process's log. Used by one thread at a time.
final class ProcessFollower {
    /// Asks the world, wherever it is.
    typealias Ask = (Request, LogWait?) throws(WorldError) -> Answer

    let process: String
    private let outputDescriptor: Int32
    private var next: UInt64

    /// `outputDescriptor`: where the process's standard output goes; its standard error goes to ours.
    init(process: String, since: UInt64 = 0, outputDescriptor: Int32 = STDOUT_FILENO) {
        self.process = process
        next = since
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

    /// Delivers records until the process can write no more. Throws `WorldError` and `OutputLost`.
    func followToEnd(_ ask: Ask) throws {
        while try !deliver(ask, wait: LogWait(seconds: 30, endsAtStandstill: false)).ended {}
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
        let request = Request.logs(process: process, since: next, limitBytes: Self.batchBytes)
        guard case .logs(let logs) = try ask(request, wait) else { throw unexpected(request) }
        for record in logs.items {
            switch record.stream {
            case .stdout: try StandardStreams.write(Array(record.data), to: outputDescriptor)
            case .stderr: try StandardStreams.write(Array(record.data), to: STDERR_FILENO)
            }
        }
        next = logs.next
        return logs
    }

    private func inspected(_ ask: Ask) throws(WorldError) -> InspectAnswer {
        let request = Request.inspect(process: process)
        guard case .inspect(let answer) = try ask(request, nil) else { throw unexpected(request) }
        return answer
    }

    private func unexpected(_ request: Request) -> WorldError { Reach(directory: ".").mismatch(request) }

    /// Text asked for at a time.
    private static let batchBytes = 1 << 18
}
