// Names below banks and meters: found where a walk through all would find them, whatever was made, moved and destroyed.

import Kernel
import Objects
import Testing

@Suite struct ChildNamesTests {
    /// The cell at a path, found by going through the lists.
    private func walk(
        _ path: String, _ world: TestWorld, root: CellID, firstChild: Field<UInt64>, next: Field<UInt64>,
        name: NameField
    ) throws -> CellID? {
        var here = root
        for part in path.split(separator: "/").dropFirst() {
            var child = try world.objects.link(here, firstChild)
            while !child.isNone, try world.objects.name(child, name) != part || isGoing(payerOf: child, world) {
                child = try world.objects.link(child, next)
            }
            if child.isNone { return nil }
            here = child
        }
        return here
    }

    private func isGoing(payerOf cell: CellID, _ world: TestWorld) throws -> Bool {
        try world.kernel.isGoing(bank: world.objects.payer(of: cell))
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func aNameIsFoundWhereAWalkWouldFindIt(seed: UInt64) throws {
        let world = try TestWorld()
        let kernel = world.kernel
        kernel.stepBudget = 8
        kernel.firstSteps = 0
        var generator = SeededGenerator(seed: seed)
        // So few names that they come again and again, and below each other.
        var paths = ["root"]
        for first in ["a", "b", "c"] {
            paths.append("root/\(first)")
            for second in ["a", "b", "c", "d"] { paths.append("root/\(first)/\(second)") }
        }
        var found = 0
        var destroyed = 0
        for step in 0..<3_000 {
            let path = paths.randomElement(using: &generator) ?? "root"
            do {
                switch Int.random(in: 0..<12, using: &generator) {
                case 0..<4: _ = try kernel.createBank(at: path, BankTerms())
                case 4..<8:
                    let payer = try kernel.bank(at: paths.randomElement(using: &generator) ?? "root")
                    _ = try kernel.createMeter(at: path, bank: payer, gas: nil, weight: 1)
                case 8:
                    try kernel.destroy(bank: try kernel.bank(at: path))
                    destroyed += 1
                case 9: try kernel.returnToParent(bank: try kernel.bank(at: path))
                case 10: try kernel.destroy(meter: try kernel.meter(at: path))
                default: while try kernel.hasGoingBanks { try kernel.takeGoingApart() }
                }
            } catch is KernelError {
                // There is none, or one already, or it is the root.
            }
            if generator.oneIn(2), try kernel.hasGoingBanks { try kernel.takeGoingApart() }
            for path in paths {
                let bank = try walk(
                    path, world, root: try kernel.rootBank, firstChild: BankRecord.firstChild,
                    next: BankRecord.nextSibling,
                    name: BankRecord.name)
                let meter = try walk(
                    path, world, root: try kernel.rootMeter, firstChild: MeterRecord.firstChild,
                    next: MeterRecord.nextSibling, name: MeterRecord.name)
                #expect((try? kernel.bank(at: path)) == bank, "seed \(seed), step \(step), bank \(path)")
                #expect((try? kernel.meter(at: path)) == meter, "seed \(seed), step \(step), meter \(path)")
                found += bank == nil ? 0 : 1
            }
        }
        #expect(found > 10_000 && destroyed > 50)
        while try kernel.hasGoingBanks { try kernel.takeGoingApart() }
        try world.check()
    }

    @Test func aNameThatIsGivenIsTheLeastThatIsFree() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        let root = try world.rootBank
        var made: [CellID] = []
        for _ in 0..<6 { made.append(try world.start(try kernel.freeName(for: "p"), bank: root)) }
        #expect(
            try made.map { try world.objects.name($0, ProcessRecord.name) } == ["p", "p-2", "p-3", "p-4", "p-5", "p-6"])
        try world.endAndRemove(made[2])
        #expect(try kernel.freeName(for: "p") == "p-3", "what was given back is given again")
        _ = try world.start("p-3", bank: root)
        _ = try kernel.createBank(at: "root/p-7", BankTerms())
        _ = try kernel.createMeter(at: "root/p-8", bank: root, gas: nil, weight: 1)
        #expect(try kernel.freeName(for: "p") == "p-7")
        #expect(try kernel.freeName(for: "p", bank: root) == "p-8")
        #expect(try kernel.freeName(for: "p", bank: root, meter: kernel.rootMeter) == "p-9")
        #expect(try kernel.freeName(for: "p") == "p-7", "a bank takes no process's name")
    }
}
