// Running a process for a slice of its quantum: the engine's exits, one by one, until the slice is used up or the
// process waits, ends or cannot go on.

import Interpreter
import Kernel
import Objects
import Store

/// Why a slice ended.
package enum SliceEnd: Sendable {
    /// The gas of the slice is used up: of the quantum, or of the caller's bound.
    case gasUsed
    /// The process waits, is frozen, has faulted or exited, or gave its turn away.
    case turnOver
    /// Too many pages are not durable yet: nothing more may run before a publication is settled.
    case overBudget
}

extension Machine {
    /// Runs the process for at most `gasBound`, what is left of its quantum, and what its meters have; settles what it
    /// used. Where it hands its turn over the other goes on within the same bound. When the turn is over, none is the running process.
    package func run(_ cell: CellID, gasBound: UInt64) throws -> SliceEnd {
        var bound = gasBound
        var cell = cell
        if let passage = try comeFromKeeper(cell) {
            guard case .handedOver(let next) = passage else { return .turnOver }
            cell = next
        }
        var isFirst = try kernel.isFirstLoaded(cell)
        while true {
            switch try runOne(cell, isFirst: isFirst, gasBound: &bound) {
            case .ends(let end): return end
            case .handedOver(let next):
                // With nothing to run on it would depend on what the host keeps how far it comes.
                if bound == 0 { return .gasUsed }
                cell = next
                isFirst = true
            }
        }
    }

    private enum Passage {
        case ends(SliceEnd)
        case handedOver(to: CellID)
    }

    /// Runs one process until its slice ends, or it hands its turn over. `isFirst`: it ran last, as whoever has the turn from another.
    private func runOne(_ cell: CellID, isFirst: Bool, gasBound: inout UInt64) throws -> Passage {
        if isFirst, let known = recent.process(in: cell) {
            return try known._withUnsafeGuaranteedRef { active in try runSlice(of: active, gasBound: &gasBound) }
        }
        let account = try kernel.account(of: cell)
        if try kernel.gas(of: account, upTo: 1) == 0 { return try halt(cell, for: .gas) }
        switch try kernel.bringIn(cell) {
        case .paying:
            try kernel.endQuantum()
            return .ends(.turnOver)
        case .loaded(let left):
            // What the host keeps is what the world has loaded, as far as it has the memory.
            for process in left { try deactivate(process) }
        }
        do {
            return try runSlice(of: try activate(cell), gasBound: &gasBound)
        } catch ObjectsError.bankExhausted(let refusal) {
            return try halt(cell, for: .space(bank: refusal.bank))
        }
    }

    /// Runs a process that is loaded and was the last to be.
    private func runSlice(of active: ActiveProcess, gasBound: inout UInt64) throws -> Passage {
        let cell = active.cell
        let account = try account(of: active)
        func gas(upTo bound: UInt64) throws -> UInt64 {
            try account._withUnsafeGuaranteedRef { try kernel.gas(of: $0, upTo: bound) }
        }
        if try gas(upTo: 1) == 0 { return try halt(cell, for: .gas) }
        activations += 1
        active.lastRun = activations
        boundEntriesOfOthers()
        if active.writeEpoch != objects.epoch {
            for space in active.pagedSpaces { space.clearWrites() }
            active.writeEpoch = objects.epoch
        }
        let quantumLeft = try active.record(objects).load(ProcessRecord.quantumLeft)
        let slice = try gas(upTo: min(quantumLeft, gasBound, UInt64(Activation.maximumGas)))
        active.activation.gas = Int64(slice)
        active.settledGas = slice
        active.isChanged = true
        let next = try runExits(active)
        gasBound -= slice - UInt64(active.activation.gas)
        try account._withUnsafeGuaranteedRef { try settle(active, $0) }
        if case .runsAnew = next, gasBound > 0 { return .handedOver(to: cell) }
        if case .stands(let receiver?) = next {
            let record =
                try recent.process(in: receiver)?._withUnsafeGuaranteedRef { try $0.record(objects) }
                ?? objects.mutableCell(receiver)
            if try kernel.handOver(from: cell, active.record(objects), to: receiver, record) {
                return .handedOver(to: receiver)
            }
        }
        return try account._withUnsafeGuaranteedRef { try endSlice(cell, active, $0, next) }
    }

