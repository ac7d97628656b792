// Meters: a tree of gas budgets. A process runs on the least of its chain; what it used is settled over the whole chain
// before anything can see the difference (`Kernel+Settling.swift`).

import Objects

package struct MeterFigures: Sendable {
    package var path: String
    /// nil: unlimited
    package var gasLeft: UInt64?
    package var gasUsed: UInt64
    /// The least along the path; nil: unlimited.
    package var gasAvailable: UInt64?
    /// Quanta that its processes have at a time.
    package var weight: UInt32
    package var processes: UInt64
}

extension Kernel {
    package func meter(at path: String) throws -> CellID {
        try find(meter: path) ?? { throw KernelError.noSuchMeter(path) }()
    }

    package func path(ofMeter meter: CellID) throws -> String {
        try path(of: meter, in: .meters)
    }

    package func figures(ofMeter meter: CellID) throws -> MeterFigures {
        try figures(ofMeter: meter, path: try path(ofMeter: meter))
    }

    private func figures(ofMeter meter: CellID, path: String) throws -> MeterFigures {
        let available = try availableGas(meter)
        let record = try objects.cell(meter)
        let left = record.load(MeterRecord.gasLeft)
        return MeterFigures(
            path: path, gasLeft: left == .max ? nil : left, gasUsed: record.load(MeterRecord.gasUsed),
            gasAvailable: available == .max ? nil : available, weight: record.load(MeterRecord.weight),
            processes: record.load(MeterRecord.processes))
    }

    /// A meter and those below it, or only those that are directly below it, as `banks(from:recursive:)`.
    package func meters(from meter: CellID, recursive: Bool) throws -> [MeterFigures] {
        try cells(from: meter, path: try path(ofMeter: meter), recursive: recursive, in: .meters)
            .map { try figures(ofMeter: $0.cell, path: $0.path) }
    }

    /// A meter that an administrator makes at a path; `bank` pays for its record. `gas` nil: unlimited.
    package func createMeter(at path: String, bank: CellID, gas: UInt64?, weight: UInt32) throws -> CellID {
        let (parentPath, name) = try Self.split(path, else: .invalidMeterPath(path))
        let parent = try meter(at: parentPath)
        guard try find(meter: path) == nil else { throw KernelError.meterExists(path: path) }
        if let gas, gas == .max { throw KernelError.gasTooLarge(gas) }
        let made = try makeMeter(below: parent, bank: bank, name: name, gas: gas, flags: 0)
        try objects.set(made, MeterRecord.weight, weight)
        try tell(.meterMade(made))
        return made
    }

    /// Adds gas to a meter; whoever froze for want of it goes on where there is some now. Throws `meterUnlimited`, or
    /// `meterFull` where that would be more than a meter holds, 2^64 − 2.
    package func refill(_ meter: CellID, gas: UInt64) throws {
        try settleAll()
        let left = try objects.get(meter, MeterRecord.gasLeft)
        guard left != .max else { throw KernelError.meterUnlimited(path: try path(ofMeter: meter)) }
        let (sum, overflow) = left.addingReportingOverflow(gas)
        guard !overflow, sum != .max else {
            throw KernelError.meterFull(path: try path(ofMeter: meter), gasLeft: left, asked: gas)
        }
        try objects.set(meter, MeterRecord.gasLeft, sum)
        settling.forgetMeters()
        try tell(.meterRefilled(meter, gas: gas))
        try wakeFrozenForGas()
    }

    /// What is left on a meter from now on; nil: it is unlimited. Whoever froze for want of gas goes on where there is some now.
    /// Throws `gasTooLarge` above 2^64 − 2.
    package func setGas(of meter: CellID, to gas: UInt64?) throws {
        if let gas, gas == .max { throw KernelError.gasTooLarge(gas) }
        try settleAll()
        try objects.set(meter, MeterRecord.gasLeft, gas ?? .max)
        settling.forgetMeters()
        try tell(.meterChanged(meter))
        try wakeFrozenForGas()
    }

    /// Quanta at a time of processes that run on a meter: at least 1.
    package func setWeight(of meter: CellID, to weight: UInt32) throws {
        precondition(weight >= 1)
        try objects.set(meter, MeterRecord.weight, weight)
        settling.forgetMeters()
        try tell(.meterChanged(meter))
    }

    private func find(meter path: String) throws -> CellID? { try find(path, in: .meters, root: rootMeter) }

    /// The meter that a process runs on; none where that is gone.
    package func meter(of process: CellID) throws -> CellID {
        let meter = try countingMeter(of: process)
        return try objects.isGoing(meter: meter) ? .none : meter
    }

    /// The meter that counts a process, though it may be going with its payer; none where it is no more.
    private func countingMeter(of process: CellID) throws -> CellID {
        let record = try objects.cell(process)
        let key = Key(
            .meter, generation: record.load(ProcessRecord.meterGeneration), id: record.load(ProcessRecord.meter))
        return try objects.isVoid(key) ? .none : CellID(rawValue: key.id)
    }

