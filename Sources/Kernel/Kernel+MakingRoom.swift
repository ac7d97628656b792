// Who leaves the working set for a process that enters it, and what that costs the one that enters.
//
// Those that cannot run leave first, for nothing; then those that are cheapest to load again. Who makes a smaller one leave
// gives it turns in return, up to twelve times what loading it again takes: it keeps twelve thirteenths of its share
// beside one that is much larger. Larger ones get nothing, so that a program which fills the working set alone shuts nobody out.

import Objects

extension Kernel {
    /// Candidates that are compared at a time, from the one that ran longest ago on.
    private static let candidates = 16

    /// The processes that make room for `process`, which is not loaded and takes `price` itself, and what it pays for that.
    /// Where all of them together are not enough, it is loaded beside none.
    func room(for process: CellID, price: UInt64) throws -> (leaving: [CellID], price: UInt64) {
        var room = try Room(for: process, kernel: self)
        guard !room.isEnough else { return ([], 0) }
        var leaving: [CellID] = []
        var compensation: UInt64 = 0
        var window: [(process: CellID, price: UInt64)] = []
        var useless: [(process: CellID, price: UInt64)] = []
        var next = CellID(rawValue: try objects.world(WorldPage.loadedLast))
        var hasGained = false
        while !room.isEnough {
            while window.count < Self.candidates, !next.isNone {
                window.append((next, try reloadPrice(of: next)))
                next = try objects.link(next, ProcessRecord.loadedPrevious)
            }
            if window.isEmpty {
                // Modules that several have are gone with the last of them.
                guard hasGained, !useless.isEmpty else { break }
                swap(&window, &useless)
                hasGained = false
            }
            guard let cheapest = window.indices.min(by: { window[$0].price < window[$1].price }) else { break }
            let candidate = window.remove(at: cheapest)
            guard try room.gain(candidate.process) else {
                useless.append(candidate)
                continue
            }
            hasGained = true
            leaving.append(candidate.process)
            compensation &+= Self.compensation(for: candidate.price, by: price)
        }
        return (leaving, compensation)
    }

    /// What loading took a process that could run, and would take it again; 0 for one that cannot run.
    private func reloadPrice(of process: CellID) throws -> UInt64 {
        try state(of: process) == .ready ? objects.get(process, ProcessRecord.loadPrice) : 0
    }

    /// Twelve times the price of who leaves where who enters is much larger, nothing where it is not larger.
    static func compensation(for leaving: UInt64, by entering: UInt64) -> UInt64 {
        guard entering > leaving else { return 0 }
        let (high, low) = (12 &* leaving).multipliedFullWidth(by: entering - leaving)
        return high >= entering ? .max : entering.dividingFullWidth((high, low)).quotient
    }
}

/// What the working set would have with a process in it, as others leave.
private struct Room {
    private let kernel: Kernel
    private let bounds: WorkingSetBounds
    private var processes: UInt64
    private var instances: UInt64
    private var footprint: UInt64
    /// Modules of the process that enters.
    private var needed: Set<CellID> = []
    /// Loaded instances of modules that some of those that leave have.
    private var left: [CellID: UInt64] = [:]

    init(for process: CellID, kernel: Kernel) throws {
        self.kernel = kernel
        let objects = kernel.objects
        bounds = try kernel.workingSetBounds
        processes = try objects.world(WorldPage.loadedProcesses) &+ 1
        instances = try objects.world(WorldPage.loadedInstances)
        footprint = try objects.world(WorldPage.loadedFootprint)
        for instance in try kernel.instances(of: process) {
            instances &+= 1
            let module = try objects.link(instance, InstanceRecord.module)
            let isLoaded = try objects.get(module, ModuleRecord.loadedInstances) != 0
            if needed.insert(module).inserted, !isLoaded { footprint &+= try kernel.footprint(of: module) }
        }
    }

    var isEnough: Bool {
        processes <= bounds.processes && instances <= bounds.instances && footprint <= bounds.footprint
    }

    /// Counts a process as gone. False, and nothing is changed, where that gains nothing of what is too much.
    mutating func gain(_ process: CellID) throws -> Bool {
        let objects = kernel.objects
        var own: [CellID: UInt64] = [:]
        var count: UInt64 = 0
        for instance in try kernel.instances(of: process) {
            own[try objects.link(instance, InstanceRecord.module), default: 0] += 1
            count += 1
        }
        var freed: UInt64 = 0
        var remaining: [CellID: UInt64] = [:]
        for (module, instances) in own {
            let others = try (left[module] ?? objects.get(module, ModuleRecord.loadedInstances)) &- instances
            remaining[module] = others
            if others == 0, !needed.contains(module) { freed &+= try kernel.footprint(of: module) }
        }
        guard
            processes > bounds.processes || instances > bounds.instances && count > 0
                || footprint > bounds.footprint && freed > 0
        else { return false }
        processes &-= 1
        instances &-= count
        footprint &-= freed
        left.merge(remaining) { $1 }
        return true
    }
}
