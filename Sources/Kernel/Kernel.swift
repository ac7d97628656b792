// The kernel's acts on objects: banks, meters, processes, modules, streams, the ready queue. All its state is in
// objects; the dictionaries here are caches that can be dropped at any instruction boundary.

import Objects
import Store

package final class Kernel {
    package let objects: Objects
    /// Name → process, of all processes; nil until it is needed.
    var processesByName: [String: CellID]?

    /// Where the record of a sequence number begins in a process's log, as far as one was read lately.
    var logPlaces: [CellID: (sequence: UInt64, position: UInt64)] = [:]
    /// The earliest deadline of all armed timers; nil: not known.
    var nextDeadline: UInt64?
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
