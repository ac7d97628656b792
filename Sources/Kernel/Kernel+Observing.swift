// What the kernel tells its host while it acts, so that a person can follow what happens. Nothing of it is state: an
// observer reads, and whether there is one makes no difference to any object.
//
// A process that waits and goes on is no news, so that a program cannot make any by doing so.

import Objects

/// Something that has just happened to an object.
package enum Occurrence: Sendable, Equatable {
    case processMade(CellID)
    /// It has exited or faulted.
    case processEnded(CellID)
    case processFrozen(CellID)
    /// It was frozen, and is ready.
    case processThawed(CellID)
    case processStopped(CellID)
    case processResumed(CellID)
    /// The object is gone.
    case processRemoved(id: UInt64, name: String)
    /// An administrator's; those that are made for one process come and go with it.
    case bankMade(CellID)
    case bankChanged(CellID)
    /// With all below it, of which nothing is told one by one.
    case bankDestroyed(path: String)
    /// The parent has what it had.
    case bankReturned(path: String)
    /// Another bank pays for it, or another meter.
    case processMoved(CellID)
    case meterMade(CellID)
    case meterChanged(CellID)
    case meterRefilled(CellID, gas: UInt64)
    /// With those below it.
    case meterDestroyed(path: String)
}

extension Kernel {
    /// Tells the observer, if there is one. No address of a page is held across it: what it reads may bring pages in.
    @inline(__always)
    func tell(_ occurrence: @autoclosure () -> Occurrence) throws {
        if let observer { try observer(occurrence()) }
    }

    /// Tells of a process that has become another state, where that is news of its own: making and ending are told of
    /// where they happen.
    @inline(__always)
    func tellChange(of process: CellID, from old: RunState, to new: RunState) throws {
        guard observer != nil, try !isGoing(process: process) else { return }
        switch (old, new) {
        case (_, .frozenGas), (_, .frozenSpace): try tell(.processFrozen(process))
        case (_, .stopped): try tell(.processStopped(process))
        case (.frozenGas, .ready), (.frozenSpace, .ready): try tell(.processThawed(process))
        case (.stopped, .ready): try tell(.processResumed(process))
        case (_, .ready), (_, .waiting), (_, .faulted), (_, .exited): break
        }
    }
}
