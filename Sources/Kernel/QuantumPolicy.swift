// What the layers above decide about turns.

/// The process that is first in the ready queue, as a policy is told.
package struct ReadyFigures: Sendable, Hashable {
    package let id: UInt64
    package let name: String
    package let gasUsed: UInt64
    /// Gas of a quantum of the world.
    package let quantumGas: UInt64
    /// Quanta that it would have at a time.
    package let weight: UInt32
}

/// Gas of the process's turn, and turns that follow each other while it uses them up; nil: it goes to the end of the queue.
package typealias QuantumPolicyRule = @Sendable (ReadyFigures) -> (gas: UInt64, atATime: UInt32)?
