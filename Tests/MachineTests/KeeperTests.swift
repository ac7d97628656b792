// Keepers: what they are told, what they can do, and what happens where there is none that could do anything.

import Interpreter
import Kernel
import Machine
import Objects
import Testing

@Suite struct KeeperTests {
    let bench: StoredBench
    let admin: Puppet
    let keeper: Puppet
    let victim: Puppet
    /// To `victim`, and by which `keeper` is called.
    let key: Key
    let start: Key

    /// Bytes of the memory of a puppet.
    static let size: UInt64 = 0x20000
    let outside = UInt64(Trap.outOfBoundsMemoryAccess.rawValue)

    init() throws {
        bench = try StoredBench()
        admin = try Puppet(bench, "admin")
        keeper = try Puppet(bench, "keeper")
        victim = try Puppet(bench, "victim")
        key = .process(try bench.objects.get(victim.process, ProcessRecord.id))
        start = .start(try bench.objects.get(keeper.process, ProcessRecord.id), badge: 7)
        try wait()
    }

    // MARK: What a keeper does

    func wait(_ puppet: Puppet? = nil) throws {
        try (puppet ?? keeper).begin(register: 255, 0, from: [], into: [8, 9, 10, 11], by: "return")
    }

    /// What it was told. The key that came with it is in register 21 then, the resume key in 20.
    func hear(_ puppet: Puppet? = nil) throws -> Puppet.Reply {
        let puppet = puppet ?? keeper
        let told = try puppet.finish()
        try bench.kernel.setRegister(20, of: try puppet.process, to: told.keys[3])
        try bench.kernel.setRegister(21, of: try puppet.process, to: told.keys[0])
        return told
    }

    func answer(_ code: UInt32, _ puppet: Puppet? = nil) throws {
        try (puppet ?? keeper).begin(register: 20, code, from: [], into: [8, 9, 10, 11], by: "return")
    }

    /// Whether it was told something since it waits.
    func isTold(_ puppet: Puppet? = nil) throws -> Bool {
        try state(puppet ?? keeper) != .waiting(Waiting.message)
    }

    enum State: Equatable {
        case waiting(UInt8)
        case other(RunState)
    }

    func state(_ puppet: Puppet) throws -> State {
        let state = try bench.kernel.state(of: try puppet.process)
        return try state == .waiting
            ? .waiting(bench.objects.get(puppet.process, ProcessRecord.waitsFor)) : .other(state)
    }

    private func result(_ puppet: Puppet? = nil) throws -> UInt64 {
        try bench.machine.results(of: (puppet ?? victim).process)[0]
    }

    func name(_ slot: UInt64, by key: Key? = nil, as start: Key? = nil) throws {
        #expect(try admin.refusal(key ?? self.key, ProcessOrder.keeper, [slot], keys: [start ?? self.start]) == nil)
    }

    // MARK: Mending

    /// The instruction that could not be executed is, once the memory is there; the same after a restart in between.
    @Test(arguments: [false, true]) func aMemorysKeeperMendsAnAddress(restarts: Bool) throws {
        try name(1)
        try victim.enter("poke", [Self.size + 8, 0x1234])
        if restarts { try bench.writeOutAndReload() }
        #expect(try state(victim) == .waiting(Waiting.keeper))
        let told = try hear()
        #expect(told.code == 0 && told.words == [Self.size + 8, 0, outside] && told.bytes.isEmpty)
        #expect(told.keys[0] == .process(key.id, rights: .memory) && told.keys[3].kind == .resume)
        #expect(try keeper.call(told.keys[0], ProcessOrder.grow, [0, 1]).words[0] == 2)
        if restarts { try bench.writeOutAndReload() }
        try answer(0)
        #expect(try state(victim) == .waiting(Waiting.call), "it came to its end")
        try victim.enter("peek", [Self.size + 8])
        #expect(try result() == 0x1234)
        #expect(try bench.objects.get(victim.process, ProcessRecord.trap) == 0 && isTold() == false)
        try bench.objects.checkRecords()
    }

    /// Of a run of bytes the first is named that is not there, again and again until all of them are.
    @Test func whatIsMissingOfARunIsNamed() throws {
        try name(1)
        try victim.enter("fill", [Self.size - 4, 0x10000 + 8])
        for size in [Self.size, Self.size + 0x10000] {
            let told = try hear()
            #expect(told.words[0] == size)
            try keeper.call(told.keys[0], ProcessOrder.grow, [0, 1])
            try answer(0)
        }
        #expect(try state(victim) == .waiting(Waiting.call))
        try victim.enter("peek", [Self.size + 0xFFFC])
        #expect(try result() == 0x0707_0707_0707_0707)
    }

