// Carries the bytes of a descriptor to a process's standard input, as they come, and their end.
//
// Invariants: bytes arrive in order and once: a piece is offered again only after the world refused it. The process is
// given no more than it can answer within its log: before every few pieces what it wrote is printed, and what it has
// not read is little, so that a filter's output is not dropped because its input came too fast.

import Control
import Dispatch
import FoundationEssentials
import Glibc
import World

/// A thread that reads a descriptor and sends what it reads.
package struct InputForwarder: Sendable {
    let process: String
    let descriptor: Int32
    /// How far the log is printed.
    let printed: LogPosition
    /// How much of the log is kept, and how much input is queued.
    let logBytes: UInt64
    let ask: @Sendable (Request) throws(WorldError) -> Answer

    /// Bytes read and sent at a time.
    static let chunkBytes = 1 << 16

    /// Bytes that are sent without looking how the process gets on: with as many unread, half of what the log keeps.
    private var strideBytes: Int { max(1_024, Int(clamping: logBytes / 4)) }

    /// `ask` performs a request on the world; it is called from one thread.
    package init(
        process: String, descriptor: Int32, printed: LogPosition, logBytes: UInt64,
        ask: @escaping @Sendable (Request) throws(WorldError) -> Answer
    ) {
        self.process = process
        self.descriptor = descriptor
        self.printed = printed
        self.logBytes = logBytes
        self.ask = ask
    }

    /// Forwards on a thread of its own, until the input ends, the process takes no more, or the program exits.
    func start() { DispatchQueue(label: "keyvm.input").async { forward() } }

    /// Forwards on this thread, until the input ends or the process takes no more.
    package func forward() {
        var chunk = [UInt8](repeating: 0, count: min(Self.chunkBytes, strideBytes))
        var unwatched = 0
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            // A descriptor that cannot be read has nothing to say: that is an end too.
            let data = Data(chunk[..<max(0, count)])
            if unwatched + data.count > strideBytes {
                guard keepsPace() else { return }
                unwatched = 0
            }
            unwatched += data.count
            guard offer(data, ends: count <= 0), count > 0 else { return }
        }
    }

    /// Whether the world took it. A full queue is waited for.
    private func offer(_ data: Data, ends: Bool) -> Bool {
        while true {
            do throws(WorldError) {
                _ = try ask(.send(process: process, data: data, ends: ends))
                return true
            } catch {
                guard error.code == .bankExhausted else { return false }
                usleep(20_000)
            }
        }
    }

    /// Waits until the process has read most of its input and all it wrote is printed. False where it will not.
    private func keepsPace() -> Bool {
        var pause: UInt32 = 500
        while true {
            do throws(WorldError) {
                guard case .inspect(let answer) = try ask(.inspect(process: process)) else { return false }
                if answer.process.state.isStandstill { return false }
                let request = Request.logs(process: process, since: printed.next, limitBytes: 1)
                guard case .logs(let logs) = try ask(request) else { return false }
                if answer.inputBytes <= UInt64(strideBytes), logs.items.isEmpty { return true }
            } catch {
                return false
            }
            usleep(pause)
            pause = min(pause * 2, 20_000)
        }
    }
}
