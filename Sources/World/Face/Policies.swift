// What an embedder decides in place of the kernel: who may buy, and how long turns are. `specs/library.md`.

import Kernel
import Objects

/// A bank as a policy sees it.
public struct BankView: Sendable, Hashable {
    /// Unique below its parent; empty while what it has is on its way to the parent.
    public let name: String
    /// Pages that it sells at most; nil: no limit.
    public let limitPages: UInt64?
    /// Objects that it sells at most; nil: no limit.
    public let limitCells: UInt64?
    /// Pages of its own and of those below it, with what is reserved for them.
    public let usedPages: UInt64
    /// Objects of its own and of those below it.
    public let usedCells: UInt64
    /// Pages of its own.
    public let ownPages: UInt64
    /// Objects of its own.
    public let ownCells: UInt64
    /// Pages that its parent keeps for it.
    public let reservePages: UInt64

    init(_ counts: BankCounts) {
        name = counts.name
        limitPages = counts.limitPages
        limitCells = counts.limitCells
        usedPages = counts.usedPages
        usedCells = counts.usedCells
        ownPages = counts.ownPages
        ownCells = counts.ownCells
        reservePages = counts.reservePages
    }
}

/// What a policy lets a bank buy now.
public struct BankRoom: Sendable, Hashable {
    /// Pages of 4,096 bytes; nil: as many as the limits allow.
    public var pages: UInt64?
    /// Objects: processes, instances, modules, banks, meters; nil: as many as the limits allow.
    public var cells: UInt64?

    /// Room for so many, or as much as the limits allow.
    public init(pages: UInt64? = nil, cells: UInt64? = nil) {
        self.pages = pages
        self.cells = cells
    }
}

/// Decides what banks sell besides their limits: a purchase needs both to allow it.
///
/// A process that is refused a page freezes at its instruction and goes on when there is room; `memory.grow` is answered
/// from the same room. An answer may depend on nothing but the arguments: only then is a world the same wherever it runs.
public protocol BankPolicy: Sendable {
    /// What the first of `banks` may buy now. The others are those above it, up to the root. Called at each purchase.
    func room(for banks: [BankView]) -> BankRoom
}

/// A process that is first in the ready queue.
public struct ReadyProcess: Sendable, Hashable {
    /// Never used again in its world.
    public let id: UInt64
    public let name: String
    /// All that it has used.
    public let gasUsed: UInt64
    /// Gas of a quantum of this world.
    public let quantumGas: UInt64
    /// Quanta that it would have at a time: the product of the weights of its meters, 1 to 1,000.
    public let weight: UInt32

    init(_ figures: ReadyFigures) {
        id = figures.id
        name = figures.name
        gasUsed = figures.gasUsed
        quantumGas = figures.quantumGas
        weight = figures.weight
    }
}

/// A turn of a process.
public struct Turn: Sendable, Hashable {
    /// Gas of the turn; 0 counts as 1.
    public var gas: UInt64
    /// Turns that follow each other as long as it uses each of them up.
    public var atATime: UInt32

    /// A turn of so much gas.
    public init(gas: UInt64, atATime: UInt32 = 1) {
        self.gas = gas
        self.atATime = atATime
    }
}

/// Decides how long turns are. The queue is round robin; who is let pass goes to its end.
///
/// An answer may depend on nothing but the argument: only then is a world the same wherever it runs.
public protocol QuantumPolicy: Sendable {
    /// The turn of the process that is first; nil: not now. Where all pass, the first of them has the world's own quantum.
    func turn(of process: ReadyProcess) -> Turn?
}

extension World {
    /// What decides about purchases and turns in place of the kernel.
    public struct Policies: Sendable {
        /// nil: the limits of banks, and nothing else.
        public var bank: (any BankPolicy)?
        /// nil: the world's quantum, as often as the weights of meters say.
        public var quantum: (any QuantumPolicy)?

        /// The kernel's own, where nil.
        public init(bank: (any BankPolicy)? = nil, quantum: (any QuantumPolicy)? = nil) {
            self.bank = bank
            self.quantum = quantum
        }
    }

    func adopt(_ policies: Policies) {
        if let policy = policies.bank {
            objects.bankPolicy = { counts in
                let room = policy.room(for: counts.map(BankView.init))
                return (room.pages, room.cells)
            }
        }
        if let policy = policies.quantum {
            kernel.quantumPolicy = { figures in
                policy.turn(of: ReadyProcess(figures)).map { ($0.gas, $0.atATime) }
            }
        }
    }
}
