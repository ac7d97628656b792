// What a host knows of all objects at once: how many processes there are of each state, and which banks and meters an
// administrator made. Begun when it is first asked for, gone through a bounded number of records at a time, and kept by
// every change from then on. A cache, as all that is the kernel's own: no object tells whether there is one.

import Objects

extension Kernel {
    // MARK: Going through

    /// Looks at up to `bound` records more. True when all were looked at: then it costs nothing.
    package func survey(atMost bound: Int) throws -> Bool {
        var left = bound
        try surveyProcesses(&left)
        // Taken out meanwhile, so that they are changed in place.
        var banks = try bankRoster.take() ?? Roster(.bank, root: key(.bank, to: rootBank))
        try survey(&banks, &left, root: rootBank, in: .banks)
        bankRoster = banks
        var meters = try meterRoster.take() ?? Roster(.meter, root: key(.meter, to: rootMeter))
        try survey(&meters, &left, root: rootMeter, in: .meters)
        meterRoster = meters
        return census?.isComplete == true && banks.isComplete && meters.isComplete
    }

    private func surveyProcesses(_ left: inout Int) throws {
        if census == nil {
            census = ProcessCensus()
            try moveCensus(to: CellID(rawValue: try objects.world(WorldPage.processFirst)))
        }
        while left > 0, let process = census?.next, !process.isNone {
            left -= 1
            if try !isGoing(process: process) { census?.add(try state(of: process)) }
            try moveCensus(to: try objects.link(process, ProcessRecord.next))
        }
    }

    private func moveCensus(to process: CellID) throws {
        census?.go(to: process, id: process.isNone ? .max : try objects.get(process, ProcessRecord.id))
    }

    private func survey(_ roster: inout Roster, _ left: inout Int, root: CellID, in tree: CellTree) throws {
        while left > 0, let next = roster.next {
            left -= 1
            // Where the walk stood is sold: it begins again, and finds what it knows already.
            guard try !objects.isVoid(next) else {
                roster.go(to: try key(roster.kind, to: root))
                continue
            }
            let cell = CellID(rawValue: next.id)
            if try objects.get(cell, tree.flags) & BankRecord.madeForOneProcess == 0 { roster.add(next) }
            var following = try objects.link(cell, tree.firstChild)
            var above = cell
            while following.isNone, !above.isNone {
                following = try objects.link(above, tree.next)
                above = try objects.link(above, tree.parent)
            }
            roster.go(to: following.isNone ? nil : try key(roster.kind, to: following))
        }
    }

    private func key(_ kind: KeyKind, to cell: CellID) throws -> Key {
        Key(kind, generation: try objects.get(cell, CellHeader.generation), id: cell.rawValue)
    }

    // MARK: Asking

    /// How many processes are of a state, once `survey` has said true.
    package func countProcesses(_ state: RunState) -> UInt64 {
        guard let census, census.isComplete else { preconditionFailure("CENSUS-1: all were counted") }
        return census[state]
    }

    /// Banks that an administrator made, the root among them: at most `bound`, none deeper than `depth`, in the order of
    /// their paths; and how many others there are. Once `survey` has said true.
    package func administeredBanks(atMost bound: Int, depth: UInt32) throws -> (figures: [BankFigures], omitted: Int) {
        let (cells, omitted) = try members(of: &bankRoster, atMost: bound, depth: depth, BankRecord.depth)
        return (
            try cells.filter { try !isGoing(bank: $0) }.map { try figures(ofBank: $0) }.sorted { $0.path < $1.path },
            omitted
        )
    }

    /// The same of meters.
    package func administeredMeters(
        atMost bound: Int, depth: UInt32
    ) throws -> (figures: [MeterFigures], omitted: Int) {
        let (cells, omitted) = try members(of: &meterRoster, atMost: bound, depth: depth, MeterRecord.depth)
        return (try cells.map { try figures(ofMeter: $0) }.sorted { $0.path < $1.path }, omitted)
    }

    /// Members that are there still; the others are forgotten as they are met. O(bound and what is too deep).
    private func members(
        of roster: inout Roster?, atMost bound: Int, depth: UInt32, _ depthField: Field<UInt32>
    ) throws -> (cells: [CellID], omitted: Int) {
        guard let known = roster?.members else { preconditionFailure("ROSTER-1: all were found") }
        var found: [CellID] = []
        var gone: [CellID] = []
        for key in known {
            guard found.count < bound else { break }
            let cell = CellID(rawValue: key.id)
            if try objects.isVoid(key) {
                gone.append(cell)
            } else if try objects.get(cell, depthField) <= depth {
                found.append(cell)
            }
        }
        for cell in gone { roster?.remove(cell) }
        return (found, known.count - gone.count - found.count)
    }

    // MARK: Keeping

    /// A process was made, in this state; it is the last of the list.
    func noteMade(_ process: CellID, _ state: RunState) {
        if census?.isComplete == true { census?.add(state) }
    }

    /// A process changed its state.
    func noteChange(of process: CellID, from old: RunState, to new: RunState) throws {
        guard let census, try !isGoing(process: process),
            try census.isComplete || census.holds(objects.get(process, ProcessRecord.id))
        else { return }
        census.remove(old)
        census.add(new)
    }

    /// A process with this id and state goes; it is on the list still.
    func noteRemoval(of process: CellID, id: UInt64, _ state: RunState) throws {
        guard let census else { return }
        if census.next == process {
            try moveCensus(to: try objects.link(process, ProcessRecord.next))
        } else if try census.holds(id) && !isGoing(process: process) {
            self.census?.remove(state)
        }
    }

    /// A process with this id has another cell.
    func noteMove(of old: CellID, to new: CellID, id: UInt64) throws {
        if census?.next == old { census?.go(to: new, id: id) }
    }

    /// A bank or a meter was made. The walk would miss it where it has passed its parent.
    func noteMade(_ cell: CellID, flags: UInt32, in tree: CellTree) throws {
        guard flags & BankRecord.madeForOneProcess == 0 else { return }
        if tree.kind == .bank, bankRoster != nil { bankRoster?.add(try key(.bank, to: cell)) }
        if tree.kind == .meter, meterRoster != nil { meterRoster?.add(try key(.meter, to: cell)) }
    }

    /// Whether CENSUS-1 and ROSTER-1 hold, by going through everything; for tests.
    package func checkSurvey() throws -> Bool {
        guard let census, let bankRoster, let meterRoster else { return true }
        var counts: [RunState: UInt64] = [:]
        try forEachProcess { process in
            if try census.holds(objects.get(process, ProcessRecord.id)) {
                counts[try state(of: process), default: 0] += 1
            }
        }
        let states = (RunState.ready.rawValue...RunState.exited.rawValue).compactMap(RunState.init)
        guard states.allSatisfy({ census[$0] == counts[$0, default: 0] }) else { return false }
        let banks = try cells(from: rootBank, path: "", recursive: true, in: .banks).filter {
            try objects.get($0.cell, BankRecord.flags) & BankRecord.madeForOneProcess == 0
        }
        let meters = try cells(from: rootMeter, path: "", recursive: true, in: .meters).filter {
            try objects.get($0.cell, MeterRecord.flags) & BankRecord.madeForOneProcess == 0
        }
        func holds(_ roster: Roster, _ cells: [CellID]) throws -> Bool {
            let members = try roster.members.filter { try !objects.isVoid($0) }.map(\.id)
            let expected = Set(cells.map(\.rawValue))
            return roster.isComplete ? Set(members) == expected : expected.isSuperset(of: members)
        }
        return try holds(bankRoster, banks.map(\.cell)) && holds(meterRoster, meters.map(\.cell))
    }
}
