// Processes: making, finding, ending and removing them. What a process computes is the machine's affair.
//
// PROC-1  Every process is on the list of all processes, in the process table at its id, and its name is its own.

import Objects
import Store

/// What a process is to be made from; the modules are installed.
package struct ProcessPlan: Sendable {
    package var name: String
    /// In the order in which they are instantiated; imports lead to earlier ones.
    package var instances: [InstancePlan]
    package var bank: CellID
    package var meter: CellID
    /// A meter of its own below `meter`.
    package var gas: UInt64?
    /// A bank of its own below `bank`.
    package var limitPages: UInt64?
    package var arguments: [String]
    package var environment: [String]
    /// Bytes of log kept and, at least, of unread input; rounded up to pages.
    package var streamBytes: UInt64
    package var input: [UInt8]
    package var inputEnds: Bool
    /// The function of the last instance to run when all are instantiated; nil: it waits to be called.
    package var entryFunction: UInt32?
    /// Whether it begins with the keys of its streams and clocks, and is ready; else with none, and it is stopped.
    package var isLaunched = true

    package init(
        name: String, instances: [InstancePlan], bank: CellID, meter: CellID, gas: UInt64?, limitPages: UInt64?,
        arguments: [String], environment: [String], streamBytes: UInt64, input: [UInt8], inputEnds: Bool,
        entryFunction: UInt32?
    ) {
        self.name = name
        self.instances = instances
        self.bank = bank
        self.meter = meter
        self.gas = gas
        self.limitPages = limitPages
        self.arguments = arguments
        self.environment = environment
        self.streamBytes = streamBytes
        self.input = input
        self.inputEnds = inputEnds
        self.entryFunction = entryFunction
    }
}

extension Kernel {
    /// Arguments and environment together hold at most this many bytes.
    package static let launchBound = 1 << 20

