// Processes that programs make: of a module that lies in their memory, or of the code of another process; without any key but what they are
// given, stopped at their beginning (`specs/keys/bank.md`, "Process").

import Objects
import Store

/// Code that is installed: the instances of a process, and where it begins.
package struct InstalledProgram {
    package var instances: [InstancePlan]
    package var entryFunction: UInt32?

    package init(instances: [InstancePlan], entryFunction: UInt32?) {
        self.instances = instances
        self.entryFunction = entryFunction
    }
}

/// What comes of installing one.
package enum ProgramInstallation {
    case installed(InstalledProgram)
    /// It can be no program here.
    case refused(why: String)
}

extension Kernel {
    /// Bytes of a module that is made a process of.
    package static let codeBound: UInt64 = 16 << 20
    /// Bytes of what is said of a module that is none.
    private static let reasonBound = 512
    /// Bytes of log that a process keeps which a program made.
    private static let streamBytes: UInt64 = 1 << 16

    /// Key 0 is the meter, key 1 a process whose code it gets, or words 0 and 1 say where a module lies in the sender's memory. The bytes
    /// are its name and its arguments, each ended by a zero.
    func makeProcess(_ message: Message, bank: CellID, by sender: CellID) throws -> Message {
        guard message.keys[0].meterRights.contains(.run) else { return Message(.key) }
        let (name, arguments) = Self.strings(message.bytes)
        if !name.isEmpty {
            guard try Self.isValid(name: name) && !isTaken(name: name) else { return Message(.value) }
        }
        let program: InstalledProgram
        if message.keys[1].kind != .void {
            let model = message.keys[1]
            guard model.processRights.contains(.look), let process = try objects.processCell(id: model.id) else {
                return Message(.key)
            }
            program = try install(codeOf: process, bank: bank)
        } else {
            guard message.words[1] <= Self.codeBound else { return Message(.value) }
            guard let address = UInt32(exactly: message.words[0]),
                let memory = try memory(of: sender, instance: message.instance),
                let bytes = try read(memory, at: address, count: Int(message.words[1]))
            else { return Message(.address) }
            switch try install(bytes, bank) {
            case .installed(let installed): program = installed
            case .refused(let why):
                var reply = Message(.value)
                reply.bytes = Array(why.utf8.prefix(Self.reasonBound))
                return reply
            }
        }
        let id = try objects.world(WorldPage.nextProcess)
        let given = try name.isEmpty ? freeName(for: "p\(id)") : name
        var plan = ProcessPlan(
            name: given, instances: program.instances, bank: bank, meter: CellID(rawValue: message.keys[0].id),
            gas: nil, limitPages: nil, arguments: [given] + arguments, environment: [], streamBytes: Self.streamBytes,
            input: [], inputEnds: true, entryFunction: program.entryFunction)
        plan.isLaunched = false
        do {
            _ = try makeProcess(plan)
        } catch {
            try uninstall(program.instances)
            throw error
        }
        return Message(.ok, key: .process(id))
    }

    /// Strings that are each ended by a zero: the first, and the others.
    private static func strings(_ bytes: [UInt8]) -> (first: String, others: [String]) {
        var strings = bytes.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        if strings.last?.isEmpty == true { strings.removeLast() }
        return (strings.first ?? "", Array(strings.dropFirst()))
    }

    /// Removes modules that were installed for a process which then could not be made.
    package func uninstall(_ instances: [InstancePlan]) throws {
        // In an order that is the same in every host: it decides where things are bought next.
        var gone: [CellID] = []
        for instance in instances.reversed() where !gone.contains(instance.module) {
            gone.append(instance.module)
            try removeIfUnused(instance.module)
        }
    }

    /// The code of a process for another of this bank. Modules that it cannot use where they are are copied. Throws `bankExhausted`.
    private func install(codeOf process: CellID, bank: CellID) throws -> InstalledProgram {
        let instances = try self.instances(of: process)
        var home: [CellID: CellID] = [:]
        var missing: [CellID] = []
        for instance in instances {
            let module = try objects.link(instance, InstanceRecord.module)
            guard home[module] == nil, !missing.contains(module) else { continue }
            if let here = try self.module(hash: objects.cell(module).load(ModuleRecord.hash), for: bank) {
                home[module] = here
            } else {
                missing.append(module)
            }
        }
        let (pages, strips) = try size(of: missing)
        try objects.checkRoom(
            bank, pages: pages + objects.potPages(forCells: missing.count, .record, bank: bank),
            cells: UInt64(missing.count), kernelPages: try objects.stripMapGrowth(strips: strips))
        for module in missing { home[module] = try copyModule(module, to: bank) }
        return InstalledProgram(
            instances: try instances.map { instance in
                let module = try objects.link(instance, InstanceRecord.module)
                return try planLike(instance, module: home[module] ?? module)
            },
            entryFunction: try objects.get(process, ProcessRecord.isCalled) != 0
                ? nil : objects.get(process, ProcessRecord.entryFunction))
    }

    /// Pages that modules have, and strips that copies of them take.
    func size(of modules: [CellID]) throws -> (pages: UInt64, strips: UInt64) {
        var pages: UInt64 = 0
        var strips: UInt64 = 2
        for module in modules {
            pages += try objects.get(module, ModuleRecord.pages)
            for kind in moduleSpaces { strips += UInt64(try objects.countStrips(of: Space(kind, of: module))) }
        }
        return (pages, strips)
    }

    /// All that a process computed is gone; it is stopped before the first thing that it does. Its registers stay, but for keys by which
    /// others wait for its answer, and so do its log, and those who stand before it.
    func beginAnew(_ process: CellID) throws {
        // Not saved: it is gone.
        didRemoveProcess(process)
        try setState(of: process, to: .stopped)
        try answerNobody(process)
        try unload(process)
        try forgetComputation(of: process, phase: 0)
        for instance in try instances(of: process) { try renew(instance) }
        let record = try objects.mutableCell(process)
        record.store(0, ProcessRecord.exitCode)
        for field in [ProcessRecord.trap, ProcessRecord.closedDescriptors] { record.store(0, field) }
        record.store(0, ProcessRecord.faultDetail)
        record.store(0, ProcessRecord.beginning)
        try wakeFrozenForSpace()
    }
}