    /// A keeper of a memory has nothing but that.
    @Test func aMemorysKeeperHasTheMemoryOnly() throws {
        try name(1)
        try bench.kernel.setRegister(25, of: victim.process, to: .start(key.id))
        try victim.enter("peek", [Self.size])
        let told = try hear()
        let memory = told.keys[0]
        for order in ProcessOrder.allCases where order != .weaken && !order.isOfMemory {
            #expect(try keeper.refusal(memory, order) == .right, "\(order)")
        }
        #expect(try keeper.refusal(memory, ProcessOrder.list, [1, 0, 0]) == .right, "its code is no memory")
        #expect(try keeper.refusal(memory, ProcessOrder.write, [0, 64], bytes: [1]) == nil)
        #expect(try keeper.call(memory, ProcessOrder.read, [0, 64, 1]).bytes == [1])
        #expect(try keeper.call(memory, ProcessOrder.list, [2, 0, 0]).keys[0].pageRights == .all)
        for words: [UInt64] in [[0, 65_535], [0, .max], [1, 1], [.max, 1]] {
            #expect(try keeper.refusal(memory, ProcessOrder.grow, words) == .value, "\(words)")
        }
    }

    /// It is told of a trap, looks where that is, and says that it cannot help.
    @Test func aProcesssKeeperIsToldOfATrap() throws {
        try name(0)
        try victim.enter("divide", [0])
        let told = try hear()
        #expect(told.code == 1 - 1 && told.words == [UInt64(Trap.integerDivideByZero.rawValue), 0, 0])
        #expect(told.keys[0] == key)
        let position = try keeper.call(key, ProcessOrder.position)
        #expect(position.code == 0 && position.words[1] > 0)
        #expect(try keeper.call(key, ProcessOrder.figures).words[1] >> 16 == UInt64(Trap.integerDivideByZero.rawValue))
        try answer(0)
        #expect(try isTold(), "it tried again, with the operands that it had")
        _ = try hear()
        try answer(9)
        #expect(try state(victim) == .other(.faulted) && isTold() == false)
        #expect(try bench.objects.get(victim.process, ProcessRecord.exitCode) == 134)
        #expect(try bench.objects.get(victim.process, ProcessRecord.trap) == Trap.integerDivideByZero.rawValue)
    }

    /// What a memory's keeper does not mend is the process's keeper's affair.
    @Test func theProcesssKeeperIsNext() throws {
        let second = try Puppet(bench, "second")
        try wait(second)
        try name(1)
        try name(0, as: .start(try bench.objects.get(second.process, ProcessRecord.id)))
        try victim.enter("peek", [Self.size + 5])
        _ = try hear()
        #expect(try !isTold(second))
        try answer(1)
        #expect(try hear(second).words == [Self.size + 5, 0, outside])
        #expect(try state(victim) == .waiting(Waiting.keeper))
        try second.call(key, ProcessOrder.grow, [0, 1])
        try answer(0, second)
        #expect(try state(victim) == .waiting(Waiting.call) && result() == 0)
    }

    /// Its answer can be the kernel's.
    @Test func theKernelAnswers() throws {
        try name(1)
        try victim.enter("peek", [Self.size])
        _ = try hear()
        try keeper.begin(
            register: 21, ProcessOrder.grow.rawValue, [0, 1], from: [255, 255, 255, 20], into: [8, 9, 10, 11],
            by: "return")
        #expect(try state(victim) == .waiting(Waiting.call) && result() == 0)
        try victim.enter("peek", [Self.size + 0x10000])
        _ = try hear()
        try keeper.begin(
            register: 21, ProcessOrder.grow.rawValue, [0, 70_000], from: [255, 255, 255, 20], into: [8, 9, 10, 11],
            by: "return")
        #expect(try state(victim) == .other(.faulted), "what the kernel refuses mends nothing")
    }

    // MARK: Gas and space

    private func meter(_ gas: UInt64) throws -> CellID {
        let meter = try bench.kernel.createMeter(at: "root/m", bank: bench.kernel.rootBank, gas: gas, weight: 1)
        try bench.kernel.move(victim.process, toMeter: meter)
        return meter
    }