    /// Whether a name may be given: 1 to 64 of `[A-Za-z0-9._-]`, not beginning with `-`.
    package static func isValid(name: String) -> Bool {
        let bytes = name.utf8
        // With a dash before it, it would be taken for an option.
        return (1...64).contains(bytes.count) && bytes.first != UInt8(ascii: "-")
            && bytes.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            }
    }

    /// `stem`, made a valid name, with the least number behind it that is free where it is taken: by a process, or below `bank` or
    /// `meter`, where those are given.
    package func freeName(for stem: String, bank: CellID? = nil, meter: CellID? = nil) throws -> String {
        let cleaned = stem.unicodeScalars.map { Self.isValid(name: String($0)) || $0 == "-" ? Character($0) : "-" }
        let base = String(cleaned.drop { $0 == "-" }.prefix(56))
        let first = base.isEmpty ? "process" : base
        func isFree(_ name: String) throws -> Bool {
            if let bank, try child(of: bank, named: name, in: .banks) != nil { return false }
            if let meter, try child(of: meter, named: name, in: .meters) != nil { return false }
            return true
        }
        if try !isTaken(name: first) && isFree(first) { return first }
        // Of a hundred thousand processes of one program each would look at the names of all others.
        var number = nextNumbers[first] ?? 2
        while try isTaken(name: "\(first)-\(number)") { number += 1 }
        nextNumbers[first] = number
        while try !isFree("\(first)-\(number)") || isTaken(name: "\(first)-\(number)") { number += 1 }
        return "\(first)-\(number)"
    }

    /// The code of a process that was ended by others.
    package static let killed: Int32 = 137

    // MARK: Finding

    private func nameTable() throws -> [String: CellID] {
        if let processesByName { return processesByName }
        var table: [String: CellID] = [:]
        try forEachProcess { table[try objects.name($0, ProcessRecord.name)] = $0 }
        processesByName = table
        return table
    }

    /// Whether a process has this name. O(1), but for the first question.
    package func isTaken(name: String) throws -> Bool {
        guard let process = try nameTable()[name] else { return false }
        return try !isGoing(process: process)
    }

    /// Calls `body` with every process whose bank is not going, oldest first.
    package func forEachProcess(_ body: (CellID) throws -> Void) throws {
        try forEachOfAll { if try !isGoing(process: $0) { try body($0) } }
    }

    /// Calls `body` with every process that has a record, oldest first.
    func forEachOfAll(_ body: (CellID) throws -> Void) throws {
        var each = CellID(rawValue: try objects.world(WorldPage.processFirst))
        while !each.isNone {
            let next = try objects.link(each, ProcessRecord.next)
            try body(each)
            each = next
        }
    }

    /// The processes with ids above `id`, in the order of their ids, at most `bound`; without those whose bank is going.
    package func processes(after id: UInt64, atMost bound: Int) throws -> [CellID] {
        guard id < .max else { return [] }
        var found: [CellID] = []
        var next = id + 1
        let end = try objects.world(WorldPage.nextProcess)
        while next < end && found.count < bound {
            // A page of the table at a time: most ids of an old world are nobody's any more.
            let last = min(end, (next / 512 + 1) * 512)
            for cell in try objects.processCells(ids: next..<last) {
                guard found.count < bound else { break }
                if try !isGoing(process: cell) { found.append(cell) }
            }
            next = last
        }
        return found
    }

    /// The process with this id, or nil; nil too where its bank is going.
    package func process(id: UInt64) throws -> CellID? {
        guard let process = try objects.processCell(id: id), try !isGoing(process: process) else { return nil }
        return process
    }

    /// The process of this name, of this id, or with a unique prefix of either; `id:N` is the id and never a name.
    package func process(_ text: String) throws -> CellID {
        if text.hasPrefix("id:") {
            guard let id = UInt64(text.dropFirst(3)), let process = try process(id: id) else {
                throw KernelError.noSuchProcess(text)
            }
            return process
        }
        let names = try nameTable()
        let named = try names[text].flatMap { try isGoing(process: $0) ? nil : $0 }
        let numbered = try UInt64(text).flatMap { try process(id: $0) }
        if let named, let numbered, named != numbered {
            // A name of digits is another process's id.
            let names = try [named, numbered].map {
                "\(try objects.name($0, ProcessRecord.name)), id \(try objects.get($0, ProcessRecord.id))"
            }
            throw KernelError.ambiguousProcess(text, candidates: names)
        }
        if let exact = named ?? numbered { return exact }
        guard !text.isEmpty else { throw KernelError.noSuchProcess(text) }
        var found: Set<CellID> = []
        for (name, cell) in names where name.hasPrefix(text) {
            if try !isGoing(process: cell) { found.insert(cell) }
        }
        if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            for cell in names.values where try String(objects.get(cell, ProcessRecord.id)).hasPrefix(text) {
                if try !isGoing(process: cell) { found.insert(cell) }
            }
        }
        guard let only = found.first else { throw KernelError.noSuchProcess(text) }
        guard found.count == 1 else {
            let candidates = try found.map { try objects.name($0, ProcessRecord.name) }.sorted()
            throw KernelError.ambiguousProcess(text, candidates: Array(candidates.prefix(8)))
        }
        return only
    }

    // MARK: Making

    /// Makes a process, ready to run. Where a bank refuses, whatever was bought for it is sold again.
    package func makeProcess(_ plan: ProcessPlan) throws -> CellID {
        guard Self.isValid(name: plan.name) else { throw KernelError.invalidName(plan.name) }
        guard try !isTaken(name: plan.name) else { throw KernelError.nameTaken(plan.name) }
        precondition(!plan.instances.isEmpty)
        var launch: [UInt8] = []
        for text in plan.arguments + plan.environment {
            launch += Array(text.utf8)
            launch.append(0)
        }
        if let gas = plan.gas, gas == .max { throw KernelError.gasTooLarge(gas) }
        guard launch.count <= Self.launchBound else {
            throw KernelError.launchTooLarge(bytes: launch.count, boundBytes: Self.launchBound)
        }

        var bank = plan.bank
        var meter = plan.meter
        if let limit = plan.limitPages {
            bank = try makeBank(below: bank, name: plan.name, limitPages: limit, flags: BankRecord.madeForOneProcess)
        }
        do {
            if let gas = plan.gas {
                meter = try makeMeter(
                    below: meter, bank: bank, name: plan.name, gas: gas, flags: BankRecord.madeForOneProcess)
            }
            return try makeProcess(plan, bank: bank, meter: meter, launch: launch)
        } catch {
            if meter != plan.meter { try removeMeter(meter) }
            if bank != plan.bank { try removeEmptyBank(bank) }
            throw error
        }
    }

    private func makeProcess(_ plan: ProcessPlan, bank: CellID, meter: CellID, launch: [UInt8]) throws -> CellID {
        let id = try objects.world(WorldPage.nextProcess)
        let process = try objects.buyCell(.process, bank: bank)
        let inputBytes = max(plan.streamBytes, UInt64(plan.input.count))
        do {
            let record = try objects.mutableCell(process)
            record.store(id, ProcessRecord.id)
            record.store(bank.rawValue, ProcessRecord.bank)
            record.store(RunState.stopped.rawValue, ProcessRecord.state)
            record.store(plan.entryFunction ?? 0, ProcessRecord.entryFunction)
            record.store(UInt32(plan.instances.count - 1), ProcessRecord.entryInstance)
            record.store(plan.entryFunction == nil ? 1 : 0, ProcessRecord.isCalled)
            record.store(roundedToPages(plan.streamBytes), ProcessRecord.streamBound)
            record.store(roundedToPages(inputBytes), ProcessRecord.inputBound)
            record.store(UInt32(plan.arguments.count), ProcessRecord.argumentCount)
            record.store(UInt32(plan.environment.count), ProcessRecord.environmentCount)
            record.store(UInt32(launch.count), ProcessRecord.launchBytes)
            record.store(plan.name, ProcessRecord.name)
            let devices: [Device] =
                !plan.isLaunched ? [] : [.consoleInput, .consoleOutput, .consoleError, .clock, .entropy, .timer]
            for (index, device) in devices.enumerated() {
                record.store(
                    .device(device, of: device.isConsole ? id : 0), at: ProcessRecord.registers + Key.bytes * index)
            }
            for instance in plan.instances { try addInstance(instance, to: process) }
            let launchSpace = Space(.launch, of: process)
            try objects.buy(bytes: launch.count, of: launchSpace, at: 0, bank: bank)
            try objects.write(launch, to: launchSpace, at: 0)
            if !plan.input.isEmpty { try appendInput(plan.input, to: process) }
            if plan.inputEnds { try objects.set(process, ProcessRecord.inputEnded, 1) }
            try objects.enterProcess(id, process, bank: bank)
        } catch {
            for space in spaces(of: process) { try objects.sell(space) }
            for instance in try instances(of: process) {
                try forgetInstance(instance)
            }
            try objects.sellCell(process)
            throw error
        }
        try objects.setWorld(WorldPage.processCount, try objects.world(WorldPage.processCount) + 1)
        try objects.set(bank, BankRecord.processes, try objects.get(bank, BankRecord.processes) + 1)
        try setMeter(of: process, to: meter)
        let last = CellID(rawValue: try objects.world(WorldPage.processLast))
        if last.isNone {
            try objects.setWorld(WorldPage.processFirst, process.rawValue)
        } else {
            try objects.setLink(last, ProcessRecord.next, process)
            try objects.setLink(process, ProcessRecord.previous, last)
        }
        try objects.setWorld(WorldPage.processLast, process.rawValue)
        processesByName?[plan.name] = process
        noteMade(process, .stopped)
        if plan.isLaunched { try change(process, from: .stopped, to: .ready) }
        try tell(.processMade(process))
        return process
    }

    private func roundedToPages(_ bytes: UInt64) -> UInt64 { max(4096, (bytes + 4095) / 4096 * 4096) }

    // MARK: Ending

    /// Ends a process: no longer scheduled, its memory, stack and tables sold; its log stays until it is removed.
    package func end(_ process: CellID, as state: RunState, exitCode: Int32) throws {
        precondition(state == .exited || state == .faulted)
        try setState(of: process, to: state)
        _ = try leaveInvocations(process)
        try unload(process)
        let record = try objects.mutableCell(process)
        record.store(exitCode, ProcessRecord.exitCode)
        record.store(0, ProcessRecord.waitsFor)
        if state == .exited {
            try forgetComputation(of: process, phase: 3)
            for instance in try instances(of: process) { try sellWorkings(of: instance) }
        }
        try tell(.processEnded(process))
        if state == .exited { try wakeFrozenForSpace() }
    }

    /// Nothing that a process computed on its stack is there any more; it is in this phase (`specs/computation.md`).
    func forgetComputation(of process: CellID, phase: UInt8) throws {
        let record = try objects.mutableCell(process)
        record.store(phase, ProcessRecord.phase)
        // Where it stood is gone with its memory: else the record would tell when it was last saved.
        for field in [
            ProcessRecord.function, ProcessRecord.offset, ProcessRecord.height, ProcessRecord.frame,
            ProcessRecord.liveSlots, ProcessRecord.instance,
        ] { record.store(0, field) }
        for field in [ProcessRecord.paid, ProcessRecord.deadline, ProcessRecord.pollBegun] { record.store(0, field) }
        try objects.sell(Space(.stack, of: process))
    }

    /// Removes a process that is over, with all that it holds. A bank and a meter that were made for it go with it, or
    /// with the last that uses them besides.
    package func remove(_ process: CellID) throws {
        let record = try objects.cell(process)
        let id = record.load(ProcessRecord.id)
        let name = record.load(ProcessRecord.name)
        let bank = CellID(rawValue: record.load(ProcessRecord.bank))
        let keyOfBank = try key(toBank: bank)
        let state = try state(of: process)
        guard state == .exited || state == .faulted else { throw KernelError.processRuns(name) }
        let hasQuantum = try isRunning(process)
        precondition(!hasQuantum, "a process that is over has no quantum")

        // What was put into the registers of one that had faulted.
        _ = try leaveInvocations(process)
        didRemoveProcess(process)
        for space in spaces(of: process) { try objects.sell(space) }
        try unlistForEver(process)
        try sellInstances(of: process)
        try leaveMeter(process)
        try objects.sellCell(process)
        // The bank went with the meter if that was the last that it held.
        if try !objects.isVoid(keyOfBank) { try removeIfLeft(bank: bank) }
        try tell(.processRemoved(id: id, name: name))
        try wakeFrozenForSpace()
    }

    /// Takes a process that is in no queue off the list of all, out of the table, and off its bank's count.
    func unlistForEver(_ process: CellID) throws {
        let record = try objects.cell(process)
        let id = record.load(ProcessRecord.id)
        let name = record.load(ProcessRecord.name)
        let bank = CellID(rawValue: record.load(ProcessRecord.bank))
        try noteRemoval(of: process, id: id, try state(of: process))
        let next = try objects.link(process, ProcessRecord.next)
        let previous = try objects.link(process, ProcessRecord.previous)
        if next.isNone {
            try objects.setWorld(WorldPage.processLast, previous.rawValue)
        } else {
            try objects.setLink(next, ProcessRecord.previous, previous)
        }
        if previous.isNone {
            try objects.setWorld(WorldPage.processFirst, next.rawValue)
        } else {
            try objects.setLink(previous, ProcessRecord.next, next)
        }
        try objects.forgetProcess(id)
        try objects.setWorld(WorldPage.processCount, try objects.world(WorldPage.processCount) - 1)
        try objects.set(bank, BankRecord.processes, try objects.get(bank, BankRecord.processes) - 1)
        if processesByName?[name] == process { processesByName?[name] = nil }
        nextNumbers = [:]
        logPlaces[process] = nil
    }

    /// What a process holds besides what its instances do.
    package func spaces(of process: CellID) -> [Space] {
        [SpaceKind.stack, .log, .input, .launch].map { Space($0, of: process) }
    }

    /// Pages that a process and its instances have bought.
    package func countPages(of process: CellID) throws -> UInt64 { try objects.get(process, ProcessRecord.pages) }
}
