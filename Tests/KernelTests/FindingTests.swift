// Names: which may be given, and which process, bank or meter a text means.

import Kernel
import Objects
import Testing

@Suite struct FindingTests {
    static let validNames = [
        "a", "Z", "0", ".", "_", "hello", "a-", "a.b-c_d", "..", "007", String(repeating: "x", count: 64),
    ]
    static let invalidNames = [
        "", " ", "-", "-a", "a b", "a/b", "é", "a\n", "a\0", "root/a", "a:b", "ä", "😀",
        String(repeating: "x", count: 65), "a,b",
    ]

    @Test(arguments: validNames) func aValidNameIsGiven(name: String) throws {
        #expect(Kernel.isValid(name: name))
        let world = try TestWorld()
        let process = try world.makeProcess(name)
        #expect(try world.kernel.process(name) == process)
        #expect(try world.objects.name(process, ProcessRecord.name) == name)
    }

    @Test(arguments: invalidNames) func anInvalidNameIsRefused(name: String) throws {
        #expect(!Kernel.isValid(name: name))
        let world = try TestWorld()
        let module = try world.module()
        let before = try world.ledger()
        do {
            _ = try world.kernel.makeProcess(try world.plan(name, module: module))
            Issue.record("the name \(name) was given")
        } catch KernelError.invalidName(let refused) { #expect(refused == name) }
        #expect(try world.ledger() == before)
    }

    static let stems: [(String, String)] = [
        ("count", "count"), ("my prog", "my-prog"), ("", "process"), ("ä", "process"), ("--ä1", "1"),
        (String(repeating: "y", count: 80), String(repeating: "y", count: 56)),
    ]

    @Test(arguments: stems) func aFreeNameIsMadeOfAnyStem(stem: String, expected: String) throws {
        let world = try TestWorld()
        for number in 1...4 {
            let name = try world.kernel.freeName(for: stem)
            #expect(name == (number == 1 ? expected : "\(expected)-\(number)"))
            #expect(Kernel.isValid(name: name))
            _ = try world.makeProcess(name)
        }
    }

    @Test func aNameIsItsProcesssAlone() throws {
        let world = try TestWorld()
        let first = try world.makeProcess("a")
        let before = try world.ledger()
        do {
            _ = try world.makeProcess("a")
            Issue.record("a name was given twice")
        } catch KernelError.nameTaken(let name) { #expect(name == "a") }
        #expect(try world.ledger() == before)
        try world.endAndRemove(first)
        let second = try world.makeProcess("a")
        #expect(try world.objects.get(second, ProcessRecord.id) == 2, "a process's id is never used twice")
        #expect(try world.kernel.process("a") == second)
    }

    /// Twelve processes: alpha 1, alpine 2, beta 3, "3" 4, p5 … p12; the first is removed at the end.
    @Test(arguments: [false, true]) func aTextMeansANameThenAnIdThenAPrefix(isReopened: Bool) throws {
        let world = try TestWorld()
        var made: [CellID] = []
        for name in ["alpha", "alpine", "beta", "3"] + (5...12).map({ "p\($0)" }) {
            made.append(try world.makeProcess(name))
        }
        if isReopened {
            try world.checkpoint()
            try world.killAndReopen()
        }
        let kernel = world.kernel
        for (text, number) in [
            ("alpha", 1), ("1", 1), ("2", 2), ("alpi", 2), ("b", 3), ("4", 4), ("12", 12), ("p12", 12),
            ("p7", 7), ("11", 11),
        ] { #expect(try kernel.process(text) == made[number - 1], "\(text)") }
        for text in ["", "x", "13", "99", "alphabet", "0", "ALPHA", "-1"] {
            do {
                _ = try kernel.process(text)
                Issue.record("\(text) was found")
            } catch KernelError.noSuchProcess(let missing) { #expect(missing == text) }
        }
        #expect(ambiguity(kernel, "3") == ["3, id 4", "beta, id 3"], "a name, and another's id")
        #expect(ambiguity(kernel, "alp") == ["alpha", "alpine"])
        #expect(ambiguity(kernel, "p") == ["p10", "p11", "p12", "p5", "p6", "p7", "p8", "p9"])
        try world.endAndRemove(made[0])
        #expect(try kernel.process("alp") == made[1])
        // Id 1 is gone; 10, 11 and 12 begin with it.
        #expect(ambiguity(kernel, "1") == ["p10", "p11", "p12"])
        #expect(try kernel.process(id: 1) == nil && kernel.process(id: 0) == nil && kernel.process(id: 13) == nil)
        #expect(try kernel.process(id: 512) == nil && kernel.process(id: .max) == nil)
    }

    private func ambiguity(_ kernel: Kernel, _ text: String) -> [String]? {
        do {
            _ = try kernel.process(text)
            return nil
        } catch KernelError.ambiguousProcess(_, let candidates) { return candidates } catch { return nil }
    }

    @Test func pathsLeadToBanksAndMeters() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        let root = try world.rootBank
        let guests = try kernel.makeBank(below: root, name: "guests", limitPages: 9, flags: 0)
        let ann = try kernel.makeBank(below: guests, name: "ann", limitPages: nil, flags: 0)
        let bob = try kernel.makeBank(below: guests, name: "bob", limitPages: nil, flags: 0)
        for (path, bank) in [
            ("root", root), ("root/guests", guests), ("root/guests/ann", ann), ("root/guests/bob", bob),
        ] {
            #expect(try kernel.bank(at: path) == bank)
            #expect(try kernel.path(ofBank: bank) == path)
        }
        for path in ["", "guests", "root/", "/root", "root/ann", "root/guests/", "root//guests", "Root"] {
            #expect(throws: KernelError.self) { try kernel.bank(at: path) }
        }
        let meter = try kernel.makeMeter(below: try kernel.rootMeter, bank: root, name: "m", gas: 5, flags: 0)
        #expect(try kernel.meter(at: "root/m") == meter)
        #expect(try kernel.path(ofMeter: meter) == "root/m")
        #expect(throws: KernelError.self) { try kernel.meter(at: "root/guests") }
        #expect(throws: KernelError.self) {
            try kernel.makeBank(below: guests, name: "ann", limitPages: nil, flags: 0)
        }
        try world.check()
    }

    /// A name of digits that is another's id names neither: who kills by id must not meet the other.
    @Test func aNameThatIsAnotherProcessIDIsAmbiguous() throws {
        let world = try TestWorld()
        let first = try world.makeProcess("2")
        let second = try world.makeProcess("b")
        let third = try world.makeProcess("3")
        #expect(throws: KernelError.self) { try world.kernel.process("2") }
        #expect(try world.kernel.process("1") == first && world.kernel.process("b") == second)
        #expect(try world.kernel.process("3") == third, "its name is its own id")
        try world.endAndRemove(second)
        #expect(try world.kernel.process("2") == first)
    }

    @Test func aNameThatIsChosenIsFreeForItsBankAndMeterToo() throws {
        let world = try TestWorld()
        let root = try world.rootBank
        _ = try world.kernel.createBank(at: "root/a", BankTerms())
        _ = try world.kernel.createMeter(at: "root/a-2", bank: root, gas: nil, weight: 1)
        #expect(try world.kernel.freeName(for: "a") == "a")
        #expect(try world.kernel.freeName(for: "a", bank: root) == "a-2")
        #expect(try world.kernel.freeName(for: "a", bank: root, meter: world.kernel.rootMeter) == "a-3")
        #expect(try world.kernel.freeName(for: "--\u{fc}n\u{ef}") == "n-")
    }

    @Test func theProcessTableGrowsByThePage() throws {
        let world = try TestWorld()
        var made: [CellID] = []
        for number in 1...515 { made.append(try world.makeProcess("p\(number)")) }
        #expect(try world.objects.world(WorldPage.processTablePages) == 2)
        try world.checkpoint()
        try world.killAndReopen()
        for number in [1, 2, 510, 511, 512, 513, 515] {
            #expect(try world.kernel.process(id: UInt64(number)) == made[number - 1])
        }
        #expect(try world.kernel.process(id: 516) == nil)
        try world.check()
    }
}
