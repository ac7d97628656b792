// A kernel with its machine on objects that no store backs, and a clock that a test sets: what the programs of one test
// run on. Plays the run loop's part, so a test decides when a slice ends, when time goes on and when input comes.

import Devices
import Kernel
import Machine
import Objects
import Store
import Testing

/// A clock that stands still until it is moved; every reading counts.
final class SetClock: TimeSource {
    var now: UInt64 = 5_000_000_000
    /// Added at each reading of the monotonic clock.
    var tick: UInt64 = 0
    private(set) var readings = 0

    var realtime: UInt64 { 1_600_000_000_000_000_000 + now }
    var monotonic: UInt64 {
        readings += 1
        now += tick
        return now
    }
}

final class Bench {
    let objects: Objects
    let kernel: Kernel
    let time = SetClock()
    let clock: Clock
    let machine: Machine

    init(seed: UInt64 = 7, limitPages: UInt64? = nil, deliversDirectly: Bool = true) throws {
        objects = Objects(store: nil, budgetPages: 1 << 16, residentBound: 1 << 16)
        kernel = Kernel(objects: objects)
        try kernel.makeGenesis(limitPages: limitPages, entropyKey: Entropy.key(seed: seed), isSeeded: true)
        clock = try Clock(objects: objects, source: time)
        machine = Machine(kernel: kernel, clock: clock, deliversDirectly: deliversDirectly)
    }

    /// Makes a process of a module, ready to run.
    func spawn(
        _ module: [UInt8], name: String = "p", gas: UInt64? = nil, limitPages: UInt64? = nil, arguments: [String] = [],
        environment: [String] = [], input: String = "", inputEnds: Bool = false, streamBytes: UInt64 = 1 << 20,
        entry: String = "_start", links: [(name: String, bytes: [UInt8])] = []
    ) throws -> CellID {
        let checked = try Machine.check(module, entry: entry, links: links)
        let bank = try kernel.rootBank
        let instances = try checked.modules.map { try machine.install($0, bank: bank) }
        return try kernel.makeProcess(
            ProcessPlan(
                name: name, instances: instances, bank: bank, meter: try kernel.rootMeter, gas: gas,
                limitPages: limitPages,
                arguments: arguments, environment: environment, streamBytes: streamBytes, input: Array(input.utf8),
                inputEnds: inputEnds, entryFunction: checked.entryFunction))
    }

    /// Runs until nothing is ready, in slices of at most `slice`.
    func runAll(slice: UInt64 = .max) throws {
        while let process = try kernel.processToRun() { _ = try machine.run(process, gasBound: slice) }
    }

    /// Runs until the gas clock has moved by `gas`, or nothing is ready.
    func run(gas: UInt64, slice: UInt64 = .max) throws {
        let end = try gasClock + gas
        while try gasClock < end, let process = try kernel.processToRun() {
            _ = try machine.run(process, gasBound: min(slice, end - gasClock))
        }
    }

    /// Lets time pass, and whatever waited for a moment in it becomes ready.
    func pass(nanoseconds: UInt64) throws {
        time.now += nanoseconds
        guard let deadline = try kernel.earliestDeadline(), deadline <= clock.monotonicNow else { return }
        try clock.resample(.tick)
        try kernel.expireTimers(now: try objects.world(WorldPage.clockMonotonic))
    }

    var gasClock: UInt64 { get throws { try objects.world(WorldPage.gasClock) } }
    func state(_ process: CellID) throws -> RunState { try kernel.state(of: process) }
    func exitCode(_ process: CellID) throws -> Int32 { try objects.get(process, ProcessRecord.exitCode) }
    func gasUsed(_ process: CellID) throws -> UInt64 { try objects.get(process, ProcessRecord.gasUsed) }

    func log(_ process: CellID, _ stream: LogStream = .output) throws -> String {
        let entries = try kernel.readLog(process, since: 0, limitBytes: .max).filter { $0.stream == stream }
        return String(decoding: entries.flatMap(\.bytes), as: UTF8.self)
    }

    /// Spawns a program of this body, runs it to its end and answers its exit code; it must have exited.
    func exitCode(
        of body: String, data: String = "", arguments: [String] = [], environment: [String] = [], input: String = "",
        inputEnds: Bool = false
    ) throws -> Int32 {
        let process = try spawn(
            try Assembler.program(body, data: data), arguments: arguments, environment: environment, input: input,
            inputEnds: inputEnds)
        try runAll()
        #expect(try state(process) == .exited)
        return try exitCode(process)
    }

    /// What of the whole state is in pages: every page that there is, by its id. Equal in equal worlds.
    func pages() throws -> [UInt64: [UInt8]] {
        try machine.saveAll()
        var pages: [UInt64: [UInt8]] = [:]
        func take(_ id: PageID) throws {
            pages[id.rawValue] = [UInt8](UnsafeRawBufferPointer(start: try objects.read(id), count: 4096))
        }
        for index in 0..<(try objects.world(WorldPage.nextStrip)) {
            let strip = StripID(rawValue: index << 8)
            for page in 0..<256 where try objects.record(of: strip).bit(page, of: StripRecord.allocated) {
                try take(strip.page(page))
            }
        }
        return pages
    }
}