    @Test(arguments: [false, true]) func aMetersKeeperRefillsIt(restarts: Bool) throws {
        let meter = try meter(1_000)
        let key = try bench.kernel.key(toMeter: meter)
        let weak = key.without(rights: MeterRights.destroy.rawValue)
        #expect(try admin.refusal(weak, MeterOrder.keeper, keys: [start]) == nil)
        try victim.enter("spin", [1_000])
        #expect(try state(victim) == .waiting(Waiting.keeper) && bench.kernel.figures(ofMeter: meter).gasLeft == 0)
        if restarts { try bench.writeOutAndReload() }
        let told = try hear()
        #expect(told.words == [0, 0, 0] && told.keys[0] == weak, "who may not destroy it names nobody who may")
        try keeper.call(weak, MeterOrder.refill, [100_000])
        #expect(try state(victim) == .waiting(Waiting.keeper), "it waits for the answer")
        try answer(0)
        #expect(try state(victim) == .waiting(Waiting.call) && result() == 5)
    }

    /// It waits for nobody who does not help, and goes on when others do.
    @Test func whoIsNotRefilledIsFrozen() throws {
        let meter = try meter(1_000)
        #expect(try admin.refusal(bench.kernel.key(toMeter: meter), MeterOrder.keeper, keys: [start]) == nil)
        try victim.enter("spin", [1_000])
        _ = try hear()
        try answer(1)
        #expect(try state(victim) == .other(.frozenGas) && isTold() == false)
        try bench.kernel.refill(meter, gas: 100_000)
        try victim.run()
        #expect(try state(victim) == .waiting(Waiting.call) && result() == 5)
    }

    /// A keeper on the meter that it is to refill is as dry as those that it keeps.
    @Test func aKeeperOnItsOwnMeterIsFrozenBesideWhomItKeeps() throws {
        let meter = try meter(1_000)
        #expect(try admin.refusal(bench.kernel.key(toMeter: meter), MeterOrder.keeper, keys: [start]) == nil)
        try bench.kernel.move(keeper.process, toMeter: meter)
        try victim.enter("spin", [1_000])
        #expect(try state(victim) == .waiting(Waiting.keeper) && state(keeper) == .other(.frozenGas))
        try bench.kernel.refill(meter, gas: 1_000_000)
        try keeper.run()
        _ = try hear()
        try answer(0)
        #expect(try state(victim) == .waiting(Waiting.call) && result() == 5)
    }

    /// A reply that came while there was no gas is taken when there is some.
    @Test func aDryMeterInMidCall() throws {
        let meter = try meter(100_000)
        #expect(try admin.refusal(bench.kernel.key(toMeter: meter), MeterOrder.keeper, keys: [start]) == nil)
        let server = try Puppet(bench, "server")
        try wait(server)
        try victim.begin(.start(try bench.objects.get(server.process, ProcessRecord.id)), 1, [4])
        #expect(try state(victim) == .waiting(Waiting.reply))
        _ = try hear(server)
        try bench.kernel.setGas(of: meter, to: 0)
        try server.begin(register: 20, 12, [77], from: [], into: [8, 9, 10, 11], by: "return")
        #expect(try state(victim) == .waiting(Waiting.keeper))
        try bench.writeOutAndReload()
        let told = try hear()
        try keeper.call(told.keys[0], MeterOrder.refill, [100_000])
        try answer(0)
        #expect(try state(victim) == .waiting(Waiting.call))
        let reply = try victim.finish()
        #expect(reply.code == 12 && reply.words[0] == 77)
    }

    private func limited(_ pages: UInt64) throws -> (Puppet, Key) {
        let bank = try bench.kernel.createBank(at: "root/g", BankTerms(limitPages: 40))
        let poor = try Puppet(bench, "poor", bank: bank)
        try poor.enter("poke", [0, 1])
        let used = try bench.kernel.figures(ofBank: bank).usedPages
        try bench.kernel.set(bank, BankTerms(limitPages: used + pages))
        return (poor, try bench.kernel.key(toBank: bank))
    }

    @Test func aBanksKeeperRaisesTheLimit() throws {
        let (poor, bank) = try limited(0)
        let weak = bank.without(rights: BankRights.destroy.rawValue)
        #expect(try admin.refusal(weak, BankOrder.keeper, keys: [start]) == nil)
        try poor.enter("poke", [0x5000, 9])
        #expect(try state(poor) == .waiting(Waiting.keeper))
        try bench.writeOutAndReload()
        let told = try hear()
        #expect(told.words == [0, 0, 0] && told.keys[0] == weak)
        try keeper.call(weak, BankOrder.set, [1_000, .max - 1, .max - 1])
        try answer(0)
        #expect(try state(poor) == .waiting(Waiting.call))
        try poor.enter("peek", [0x5000])
        #expect(try result(poor) == 9)
    }

