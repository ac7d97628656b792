// Kills a host in the middle of what it does: at a purchase or a turn, which are as many each time.

import Glibc
import Synchronization
import World

/// Decides as the kernel does by itself, and ends the process when it was asked often enough.
final class Deadline: BankPolicy, QuantumPolicy {
    private let left: Atomic<Int>

    init(_ count: Int) { left = Atomic(count) }

    private func count() {
        if left.subtract(1, ordering: .relaxed).newValue <= 0 { kill(getpid(), SIGKILL) }
    }

    func room(for banks: [BankView]) -> BankRoom {
        count()
        return BankRoom()
    }

    func turn(of process: ReadyProcess) -> Turn? {
        count()
        return Turn(gas: process.quantumGas, atATime: process.weight)
    }
}
