// How many processes there are of each state: a cache of the host's, counted a bounded number of records at a time and
// then kept by every change, so that a question costs nothing however many processes there are.
//
// CENSUS-1  The counts are those of the processes whose ids are below `nextID`, which all are in the end. The list of all
//           processes is in the order of their ids, so that whoever is made meanwhile comes later.

import Objects

final class ProcessCensus {
    /// By the state's number. No array of the heap's: processes change their states all the time.
    private var counts = InlineArray<8, UInt64>(repeating: 0)
    /// The process that is counted next; none: all are.
    private(set) var next = CellID.none
    private var nextID = UInt64.max

    var isComplete: Bool { next.isNone }

    subscript(state: RunState) -> UInt64 { counts[Int(state.rawValue)] }

    /// Whether a process with this id is among those that are counted.
    func holds(_ id: UInt64) -> Bool { id < nextID }

    /// Goes on with this process, which has this id; none: all are counted.
    func go(to process: CellID, id: UInt64) {
        next = process
        nextID = process.isNone ? .max : id
    }

    func add(_ state: RunState) { counts[Int(state.rawValue)] += 1 }

    func remove(_ state: RunState) { counts[Int(state.rawValue)] -= 1 }
}