    /// Where the bank has no keeper the process's is told; one that cannot help leaves it frozen, to go on when there is space.
    @Test func whoIsSoldNothingIsFrozen() throws {
        let (poor, bank) = try limited(0)
        let id = try bench.objects.get(poor.process, ProcessRecord.id)
        try name(0, by: .process(id))
        try poor.enter("poke", [0x5000, 9])
        #expect(try hear().keys[0] == .process(id))
        try answer(3)
        #expect(try state(poor) == .other(.frozenSpace) && isTold() == false)
        try bench.kernel.set(CellID(rawValue: bank.id), BankTerms(limitPages: 1_000))
        try poor.run()
        #expect(try state(poor) == .waiting(Waiting.call))
    }

    /// One that has space again goes on, whatever its keeper says of it.
    @Test func whoHasSpaceAgainGoesOn() throws {
        let (poor, bank) = try limited(0)
        try name(0, by: .process(try bench.objects.get(poor.process, ProcessRecord.id)))
        try poor.enter("poke", [0x5000, 9])
        _ = try hear()
        try bench.kernel.set(CellID(rawValue: bank.id), BankTerms(limitPages: 1_000))
        try answer(3)
        #expect(try state(poor) == .waiting(Waiting.call) && isTold() == false)
    }

    // MARK: Keepers that are none

    @Test func whoHasNoKeeperThatCouldHelpHalts() throws {
        // Itself.
        try name(0, as: .start(key.id))
        try victim.enter("divide", [0])
        #expect(try state(victim) == .other(.faulted))
        // One that has faulted, and one that has ended.
        for ending in [RunState.faulted, .exited] {
            let next = try Puppet(bench, "next-\(ending)")
            let id = try bench.objects.get(next.process, ProcessRecord.id)
            let dead = try Puppet(bench, "dead-\(ending)")
            let deadID = try bench.objects.get(dead.process, ProcessRecord.id)
            try name(0, by: .process(id), as: .start(deadID))
            if ending == .faulted {
                try dead.enter("divide", [0])
            } else {
                #expect(try admin.refusal(.process(deadID), ProcessOrder.end) == nil)
            }
            try next.enter("divide", [0])
            #expect(try state(next) == .other(.faulted), "\(ending)")
        }
        #expect(try isTold() == false)
    }

    /// Two that keep each other: the second to fault halts, and with it nobody can answer the first.
    @Test func keepersInACircleHalt() throws {
        try name(0)
        let id = try bench.objects.get(keeper.process, ProcessRecord.id)
        try name(0, by: .process(id), as: .start(key.id))
        try victim.enter("divide", [0])
        _ = try hear()
        #expect(try state(victim) == .waiting(Waiting.keeper))
        try keeper.enter("divide", [0])
        #expect(try state(keeper) == .other(.faulted) && state(victim) == .other(.faulted))
        #expect(try state(admin) == .waiting(Waiting.call), "and nobody else")
        #expect(try admin.refusal(key, ProcessOrder.remove) == nil)
    }

    /// A keeper that drops the key, or ends, has answered.
    @Test(arguments: ["drops", "ends", "takes none"]) func whoCannotAnswerDoesNot(how: String) throws {
        try name(0)
        if how == "takes none" {
            let careless = try Puppet(bench, "careless")
            try careless.begin(register: 255, 0, from: [], into: [8], by: "return")
            try name(0, as: .start(try bench.objects.get(careless.process, ProcessRecord.id)))
        }
        try victim.enter("divide", [0])
        if how != "takes none" { _ = try hear() }
        switch how {
        case "drops":
            try keeper.enter("clear", [11])
            #expect(try state(victim) == .waiting(Waiting.keeper), "there is another copy")
            try keeper.enter("clear", [20])
        case "ends": #expect(try admin.refusal(.process(start.id), ProcessOrder.end) == nil)
        default: break
        }
        #expect(try state(victim) == .other(.faulted))
    }

    // MARK: While it waits

