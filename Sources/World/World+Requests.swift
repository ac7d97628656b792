// One request, one answer. The same code answers for a world that runs (through its mailbox) and for one that is halted
// or crashed (opened by the command line itself).

import FoundationEssentials
import Glibc
import Kernel
import Machine
import Objects
import Store

extension World {
    /// Performs one request, here and now, while no boot runs. A world opened as reader performs reading ones only.
    public func perform(_ request: Request) throws(WorldError) -> Answer {
        precondition(!isBooting && !isClosed, "a world that runs is asked through `submit`")
        precondition(access == .host || request.isReading, "a reader changes nothing")
        if let order = CheckpointOrder(request) {
            return try WorldError.translating(directory) { try naming { try whole { try perform(order) } } }
        }
        if case .rollback(let reference, let overHeld) = request {
            return try WorldError.translating(directory) {
                .rollback(try naming { try rollBack(to: reference, overHeld: overHeld) })
            }
        }
        if request.isReading || request == .halt { return try answer(request) }
        let before = try WorldError.translating(directory) { try standingStill }
        let result = Result { () throws(WorldError) in try answer(request) }
        note(request, result, behind: before)
        return try result.get()
    }

    /// Answers any request but `halt` and what is said of checkpoints, which the run loop answers when they are durable.
    func answer(_ request: Request) throws(WorldError) -> Answer {
        try WorldError.translating(directory) { try naming { try performed(request) } }
    }

    private func performed(_ request: Request) throws -> Answer {
        switch request {
        case .status: .status(try status())
        case .info: .info(try info())
        case .processes(let after, let limit): .processes(try processes(after: after ?? 0, limit: limit ?? .max))
        case .metrics: .metrics(try metrics())
        case .inspect(let name): .inspect(try inspect(try process(name)))
        case .logs(let name, let since, let limit):
            .logs(try logs(try process(name), since: since, limitBytes: limit))
        case .run(let run): .run(try whole { try makeProcess(run) })
        case .send(let name, let data, let ends):
            try whole { try send(try process(name), Array(data), ends: ends) }
        case .kill(let name): try whole { try kill(try process(name)) }
        case .stop(let name): try whole { try stop(try process(name)) }
        case .resume(let name): try whole { try resume(try process(name)) }
        case .remove(let name): try whole { try remove(try process(name)) }
        case .grantKey(let name, let register, let key):
            try whole { try grant(key, to: try process(name), register: register) }
        case .revokeKey(let name, let register):
            try whole { try revoke(register: register, of: try process(name)) }
        case .banks(let path, let recursive): .banks(try banks(path, recursive: recursive))
        case .bank(let path): .bank(try bank(path))
        case .createBank(let path, let terms): .bank(try whole { try createBank(path, terms) })
        case .setBank(let path, let terms): .bank(try whole { try setBank(path, terms) })
        case .moveProcess(let name, let path):
            try whole { try move(try process(name), toBank: try bank(at: path, for: .allocate)) }
        case .ending(let name): .removal(try ending(try process(name)))
        case .removal(let name): .removal(try removal(try process(name)))
        case .meterDestruction(let path): .meters(try meterDestruction(path))
        case .destruction(let path, let disposition): .destruction(try destruction(path, disposition))
        case .destroyBank(let path, let disposition):
            .destruction(try whole { try destroyBank(path, disposition) })
        case .consumers(let path, let limit): .consumers(try consumers(path, limit: limit))
        case .holders(let object, let limit): .holders(try holders(of: object, limit: max(0, limit)))
        case .graph(let request): .graph(try graph(request))
        case .meters(let path, let recursive): .meters(try meters(path, recursive: recursive))
        case .meter(let path): .meter(try meter(path))
        case .createMeter(let request): .meter(try whole { try createMeter(request) })
        case .refillMeter(let path, let gas): .meter(try whole { try refillMeter(path, gas: gas) })
        case .setMeter(let path, let terms): .meter(try whole { try setMeter(path, terms) })
        case .moveToMeter(let name, let path):
            try whole { try move(try process(name), toMeter: try kernel.meter(at: path)) }
        case .destroyMeter(let path): .meters(try whole { try destroyMeter(path) })
        case .checkpoints(let use):
            .checkpoints(use == true ? try checkpoints().withUse(try store.pagesKeptAlone()) : try checkpoints())
        case .retention: .retention(retentionAnswer)
        case .rollbackPreview(let reference, let overHeld):
            .rollback(try preview(rollbackTo: reference, overHeld: overHeld))
        case .past(let reference, let steps, let request): try answer(request, asOf: reference, steps: steps ?? 0)
        case .moment(let reference, let until): .moment(try moment(asOf: reference, until: until))
        case .difference(let request): .difference(try difference(request))
        case .fork(let reference, let target): .fork(try fork(reference, to: target))
        case .backup:
            throw WorldError(
                .usage, what: "a backup is a stream", why: "it is no answer to a request",
                try: "keyvm backup -w \(quotedForShell(directory)) FILE")
        case .fsck: .fsck(try check())
        case .hash: .hash(try hash())
        case .checkpoint, .removeCheckpoint, .holdCheckpoint, .releaseCheckpoint, .retainCheckpoints, .rollback, .halt:
            .done
        }
    }

