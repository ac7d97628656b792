// The four rights of a bank key: each allows its order and no other, each can be taken away, and none comes back.

import Kernel
import Objects
import Testing

@Suite struct BankKeyTests {
    static let rights: [BankRights] = [.allocate, .query, .setLimits, .destroy]

    @Test(arguments: rights) func eachRightIsTakenAwayForEver(right: BankRights) throws {
        let world = try TestWorld()
        let bank = try world.kernel.createBank(at: "root/g", BankTerms())
        let key = try world.kernel.key(toBank: bank)
        let weak = key.without(right)
        for each in Self.rights {
            #expect(try world.kernel.bank(by: key, for: each) == bank)
            if each == right {
                let refusal = #expect(throws: KernelError.self) { try world.kernel.bank(by: weak, for: each) }
                guard case .noRight(let path, let missing) = refusal else {
                    Issue.record("\(String(describing: refusal))")
                    continue
                }
                #expect(path == "root/g" && missing == right)
            } else {
                #expect(try world.kernel.bank(by: weak, for: each) == bank)
            }
        }
        // What is made of it has no more.
        #expect(weak.without([]) == weak && weak.without(.all).bankRights == [])
        // Stored and read again it is the same.
        let holder = try world.makeProcess("holder")
        try world.objects.setRegister(9, of: holder, to: weak)
        try world.checkpoint()
        try world.killAndReopen()
        let stored = try world.objects.register(9, of: try world.kernel.process("holder"))
        #expect(stored == weak)
        #expect(throws: KernelError.self) { try world.kernel.bank(by: stored, for: right) }
    }

    @Test func aKeyToWhatIsNoBankAnyMoreDesignatesNothing() throws {
        let world = try TestWorld()
        let bank = try world.kernel.createBank(at: "root/g", BankTerms())
        for number in 0..<300 { _ = try world.start("p\(number)", bank: bank) }
        let key = try world.kernel.key(toBank: bank)
        world.kernel.firstSteps = 1
        try world.kernel.destroy(bank: bank)
        #expect(try world.kernel.hasGoingBanks, "its record is there for a while")
        for number in 0..<2 {
            if number == 1 { try world.finishDestructions() }
            let refusal = #expect(throws: KernelError.self) { try world.kernel.bank(by: key, for: .query) }
            if case .keyIsVoid = refusal { continue }
            Issue.record("\(String(describing: refusal))")
        }
        let meter = Key(.meter, rights: 15, id: try world.kernel.rootMeter.rawValue)
        #expect(throws: KernelError.self) { try world.kernel.bank(by: meter, for: .query) }
        #expect(throws: KernelError.self) { try world.kernel.bank(by: .void, for: .query) }
        #expect(meter.bankRights == [] && meter.without(.query).bankRights == [])
    }
}