    /// Who comes while the keeper is busy stands in its queue, and is served in turn.
    @Test func theyAreServedInOrder() throws {
        var victims: [Puppet] = []
        for number in 0..<5 {
            let each = try Puppet(bench, "v\(number)")
            try name(1, by: .process(try bench.objects.get(each.process, ProcessRecord.id)))
            victims.append(each)
        }
        for (number, each) in victims.enumerated() { try each.enter("peek", [Self.size + UInt64(number)]) }
        #expect(try state(victims[0]) == .waiting(Waiting.keeper))
        for each in victims[1...] { #expect(try state(each) == .waiting(Waiting.turn)) }
        try bench.writeOutAndReload()
        for (number, each) in victims.enumerated() {
            let told = try hear()
            #expect(told.words[0] == Self.size + UInt64(number))
            try keeper.call(told.keys[0], ProcessOrder.grow, [0, 1])
            try answer(0)
            #expect(try state(each) == .waiting(Waiting.call))
        }
        #expect(try isTold() == false)
    }

    /// Whoever stands in the queue tries again when it is started, and has another keeper when that is named.
    @Test func whoStandsInTheQueueIsTakenOut() throws {
        try name(0)
        let first = try Puppet(bench, "first")
        try name(0, by: .process(try bench.objects.get(first.process, ProcessRecord.id)))
        try first.enter("divide", [0])
        try victim.enter("divide", [0])
        #expect(try state(victim) == .waiting(Waiting.turn))
        #expect(try admin.refusal(key, ProcessOrder.stop) == nil)
        try name(0, as: .void)
        #expect(try admin.refusal(key, ProcessOrder.start) == nil)
        #expect(try state(victim) == .other(.faulted), "nobody is told")
        _ = try hear()
        try answer(1)
        #expect(try state(first) == .other(.faulted) && isTold() == false)
    }

    /// One that was named anew has who stands before the old one once that is available.
    @Test func anotherKeeperHasThoseWhoStand() throws {
        let second = try Puppet(bench, "second")
        try wait(second)
        try name(0)
        let first = try Puppet(bench, "first")
        try name(0, by: .process(try bench.objects.get(first.process, ProcessRecord.id)))
        try first.enter("divide", [0])
        try victim.enter("divide", [0])
        try name(0, as: .start(try bench.objects.get(second.process, ProcessRecord.id)))
        _ = try hear()
        try answer(1)
        #expect(try isTold() == false && hear(second).words[0] == UInt64(Trap.integerDivideByZero.rawValue))
    }

    /// Whoever starts it again lets it try again; what its keeper answers is void.
    @Test func whoIsStartedTriesAgain() throws {
        try name(1)
        try victim.enter("peek", [Self.size])
        let told = try hear()
        #expect(try admin.refusal(key, ProcessOrder.stop) == nil)
        try keeper.call(told.keys[0], ProcessOrder.grow, [0, 1])
        #expect(try admin.refusal(key, ProcessOrder.start) == nil)
        #expect(try state(victim) == .waiting(Waiting.call) && result() == 0)
        #expect(try bench.objects.isVoid(told.keys[3]))
        // One that was answered while it was stopped goes on when it is started.
        try victim.enter("peek", [Self.size + 0x10000])
        try answer(0)
        _ = try hear()
        #expect(try admin.refusal(key, ProcessOrder.stop) == nil)
        try keeper.call(key, ProcessOrder.grow, [0, 1])
        try answer(0)
        #expect(try state(victim) == .other(.stopped))
        #expect(try admin.refusal(key, ProcessOrder.start) == nil)
        #expect(try state(victim) == .waiting(Waiting.call) && result() == 0)
    }

    /// It tries again too where its keeper ended meanwhile, and another is named.
    @Test func whoIsStartedHasTheKeeperOfNow() throws {
        let second = try Puppet(bench, "second")
        try wait(second)
        try name(0)
        try victim.enter("divide", [0])
        #expect(try admin.refusal(key, ProcessOrder.stop) == nil)
        #expect(try admin.refusal(.process(start.id), ProcessOrder.end) == nil)
        try name(0, as: .start(try bench.objects.get(second.process, ProcessRecord.id)))
        #expect(try admin.refusal(key, ProcessOrder.start) == nil)
        #expect(try state(victim) == .waiting(Waiting.keeper) && isTold(second))
    }

    /// Who was mended by others while it waited goes on, whatever its keeper says.
    @Test(arguments: [false, true]) func whoWasMendedGoesOn(dropsKey: Bool) throws {
        let meter = try meter(1_000)
        #expect(try admin.refusal(bench.kernel.key(toMeter: meter), MeterOrder.keeper, keys: [start]) == nil)
        try victim.enter("spin", [1_000])
        _ = try hear()
        try bench.kernel.refill(meter, gas: 100_000)
        #expect(try state(victim) == .waiting(Waiting.keeper))
        if dropsKey {
            try keeper.enter("clear", [11])
            try keeper.enter("clear", [20])
        } else {
            try answer(1)
        }
        #expect(try state(victim) == .waiting(Waiting.call) && result() == 5)
    }

    /// A keeper that waits for whom it keeps is one of a circle, by whom it was told, whoever is named now.
    @Test(arguments: [false, true]) func aCircleIsFoundByWhoWasTold(isRenamed: Bool) throws {
        let meter = try meter(1_000)
        let keepersID = start.id
        #expect(try admin.refusal(bench.kernel.key(toMeter: meter), MeterOrder.keeper, keys: [start]) == nil)
        try name(0, by: .process(keepersID), as: .start(key.id))
        try victim.enter("spin", [1_000])
        _ = try hear()
        if isRenamed {
            #expect(try admin.refusal(bench.kernel.key(toMeter: meter), MeterOrder.keeper) == nil)
        } else {
            try bench.kernel.refill(meter, gas: 1_000_000)
        }
        try keeper.enter("divide", [0])
        #expect(try state(keeper) == .other(.faulted), "it halts")
        #expect(
            try state(victim) == (isRenamed ? .other(.frozenGas) : .waiting(Waiting.call)), "and is waited for no more")
    }