    // MARK: The world

    func status() throws -> StatusAnswer {
        let last = try store.newestCheckpoint()
        let state: WorldState
        switch access {
        case .host: state = isBooting ? .running : .halted
        case .reader where store.isPast: state = .halted
        case .reader: state = World.condition(at: directory) == .crashed ? .crashed : .halted
        }
        let age = last.map { (Double(time.realtime) - Double($0.note.wallTimeNanoseconds)) / 1e9 } ?? 0
        return StatusAnswer(
            state: state, pid: isBooting ? getpid() : nil, gasClock: try objects.world(WorldPage.gasClock),
            processes: Int(try kernel.countProcesses()),
            checkpoint: .init(id: store.epoch.rawValue, ageSeconds: max(0, age), dirtyPages: objects.dirtyCount),
            journal: .init(
                records: try journal.lastNumber - journal.checkpointNumber, replayed: journal.replayed?.records,
                replaySeconds: journal.replayed.map { Double($0.nanoseconds) / 1e9 }),
            pendingBanks: try kernel.goingBanks().count)
    }

    func info() throws -> InfoAnswer {
        let statistics = try store.statistics()
        let root = try kernel.figures(ofBank: try kernel.rootBank)
        return InfoAnswer(
            world: store.worldID.text, branch: String(cycle.history.branch, radix: 16),
            format: Int(WorldPage.formatNumber), fileBytes: statistics.fileBytes,
            mapBytes: statistics.mapBytes, livePages: statistics.livePages,
            oldPages: statistics.oldPages, slots: statistics.slots,
            segments: statistics.segments, deltaEntries: Int(statistics.deltaEntries),
            residentPages: objects.residentCount, dirtyPages: objects.dirtyCount,
            dirtyBudgetPages: budgetPages, pageIns: objects.pageIns,
            rootLimitBytes: root.limitPages.map(BankAnswer.bytes), rootUsedBytes: BankAnswer.bytes(root.usedPages),
            loadedProcesses: try objects.world(WorldPage.loadedProcesses),
            loadedInstances: try objects.world(WorldPage.loadedInstances),
            loadedBytes: try objects.world(WorldPage.loadedFootprint),
            loadedInstanceLimit: try kernel.workingSetBounds.instances,
            loadedByteLimit: try kernel.workingSetBounds.footprint,
            loadedProcessLimit: try kernel.workingSetBounds.processes,
            memoryBytes: try memoryBytes, quantumGas: try objects.world(WorldPage.quantumGas))
    }

    // MARK: Processes

    private func processes(after id: UInt64, limit: Int) throws -> ProcessesAnswer {
        let bound = max(1, limit)
        let items = try kernel.processes(after: id, atMost: bound).map(row)
        return ProcessesAnswer(items: items, next: items.count == bound ? items.last?.id : nil)
    }

    func row(_ process: CellID) throws -> ProcessAnswer {
        let record = try objects.cell(process)
        let id = record.load(ProcessRecord.id)
        let name = record.load(ProcessRecord.name)
        let gasUsed = record.load(ProcessRecord.gasUsed)
        let exitCode = record.load(ProcessRecord.exitCode)
        let bank = CellID(rawValue: record.load(ProcessRecord.bank))
        let state = try processState(process)
        let meter = try kernel.meter(of: process)
        let left = try kernel.availableGas(meter)
        let pages = try kernel.countPages(of: process)
        return ProcessAnswer(
            id: id, name: name, state: state, gasUsed: gasUsed, gasLeft: left == .max ? nil : left, pages: pages,
            bank: try kernel.path(ofBank: bank), meter: meter.isNone ? nil : try kernel.path(ofMeter: meter),
            exitCode: state == .exited || state == .faulted ? exitCode : nil)
    }

    func processState(_ process: CellID) throws -> ProcessState {
        switch try kernel.state(of: process) {
        case .ready: .ready
        case .waiting: .waiting
        case .frozenGas: .frozenGas
        case .frozenSpace: .frozenSpace
        case .stopped: .stopped
        case .faulted: .faulted
        case .exited: .exited
        }
    }

