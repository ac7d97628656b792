// Carries the bytes of a descriptor to a process's standard input, as they come, and their end.
//
// Invariant: bytes arrive in order and once: a piece is offered again only after the world refused it.

import Control
import Dispatch
import FoundationEssentials
import Glibc
import World

/// A thread that reads a descriptor and sends what it reads.
struct InputForwarder: Sendable {
    let process: String
    let descriptor: Int32
    let ask: @Sendable (Request) throws(WorldError) -> Answer

    /// Begins, and goes on until the input ends, the process takes no more, or the program exits.
    func start() { DispatchQueue(label: "keyvm.input").async { forward() } }

    private func forward() {
        var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            // A descriptor that cannot be read has nothing to say: that is an end too.
            let data = Data(chunk[..<max(0, count)])
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

    /// Bytes read and sent at a time.
    static let chunkBytes = 1 << 16
}