    /// However many have nothing to say to it any more, it is available when they are gone.
    @Test func manyWhoTryAgainAreSentAway() throws {
        var victims: [Puppet] = []
        for number in 0..<40 {
            let each = try Puppet(bench, "v\(number)")
            try name(0, by: .process(try bench.objects.get(each.process, ProcessRecord.id)))
            try each.enter("divide", [0])
            victims.append(each)
        }
        for each in victims[1...] {
            try name(0, by: .process(try bench.objects.get(each.process, ProcessRecord.id)), as: .void)
        }
        _ = try hear()
        try answer(1)
        for each in victims { #expect(try state(each) == .other(.faulted)) }
        #expect(try isTold() == false && bench.objects.link(keeper.process, ProcessRecord.callersFirst).isNone)
    }

    @Test func whoIsEndedIsEnded() throws {
        try name(0)
        try victim.enter("divide", [0])
        let told = try hear()
        #expect(try admin.refusal(key, ProcessOrder.end) == nil)
        #expect(try bench.objects.isVoid(told.keys[3]) && state(victim) == .other(.exited))
        #expect(try admin.refusal(key, ProcessOrder.remove) == nil)
        try answer(0)
        #expect(try isTold() == false)
    }

    // MARK: Naming

    @Test func aKeeperIsNamedByAStartKey() throws {
        let meter = try bench.kernel.key(toMeter: bench.kernel.rootMeter)
        let bank = try bench.kernel.key(toBank: bench.kernel.rootBank)
        for wrong in [key, meter, bank, Key(.number, id: 1)] {
            #expect(try admin.refusal(key, ProcessOrder.keeper, keys: [wrong]) == .key)
            #expect(try admin.refusal(meter, MeterOrder.keeper, keys: [wrong]) == .key)
            #expect(try admin.refusal(bank, BankOrder.keeper, keys: [wrong]) == .key)
        }
        for word: UInt64 in [2, 100_000, .max] {
            #expect(try admin.refusal(key, ProcessOrder.keeper, [word], keys: [start]) == .value)
        }
        #expect(try admin.call(key, ProcessOrder.keeper, [1], keys: [start]).keys[0] == .void)
        #expect(try admin.call(meter, MeterOrder.keeper, keys: [start]).keys[0] == .void)
        #expect(try admin.call(bank, BankOrder.keeper, keys: [start]).keys[0] == .void)
        try bench.writeOutAndReload()
        #expect(try admin.call(key, ProcessOrder.keeper, [1]).keys[0] == start, "who it was")
        #expect(try admin.call(meter, MeterOrder.keeper).keys[0] == start)
        #expect(try admin.call(bank, BankOrder.keeper).keys[0] == start)
        #expect(try admin.call(bank, BankOrder.keeper).keys[0] == .void)
        let rights = ProcessRights.govern.rawValue
        #expect(try admin.refusal(key.without(rights: rights), ProcessOrder.keeper, keys: [start]) == .right)
    }
}