    /// The least gas along the chain, all settled; `UInt64.max` where nothing limits it, 0 where there is no meter.
    package func availableGas(_ meter: CellID) throws -> UInt64 {
        if meter.isNone { return 0 }
        try settleAll()
        var least = UInt64.max
        var each = meter
        while !each.isNone {
            let record = try objects.cell(each)
            least = min(least, record.load(MeterRecord.gasLeft))
            each = CellID(rawValue: record.load(MeterRecord.parent))
        }
        return least
    }

    /// The first meter of the chain, from below, that has no gas left; none where each has some.
    package func dryMeter(from meter: CellID) throws -> CellID {
        try settleAll()
        var each = meter
        while try !each.isNone && objects.get(each, MeterRecord.gasLeft) != 0 {
            each = try objects.link(each, MeterRecord.parent)
        }
        return each
    }

    /// A new meter below `parent`, whose record `bank` pays for, with `gas` left; nil: unlimited. Without a name it gets one. Refused, with nothing changed, when the
    /// bank is full, or the parent too deep or has a meter of that name.
    package func makeMeter(below parent: CellID, bank: CellID, name: String?, gas: UInt64?, flags: UInt32) throws
        -> CellID
    {
        let depth = try depth(ofNew: name ?? "", below: parent, in: .meters)
        let meter = try objects.buyCell(.meter, bank: bank)
        let name = try name ?? freeName("m", for: meter, below: parent, in: .meters)
        let record = try objects.mutableCell(meter)
        record.store(gas.map { min($0, .max - 1) } ?? .max, MeterRecord.gasLeft)
        record.store(1, MeterRecord.weight)
        try enter(meter, named: name, flags: flags, depth: depth, below: parent, in: .meters)
        return meter
    }

    /// Lets a process run on a meter, which counts it. The one that it had is the caller's to leave.
    func setMeter(of process: CellID, to meter: CellID) throws {
        let record = try objects.mutableCell(process)
        record.store(meter.rawValue, ProcessRecord.meter)
        record.store(try objects.get(meter, CellHeader.generation), ProcessRecord.meterGeneration)
        try objects.set(meter, MeterRecord.processes, try objects.get(meter, MeterRecord.processes) + 1)
    }

    /// A process counts no more on its meter, where it has one; what was made for it goes.
    func leaveMeter(_ process: CellID) throws {
        try leave(try countingMeter(of: process))
    }

    /// A meter counts a process less.
    private func leave(_ meter: CellID) throws {
        guard !meter.isNone else { return }
        try objects.set(meter, MeterRecord.processes, try objects.get(meter, MeterRecord.processes) - 1)
        try removeIfLeft(meter: meter)
    }

    /// Lets a process run on another meter; where it froze for want of gas it is ready if there is some.
    package func move(_ process: CellID, toMeter meter: CellID) throws {
        guard try self.meter(of: process) != meter else { return }
        // What it used until now is the old meter's.
        try settleAll()
        // First the new one, which may be above the old: a meter with a process is not left.
        let old = try countingMeter(of: process)
        try setMeter(of: process, to: meter)
        settling.forgetMeters()
        try leave(old)
        try tell(.processMoved(process))
        try wakeFrozenForGas()
    }

    /// Removes a meter and those below it. Their processes have none from now on, and freeze at their next turn.
    package func destroy(meter: CellID) throws {
        guard try meter != rootMeter else { throw KernelError.rootStays(kind: "meter") }
        let path = try path(ofMeter: meter)
        let parent = try objects.link(meter, MeterRecord.parent)
        _ = try destroy(meter: meter, atMost: .max)
        try removeIfLeft(meter: parent)
        try tell(.meterDestroyed(path: path))
    }

    /// Removes a meter and those below it from the leaves on, at most so many. Returns how many; the meter itself is the last.
    func destroy(meter: CellID, atMost bound: Int) throws -> Int {
        var here = meter
        var removed = 0
        while removed < bound {
            let child = try objects.link(here, MeterRecord.firstChild)
            if !child.isNone {
                here = child
                continue
            }
            let parent = try objects.link(here, MeterRecord.parent)
            let bank = try objects.payer(of: here)
            try removeMeter(here)
            try removeIfLeft(bank: bank)
            removed += 1
            if here == meter { break }
            here = parent
        }
        return removed
    }

    /// Removes a meter that was made for one process and has neither a process nor a meter below it left, then those above
    /// it of which the same is true; and the banks that were kept for their records only.
    func removeIfLeft(meter: CellID) throws {
        var each = meter
        while !each.isNone {
            let record = try objects.cell(each)
            guard record.load(MeterRecord.flags) & BankRecord.madeForOneProcess != 0,
                record.load(MeterRecord.processes) == 0, record.load(MeterRecord.firstChild) == 0
            else { return }
            let parent = CellID(rawValue: record.load(MeterRecord.parent))
            let bank = try objects.payer(of: each)
            try removeMeter(each)
            try removeIfLeft(bank: bank)
            each = parent
        }
    }

    /// Removes a meter that has no children.
    func removeMeter(_ meter: CellID) throws {
        try settleAll()
        settling.forgetMeters()
        meterRoster?.remove(meter)
        try leave(meter, in: .meters)
        try objects.sellCell(meter)
    }
}
