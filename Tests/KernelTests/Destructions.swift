// What the tests of banks that go share: a tree with something of everything in it, and what the root counts.

import Kernel
import Objects
import Testing

extension TestWorld {
    /// A bank's figures, by its path.
    func figures(_ path: String) throws -> BankFigures {
        try kernel.figures(ofBank: try kernel.bank(at: path))
    }

    /// What the root counts, but for the kernel's tables, whose last pages are for what comes next.
    func rootCounts() throws -> [UInt64] {
        let root = try figures("root")
        let tables = try objects.countKernelPages()
        #expect(tables <= 6, "the first and the last page of each, and a directory's each")
        return [root.usedPages - tables, root.ownPages - tables, root.cells, root.ownCells, root.processes]
    }

    /// Takes steps until nothing is going any more.
    func finishDestructions() throws {
        var steps = 0
        while try kernel.hasGoingBanks {
            try kernel.takeGoingApart()
            steps += 1
            #expect(steps < 100_000, "it comes to an end")
        }
    }

    /// A bank with a tree below it: processes in every state, meters and modules, a space beyond its first MiB.
    func populate(below path: String) throws -> [CellID] {
        var processes: [CellID] = []
        for (number, name) in ["", "/a", "/a/b", "/c"].enumerated() {
            let bank =
                try number == 0
                ? kernel.bank(at: path) : kernel.createBank(at: path + name, BankTerms(limitPages: 4_000))
            _ = try kernel.createMeter(at: "root/m\(number)", bank: bank, gas: 1_000, weight: 1)
            for state in [RunState.ready, .frozenGas, .frozenSpace, .stopped] {
                let process = try start("p\(number)-\(state.rawValue)", bank: bank) { plan in
                    plan.input = Array("hello".utf8)
                    if state == .stopped { plan.gas = 5 }
                    if state == .frozenGas { plan.limitPages = 500 }
                }
                try kernel.setState(of: process, to: state)
                processes.append(process)
            }
            let waiting = try start("p\(number)-waits", bank: bank)
            try kernel.wait(waiting, input: true, deadline: 77)
            let over = try start("p\(number)-over", bank: bank)
            try kernel.end(over, as: .exited, exitCode: 0)
            processes += [waiting, over]
            let instance = try kernel.instances(of: waiting)[0]
            try objects.buy(bytes: 20_000, of: Space(.memory, of: instance), at: 3 << 20, bank: bank)
            for _ in 0..<40 { _ = try objects.buyCell(.node, bank: bank) }
        }
        return processes
    }
}