    private func logs(_ process: CellID, since: UInt64, limitBytes: Int) throws -> LogsAnswer {
        let entries = try kernel.readLog(process, since: since, limitBytes: max(1, limitBytes))
        let oldest = try objects.get(process, ProcessRecord.logOldest)
        let end = try objects.get(process, ProcessRecord.logNext)
        let next = entries.last.map { $0.sequence + 1 } ?? max(since, end)
        let state = try kernel.state(of: process)
        return LogsAnswer(
            items: entries.map {
                LogRecord(
                    sequence: $0.sequence, stream: $0.stream == .output ? .stdout : .stderr, data: Data($0.bytes))
            },
            next: next, oldest: oldest, ended: (state == .exited || state == .faulted) && next >= end,
            branch: cycle.history.rollbacks)
    }

    private func makeProcess(_ run: RunRequest) throws -> RunAnswer {
        guard run.logBytes >= 4096, run.logBytes <= 1 << 40 else {
            throw WorldError(
                .usage, what: "the log's size cannot be \(run.logBytes) bytes", why: "it is from 4096 to 2^40",
                try: "keyvm run --log 1MiB …")
        }
        if let name = run.name, !Kernel.isValid(name: name) { throw KernelError.invalidName(name) }
        for text in run.arguments + run.environment where text.utf8.contains(0) {
            throw WorldError(
                .usage, what: "an argument holds a zero byte", why: "arguments are ended by one",
                try: "keyvm run --help")
        }
        let bank = try bank(at: run.bank, for: .allocate)
        let meter = try kernel.meter(at: run.meter)
        for link in run.links where !(1...64).contains(link.name.utf8.count) {
            throw WorldError(
                .usage, what: "'\(link.name)' cannot be a linked module's name", why: "it has 1 to 64 bytes",
                try: "keyvm run --link NAME=LIBRARY.wasm FILE.wasm")
        }
        let checked = try Machine.check(
            Array(run.module), entry: run.invoke ?? "_start", links: run.links.map { ($0.name, Array($0.module)) },
            bound: try kernel.workingSetBounds.footprint)
        // Refused before anything is bought, so that nothing can be seen of it, not even in a counter.
        if let gas = run.gas, gas == .max { throw KernelError.gasTooLarge(gas) }
        if let name = run.name, try kernel.isTaken(name: name) { throw KernelError.nameTaken(name) }
        let name =
            try run.name
            ?? kernel.freeName(
                for: run.defaultName, bank: run.limitBytes == nil ? nil : bank, meter: run.gas == nil ? nil : meter)
        let launchBytes = (run.arguments + run.environment).reduce(0) { $0 + $1.utf8.count + 1 }
        guard launchBytes <= Kernel.launchBound else {
            throw KernelError.launchTooLarge(bytes: launchBytes, boundBytes: Kernel.launchBound)
        }
        if let twice = run.grants?.map(\.register).duplicate {
            throw WorldError(
                .usage, what: "register \(twice) is granted two keys", why: "a register holds one",
                try: "keyvm run --help")
        }
        let id = try objects.world(WorldPage.nextProcess)
        let keys = try (run.grants ?? []).map { try (checkedRegister($0.register), key($0.key, forProcess: id)) }
        try machine.checkRoom(for: checked, bank: bank)
        let instances = try machine.install(checked, bank: bank)
        do {
            let process = try kernel.makeProcess(
                ProcessPlan(
                    name: name, instances: instances, bank: bank,
                    meter: meter, gas: run.gas, limitPages: run.limitBytes.map { $0 / 4096 }, arguments: run.arguments,
                    environment: run.environment, streamBytes: run.logBytes, input: run.input.map(Array.init) ?? [],
                    inputEnds: run.inputEnds, entryFunction: checked.entryFunction))
            for (register, key) in keys { try kernel.setRegister(register, of: process, to: key) }
            return RunAnswer(
                id: try objects.get(process, ProcessRecord.id), name: name,
                endsWithProcess: endsWithProcess ? true : nil, handle: try handle(of: process))
        } catch {
            try kernel.uninstall(instances)
            throw error
        }
    }

    private func send(_ process: CellID, _ bytes: [UInt8], ends: Bool) throws -> Answer {
        try kernel.deliverInput(bytes, ends: ends, to: process)
        return .done
    }

    private func kill(_ process: CellID) throws -> Answer {
        try checkIsNotOver(process)
        machine.forget(process)
        if try kernel.isRunning(process) { try kernel.endQuantum() }
        try kernel.end(process, as: .exited, exitCode: Kernel.killed)
        return .done
    }

    private func remove(_ process: CellID) throws -> Answer {
        try kernel.remove(process)
        return .done
    }
}

extension [UInt64] {
    /// The first that stands there a second time.
    fileprivate var duplicate: UInt64? {
        var seen: Set<UInt64> = []
        return first { !seen.insert($0).inserted }
    }
}
