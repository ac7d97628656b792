// What the kernel tells its host of: each change once, a cause before what comes of it, and nothing that is no news.

import Kernel
import Objects
import Testing

@Suite struct ObservingTests {
    /// What was told.
    private final class Ear {
        var heard: [Occurrence] = []
    }

    private func listening(_ world: TestWorld) -> Ear {
        let ear = Ear()
        world.kernel.observer = { ear.heard.append($0) }
        return ear
    }

    @Test func aProcesssLifeIsToldInOrder() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        let ear = listening(world)
        let process = try world.makeProcess("p")
        for state in [
            RunState.waiting, .ready, .frozenGas, .ready, .frozenSpace, .ready, .stopped, .ready, .waiting, .ready,
        ] { try kernel.setState(of: process, to: state) }
        try kernel.end(process, as: .faulted, exitCode: 134)
        try kernel.end(process, as: .exited, exitCode: 137)
        try kernel.remove(process)
        #expect(
            ear.heard == [
                .processMade(process), .processFrozen(process), .processThawed(process), .processFrozen(process),
                .processThawed(process), .processStopped(process), .processResumed(process), .processEnded(process),
                .processEnded(process), .processRemoved(id: 1, name: "p"),
            ])
    }

    @Test func waitingIsNoNews() throws {
        let world = try TestWorld()
        let process = try world.makeProcess("p")
        let ear = listening(world)
        for _ in 0..<1_000 {
            try world.kernel.setState(of: process, to: .waiting)
            try world.kernel.deliverInput([], ends: false, to: process)
            try world.kernel.setState(of: process, to: .ready)
        }
        #expect(ear.heard.isEmpty)
    }

    @Test func aCauseIsToldBeforeWhatComesOfIt() throws {
        let world = try TestWorld()
        let kernel = world.kernel
        let ear = listening(world)
        let bank = try kernel.createBank(at: "root/b", BankTerms(limitPages: .some(.some(50))))
        let meter = try kernel.createMeter(at: "root/m", bank: try world.rootBank, gas: 0, weight: 1)
        let process = try world.start("p", bank: bank) { $0.meter = meter }
        ear.heard = []
        try kernel.setState(of: process, to: .frozenSpace)
        try kernel.set(bank, BankTerms(limitPages: .some(nil)))
        try kernel.setState(of: process, to: .frozenGas)
        try kernel.refill(meter, gas: 7)
        try kernel.setWeight(of: meter, to: 2)
        #expect(
            ear.heard == [
                .processFrozen(process), .bankChanged(bank), .processThawed(process), .processFrozen(process),
                .meterRefilled(meter, gas: 7), .processThawed(process), .meterChanged(meter),
            ])
    }

    @Test func whatIsRefusedIsNotTold() throws {
        let world = try TestWorld()
        // The module is above it already, so that the process itself is refused.
        _ = try world.module()
        let bank = try world.kernel.createBank(at: "root/b", BankTerms(limitPages: .some(.some(3))))
        let ear = listening(world)
        #expect(
            try isRefused { _ = try world.start("p", bank: bank) { $0.input = [UInt8](repeating: 1, count: 99_999) } })
        #expect(throws: KernelError.self) { try world.kernel.createBank(at: "root/b", BankTerms()) }
        #expect(ear.heard.isEmpty)
    }
}