    /// Puts the process where it belongs for what it does next.
    private func endSlice(
        _ cell: CellID, _ active: ActiveProcess, _ account: MeterAccount, _ next: Next
    ) throws -> Passage {
        switch next {
        case .gasUsed, .runsAnew:
            if try objects.get(cell, ProcessRecord.quantumLeft) == 0 { break }
            if try kernel.gas(of: account, upTo: 1) == 0 { return try halt(cell, for: .gas) }
            return .ends(.gasUsed)
        case .overBudget: return .ends(.overBudget)
        case .yielded, .gone: break
        case .waits(let input, let deadline): try kernel.wait(cell, input: input, deadline: deadline)
        case .stands: try kernel.stand(cell)
        case .noSpace(let bank): return try halt(cell, for: .space(bank: bank))
        case .idle: try kernel.waitForCall(cell)
        case .exited(let code):
            forget(cell)
            try kernel.end(cell, as: .exited, exitCode: code)
        case .trapped(let trap):
            // It stands before the instruction still, and tries that again where its keeper says so.
            return try halt(cell, for: reason(of: trap, active))
        case .misses(let missing): return try halt(cell, for: missing.halt)
        }
        try kernel.endQuantum()
        return .ends(.turnOver)
    }

    // MARK: Keepers

    /// What is told to the keeper of a process that trapped.
    private func reason(of trap: Trap, _ active: ActiveProcess) -> Halt {
        guard trap == .outOfBoundsMemoryAccess, let address = active.activation.outsideAddress,
            let owner = active.instances[active.activation.current].memoryOwner
        else { return .trap(trap.rawValue) }
        return .access(trap.rawValue, address: address, instance: UInt16(owner))
    }

    /// The process that runs cannot go on: its keeper is told and may have the turn, or it halts.
    private func halt(_ cell: CellID, for halt: Halt) throws -> Passage {
        try pass(cell, try kernel.halt(cell, for: halt))
    }

    private func pass(_ cell: CellID, _ end: HaltEnd) throws -> Passage {
        if case .stands(let next) = end {
            if let next, try kernel.handOver(from: cell, objects.mutableCell(cell), to: next, objects.mutableCell(next))
            {
                return .handedOver(to: next)
            }
            try kernel.stand(cell)
        }
        try kernel.endQuantum()
        return .ends(.turnOver)
    }

    /// How it stands with a process that waited for its keeper until this turn; nil where it runs.
    private func comeFromKeeper(_ cell: CellID) throws -> Passage? {
        try kernel.comesFromKeeper(cell).map { try pass(cell, $0) }
    }

    /// Debits process, quantum and world for what was used since this was done last, before anything else runs or is asked; and notes
    /// it at the meter.
    func settle(_ active: ActiveProcess, _ account: MeterAccount) throws {
        let left = UInt64(active.activation.gas)
        let gas = active.settledGas - left
        guard gas > 0 else { return }
        active.settledGas = left
        let record = try active.record(objects)
        record.store(record.load(ProcessRecord.gasUsed) &+ gas, ProcessRecord.gasUsed)
        record.store(record.load(ProcessRecord.quantumLeft) - gas, ProcessRecord.quantumLeft)
        let world = try objects.write(.world)
        world.store(world.load(WorldPage.gasClock) &+ gas, WorldPage.gasClock)
        kernel.use(gas, of: account)
    }

