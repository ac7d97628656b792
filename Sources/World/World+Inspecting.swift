// The answer to `inspect`: all that is known of one process.

import Kernel
import Machine
import Objects

extension World {
    func inspect(_ process: CellID) throws -> InspectAnswer {
        let row = try row(process)
        let record = try objects.cell(process)
        let waits = record.load(ProcessRecord.waitsFor)
        let argumentCount = Int(record.load(ProcessRecord.argumentCount))
        let launch = try objects.bytes(
            of: Space(.launch, of: process), at: 0, count: Int(record.load(ProcessRecord.launchBytes)))
        let arguments = launch.split(separator: 0, omittingEmptySubsequences: false).prefix(argumentCount)
        var memoryBytes: UInt64 = 0
        var memoryPages: UInt64 = 0
        var modules: [ModuleAnswer] = []
        for instance in try kernel.instances(of: process) {
            memoryBytes += try objects.get(instance, InstanceRecord.memoryBytes)
            memoryPages += try objects.countPages(of: Space(.memory, of: instance))
            let module = try objects.link(instance, InstanceRecord.module)
            let name = try objects.name(instance, InstanceRecord.name)
            modules.append(
                ModuleAnswer(
                    link: name.isEmpty ? nil : name,
                    hash: hexadecimal(try objects.cell(module).load(ModuleRecord.hash)),
                    bytes: try objects.get(module, ModuleRecord.byteCount)))
        }
        return InspectAnswer(
            process: row, handle: try handle(of: process),
            callStack: try machine.callStack(of: process).map {
                PlaceAnswer(
                    function: $0.function, name: $0.name, offset: $0.offset,
                    link: $0.instanceName.isEmpty ? nil : $0.instanceName)
            },
            segment: try machine.segment(of: process).map {
                SegmentAnswer(
                    kind: $0.kind, index: $0.index, link: $0.instanceName.isEmpty ? nil : $0.instanceName)
            },
            memoryBytes: memoryBytes, memoryPagesWritten: memoryPages, moduleHash: modules.last?.hash ?? "",
            moduleBytes: modules.last?.bytes ?? 0, links: Array(modules.dropLast()),
            arguments: arguments.map { String(decoding: $0, as: UTF8.self) },
            fault: row.state == .faulted ? Machine.trapText(try objects.get(process, ProcessRecord.trap)) : nil,
            waitsFor: row.state != .waiting
                ? nil : Self.reason(waits),
            lacks: try lack(of: process), registers: try registers(of: process),
            isLoaded: try kernel.isLoaded(process), loadGas: try loadGas(of: process),
            loadGasPaid: try objects.get(process, ProcessRecord.loadPaid),
            inputBytes: try kernel.unreadInput(process),
            inputEnded: try objects.get(process, ProcessRecord.inputEnded) != 0,
            logBytes: try objects.get(process, ProcessRecord.logTail) - objects.get(process, ProcessRecord.logHead),
            logLimitBytes: try objects.get(process, ProcessRecord.streamBound))
    }

    /// What a process is to give to be loaded, as it was reckoned last; 0 where it is loaded.
    private func loadGas(of process: CellID) throws -> UInt64 {
        if try kernel.isLoaded(process) { return 0 }
        let reckoned = try objects.get(process, ProcessRecord.loadPrice)
        return try reckoned != 0 ? reckoned : kernel.loadPrice(of: process)
    }

    /// What a process waits for, by `ProcessRecord.waitsFor`.
    private static func reason(_ waits: UInt8) -> String {
        switch waits {
        case Waiting.input: "input"
        case Waiting.timer: "timer"
        case Waiting.input | Waiting.timer: "input or timer"
        case Waiting.call: "a call"
        case Waiting.reply: "a reply"
        case Waiting.message: "a message"
        case Waiting.turn: "its turn with a process"
        case Waiting.keeper: "its keeper"
        case Waiting.durable: "a sync"
        default: ""
        }
    }

    /// What keeps a frozen process from going on.
    private func lack(of process: CellID) throws -> LackAnswer? {
        switch try kernel.state(of: process) {
        case .frozenSpace:
            guard let refusal = try kernel.pageRefusal(bank: try objects.link(process, ProcessRecord.bank)) else {
                return LackAnswer(kind: .space)
            }
            return LackAnswer(
                kind: .space, path: try kernel.path(ofBank: refusal.bank),
                limitBytes: refusal.limit == .max ? nil : BankAnswer.bytes(refusal.limit),
                usedBytes: BankAnswer.bytes(refusal.used), isByPolicy: refusal.isByPolicy)
        case .frozenGas:
            let meter = try kernel.dryMeter(from: try kernel.meter(of: process))
            return LackAnswer(kind: .gas, path: meter.isNone ? nil : try kernel.path(ofMeter: meter))
        case .ready, .waiting, .stopped, .faulted, .exited: return nil
        }
    }

    /// The key registers that hold something.
    private func registers(of process: CellID) throws -> [RegisterAnswer] {
        try (0..<ProcessRecord.registerCount).compactMap { slot in
            let key = try objects.register(slot, of: process)
            guard key.kind != .void else { return nil }
            return RegisterAnswer(
                slot: slot, kind: "\(key.kind)", name: key.device?.name, key: try text(of: key, holder: process))
        }
    }
}

extension Device {
    var name: String {
        switch self {
        case .consoleInput: "console input"
        case .consoleOutput: "console output"
        case .consoleError: "console error"
        case .clock: "clock"
        case .entropy: "entropy"
        case .timer: "timer"
        }
    }
}
