// The kernel's acts on objects: banks, meters, processes, modules, streams, the ready queue. All its state is in
// objects; the dictionaries here are caches that can be dropped at any instruction boundary.

import Objects
import Store

package final class Kernel {
    package let objects: Objects
    /// Name → process, of all processes; nil until it is needed.
    var processesByName: [String: CellID]?
    /// For the stem of a name, a number below which each is taken by a process.
    var nextNumbers: [String: Int] = [:]
    /// Modules by their hash, of each the one that was listed last at the end; nil until it is needed.
    var modulesByHash: [[UInt8]: [CellID]]?
    /// What is directly below banks and meters, by name.
    var childNames = ChildNames()
    /// Who is frozen for want of space, and what they wait for; nil until something is sold.
    var frozenForSpace: FrozenForSpace?

    /// Where the record of a sequence number begins in a process's log, as far as one was read lately.
    var logPlaces: [CellID: (sequence: UInt64, position: UInt64)] = [:]
    /// The earliest deadline of all armed timers; nil: not known.
    var nextDeadline: UInt64?
    /// Who waits until something is durable; nil: to be looked for.
    var durabilityAwaited: DurabilityAwaited?
    /// What is not settled yet, and what is known of meters (`Kernel+Settling.swift`).
    let settling = Settling()
    /// What decides how long turns are; nil: the world's quantum and the weights of meters.
    package var quantumPolicy: QuantumPolicyRule? { didSet { hasQuantumPolicy = quantumPolicy != nil } }
    /// Whether there is one.
    private(set) var hasQuantumPolicy = false
    /// Work of one step at what is going, in eighths of a cell: a cell takes 8, a strip of pages 32, what is only looked at 1.
    /// Part of how a world behaves: only tests change it.
    package var stepBudget = 512
    /// Gas of a quantum for which a step is done when it is given out: less than what a program pays for as many objects as a step
    /// removes, so that nobody buys and destroys faster than it goes. Likewise.
    package var gasOfStep: UInt64 = 4_096
    /// Steps that the command which destroys a bank does itself. Likewise.
    package var firstSteps = 64
    /// Who keeps something of a process, or of a module, lets go of it: its cell is no more.
    package var didRemoveProcess: (CellID) -> Void = { _ in }
    package var didRemoveModule: (CellID) -> Void = { _ in }
    /// Whoever keeps something of a process writes it to its record and spaces, and goes on keeping it.
    package var save: (CellID) throws -> Void = { _ in }
    /// The same, and keeps nothing of it any more: it is about to change.
    package var letGo: (CellID) throws -> Void = { _ in }
    /// Validates and installs a module that programs are made from, at a bank's cost. Throws `bankExhausted`.
    package var install: (_ module: [UInt8], _ bank: CellID) throws -> ProgramInstallation = { _, _ in
        .refused(why: "nobody validates it")
    }
    /// What a device answers that the kernel has not: a clock, entropy, or a timer.
    package var serveHostDevice: (_ device: Device, DeviceOrder, Message) throws -> Message = { _, _, _ in
        Message(.order)
    }
    /// The memory that an instance defines, by its number, has so many bytes now.
    package var didGrow: (_ process: CellID, _ instance: UInt16, _ bytes: UInt64) -> Void = { _, _, _ in }
    /// Another page lies at a place of the memory that an instance defines, by its number: whoever keeps where the old one is forgets it.
    package var didRemap: (_ process: CellID, _ instance: UInt16, _ page: UInt64) -> Void = { _, _, _ in }
    /// Pages of banks that are going are to be found nowhere any more: whoever keeps where pages of others are forgets it.
    package var didLosePages: () -> Void = {}
    /// What is known of all objects at once (`Kernel+Survey.swift`); nil until it is asked for.
    var census: ProcessCensus?
    var bankRoster: Roster?
    var meterRoster: Roster?

    /// Told what happens, where somebody wants to know: it reads, and changes nothing.
    package var observer: ((Occurrence) throws -> Void)?

    package init(objects: Objects) { self.objects = objects }

    package var rootBank: CellID { get throws { CellID(rawValue: try objects.world(WorldPage.rootBank)) } }
    package var rootMeter: CellID { get throws { CellID(rawValue: try objects.world(WorldPage.rootMeter)) } }
}