    /// What the process does next.
    enum Next {
        case gasUsed
        case overBudget
        case yielded
        case waits(input: Bool, deadline: UInt64?)
        /// It goes on, on what its meters have by now.
        case runsAnew
        /// In an invocation; `next` has what it waited for.
        case stands(next: CellID?)
        /// Its bank was destroyed, by itself: what is left of it goes with that.
        case gone
        /// This bank sells no page.
        case noSpace(bank: CellID)
        case exited(code: Int32)
        /// Waits to be called by the embedder.
        case idle
        case trapped(Trap)
        /// It stands before an instruction, or a call of the host, that reads or writes this page.
        case misses(MissingPage)
    }

    private func runExits(_ active: ActiveProcess) throws -> Next {
        if let kind = active.standsIn {
            if objects.isOverBudget { return .overBudget }
            active.standsIn = nil
            do {
                if let next = try invoke(kind, active) { return next }
            } catch let missing as MissingPage {
                return .misses(missing)
            }
        }
        while true {
            do {
                if let next = try handle(active.activation.run(), active) { return next }
            } catch let missing as MissingPage {
                return .misses(missing)
            } catch ObjectsError.bankExhausted(let refusal) {
                return .noSpace(bank: refusal.bank)
            }
        }
    }

    /// Mends what an exit asks for; nil when the engine goes on.
    private func handle(_ exit: Exit, _ active: ActiveProcess) throws -> Next? {
        switch exit {
        case .outOfGas: return .gasUsed
        case .hostCall(let function, let instance): return try hostCall(function, of: instance, active)
        case .instantiated, .returned: return try proceed(active)
        case .trap(let trap): return .trapped(trap)
        case .memoryMissing(_, let page, let write):
            // One of others may be written when it is read for the first time.
            if objects.isOverBudget, try write || hasMappings(active) { return .overBudget }
            try mapMemory(active, instance: active.activation.current, page, write: write)
        case .tableMissing(let table, let page, let write):
            if write && objects.isOverBudget { return .overBudget }
            try mapTable(active, instance: active.activation.current, table, page, write: write)
        case .stackFull(let slots): try buyStack(active, slots: slots)
        case .stackMissing(let from, let to): try loadStack(active, from: from, to: to)
        case .memoryGrow(_, let delta):
            guard active.activation.canPay(Price.memoryGrow) else { return .gasUsed }
            try growMemory(active, delta: delta)
        case .tableGrow(let table, let delta, let value):
            let pages = value == 0 ? 0 : Int(min(delta, UInt32(ActiveProcess.tableBound))) / PagedSpace.elementsPerPage
            if !objects.hasBudget(forPages: pages + 2) { return .overBudget }
            return try growTable(active, table, delta: delta, value: value) ? nil : .gasUsed
        }
        return nil
    }

    /// Whether something is mapped into the memory of the instance that runs.
    private func hasMappings(_ active: ActiveProcess) throws -> Bool {
        guard let owner = active.instances[active.activation.current].memoryOwner else { return false }
        return try objects.hasMappings(active.instances[owner].cell)
    }

    private func hostCall(_ function: Int, of instance: Int, _ active: ActiveProcess) throws -> Next? {
        if objects.isOverBudget { return .overBudget }
        active.select(callee: instance)
        if let kind = active.invocation(ofImport: function) { return try invoke(kind, active) }
        guard let host = active.instances[instance].module.hostFunctions[function] else {
            preconditionFailure("INST-2: an import of the host is one that it has")
        }
        switch host.act {
        case .invoke(let kind): return try invoke(kind, active)
        case .perform(let perform, let extraGas):
            let call = HostCall(machine: self, active: active)
            return try self.perform(perform, call, extraGas: try extraGas(call))
        }
    }

    private func perform(
        _ perform: (HostCall) throws -> CallOutcome, _ call: HostCall, extraGas: UInt64
    ) throws -> Next? {
        let active = call.active
        // What was paid for a call that is made again is its price, if that is less by now.
        let cost = max(HostFunction.gas + Int64(extraGas), active.activation.paid)
        guard active.activation.canPay(cost) else { return .gasUsed }
        let outcome: CallOutcome
        do {
            outcome = try perform(call)
        } catch let refusal as ObjectsError {
            if case .bankExhausted = refusal { active.activation.prepay(cost) }
            throw refusal
        }
        switch outcome {
        case .done(let results):
            active.activation.complete(results: results, cost: cost)
            return nil
        case .yield(let results):
            active.activation.complete(results: results, cost: cost)
            return .yielded
        case .wait(let input, let deadline):
            active.activation.prepay(cost)
            return .waits(input: input, deadline: deadline)
        case .exit(let code):
            active.activation.complete(results: [], cost: cost)
            return .exited(code: code)
        }
    }

    /// The growth is answered by what the bank has at this instant; nothing is reserved.
    private func growMemory(_ active: ActiveProcess, delta: UInt32) throws {
        let activation = active.activation
        let current = activation.current
        guard let owner = active.instances[current].memoryOwner else {
            preconditionFailure("an instance with a memory")
        }
        let old = UInt32(activation.memoryBytes(of: current) >> 16)
        let limit = Self.maximumUnits(ofMemory: active.instances[owner].module.compiled.module)
        let bank = try objects.link(active.cell, ProcessRecord.bank)
        let available = try objects.availablePages(bank) ?? .max
        guard UInt64(old) + UInt64(delta) <= UInt64(limit), UInt64(delta) * 16 <= available else {
            return activation.complete(results: [UInt64(UInt32.max)], cost: Price.memoryGrow)
        }
        activation.complete(results: [UInt64(old)], cost: Price.memoryGrow)
        let bytes = (UInt64(old) + UInt64(delta)) << 16
        activation.setMemoryBytes(bytes, of: current)
        // Who writes a message to it goes by this.
        try objects.set(active.instances[owner].cell, InstanceRecord.memoryBytes, bytes)
    }

    /// Elements are paid for where the table can have them. False where gas is missing.
    private func growTable(_ active: ActiveProcess, _ table: Int, delta: UInt32, value: UInt64) throws -> Bool {
        let activation = active.activation
        let current = activation.current
        let cost = Price.tableGrow(elements: delta)
        let old = activation.elementCount(ofTable: table, of: current)
        let owner = active.instances[current].tableOwners[table]
        let limit = try objects.get(
            active.instances[owner.instance].cell, InstanceRecord.tableMaximum(owner.table))
        guard UInt64(old) + UInt64(delta) <= UInt64(limit) else {
            guard activation.canPay(Price.tableGrow()) else { return false }
            activation.complete(results: [UInt64(UInt32.max)], cost: Price.tableGrow())
            return true
        }
        guard activation.canPay(cost) else { return false }
        if value != 0 {
            guard try hasRoom(active, owner, from: old, to: old + Int(delta)) else {
                activation.complete(results: [UInt64(UInt32.max)], cost: cost)
                return true
            }
            do {
                try fillTable(active, instance: current, table, from: old, to: old + Int(delta), value: value)
            } catch ObjectsError.bankExhausted {
                activation.complete(results: [UInt64(UInt32.max)], cost: cost)
                return true
            }
        }
        activation.setElementCount(old + Int(delta), ofTable: table, of: current)
        activation.complete(results: [UInt64(old)], cost: cost)
        return true
    }

    /// Whether the bank has the pages that these elements of a table need, so that a refusal takes none.
    private func hasRoom(
        _ active: ActiveProcess, _ owner: (instance: Int, table: Int), from: Int, to: Int
    ) throws -> Bool {
        guard from < to else { return true }
        let space = Space(.table(owner.table), of: active.instances[owner.instance].cell)
        let perPage = PagedSpace.elementsPerPage
        var missing: UInt64 = 0
        for page in UInt64(from / perPage)...UInt64((to - 1) / perPage) where try objects.page(page, of: space) == nil {
            missing += 1
        }
        // Beyond the first MiB the space has a map.
        if missing > 0, to > 256 * perPage { missing += 1 }
        let available = try objects.availablePages(try objects.link(active.cell, ProcessRecord.bank)) ?? .max
        return missing <= available
    }
}
