// Devices by their orders: another's console, clock, entropy, and waiting for input and for moments.

import Kernel
import Objects
import Testing

@Suite struct DeviceKeyTests {
    private let bench: StoredBench
    private let a: Puppet
    private let b: Puppet

    init() throws {
        bench = try StoredBench()
        a = try Puppet(bench, "a")
        b = try Puppet(bench, "b")
    }

    private func id(_ puppet: Puppet) throws -> UInt64 { try bench.objects.get(puppet.process, ProcessRecord.id) }

    private func log(_ puppet: Puppet) throws -> [String] {
        try bench.kernel.readLog(puppet.process, since: 0, limitBytes: 1 << 20).map {
            "\($0.stream) " + String(decoding: $0.bytes, as: UTF8.self)
        }
    }

    private func waitsFor(_ puppet: Puppet) throws -> UInt8 {
        try bench.objects.get(puppet.process, ProcessRecord.waitsFor)
    }

    /// What is written by the key of a console is in the log of whose it is.
    @Test func anothersConsoleIsWritten() throws {
        let key = Key.process(try id(a))
        let output = try b.call(key, ProcessOrder.console, [1]).keys[0]
        let error = try b.call(key, ProcessOrder.console, [2]).keys[0]
        #expect(output == .device(.consoleOutput, of: try id(a)))
        #expect(try b.call(output, DeviceOrder.write, bytes: Array("one".utf8)).words[0] == 3)
        #expect(try b.call(error, DeviceOrder.write, bytes: Array("two".utf8)).words[0] == 3)
        #expect(try b.call(output, DeviceOrder.write).words[0] == 0)
        try bench.writeOutAndReload()
        #expect(try log(a) == ["output one", "error two"] && log(b) == [])
        let long = try b.call(output, DeviceOrder.write, bytes: [UInt8](repeating: 46, count: 5_000))
        #expect(try long.words[0] == UInt64(bench.kernel.longestLogRecord(a.process)))
        for (stream, order) in [(output, DeviceOrder.read), (output, .wait)] {
            #expect(try b.refusal(stream, order, [1]) == .order)
        }
        #expect(try b.refusal(key, ProcessOrder.console, [3]) == .value)
        #expect(try b.refusal(key, ProcessOrder.end) == nil)
        #expect(try b.refusal(output, DeviceOrder.write, bytes: [65]) == nil, "its log is kept until it is removed")
        #expect(try b.refusal(key, ProcessOrder.remove) == nil)
        #expect(try b.refusal(output, DeviceOrder.write, bytes: [65]) == .void)
    }

    /// The bank of whose log it is pays, and refuses whoever writes.
    @Test func aFullBankRefusesItsLog() throws {
        let bank = try bench.kernel.createBank(at: "root/g", BankTerms(limitPages: 40))
        let poor = try Puppet(bench, "poor", bank: bank)
        try bench.kernel.set(bank, BankTerms(limitPages: try bench.kernel.figures(ofBank: bank).usedPages))
        let output = Key.device(.consoleOutput, of: try id(poor))
        #expect(try b.refusal(output, DeviceOrder.write, bytes: [65]) == .space)
        #expect(try log(poor) == [])
    }

    @Test func inputIsReadAndWaitedFor() throws {
        let input = Key.device(.consoleInput, of: try id(a))
        // A puppet's has ended when it is made.
        try bench.objects.set(a.process, ProcessRecord.inputEnded, 0)
        #expect(try a.call(input, DeviceOrder.read, [10]).words == [0, 0, 0])
        try a.begin(input, DeviceOrder.wait.rawValue)
        #expect(try waitsFor(a) == Waiting.input)
        try bench.writeOutAndReload()
        try bench.kernel.deliverInput(Array("hello".utf8), ends: false, to: a.process)
        try a.run()
        #expect(try a.code() == 0)
        var reply = try a.call(input, DeviceOrder.read, [2])
        #expect(reply.bytes == Array("he".utf8) && reply.words == [3, 0, 0])
        reply = try b.call(input, DeviceOrder.read, [65_536])
        #expect(reply.bytes == Array("llo".utf8) && reply.words == [0, 0, 0], "another's, by its key")
        #expect(try b.refusal(input, DeviceOrder.wait) == .value, "nobody waits for another's")
        try bench.kernel.deliverInput([], ends: true, to: a.process)
        #expect(try a.call(input, DeviceOrder.wait).code == 0)
        #expect(try a.call(input, DeviceOrder.read, [1]).words == [0, 1, 0])
        for count: UInt64 in [0, 65_537, .max] { #expect(try a.refusal(input, DeviceOrder.read, [count]) == .value) }
        #expect(try a.refusal(input, DeviceOrder.write, bytes: [1]) == .order)
    }

    @Test func theClockIsReadAndMomentsAreWaitedFor() throws {
        let now = try a.call(.device(.clock), DeviceOrder.read)
        #expect(now.words[0] > 0 && now.words[2] == 0)
        #expect(try a.refusal(.device(.timer), DeviceOrder.wait, [now.words[1]]) == nil)
        try a.begin(.device(.timer), DeviceOrder.wait.rawValue, [now.words[1] + 1_000_000_000_000])
        #expect(try waitsFor(a) == Waiting.timer)
        #expect(try bench.kernel.earliestDeadline() == now.words[1] + 1_000_000_000_000)
        #expect(
            try b.refusal(.device(.clock), DeviceOrder.wait) == .order
                && b.refusal(.device(.timer), DeviceOrder.read) == .order)
        // Who does not wait for the answer does not wait for the moment.
        try b.begin(.device(.timer), DeviceOrder.wait.rawValue, [.max], by: "send")
        #expect(try b.code() == 0 && waitsFor(b) == Waiting.call)
    }

    @Test func entropyIsRead() throws {
        let first = try a.call(.device(.entropy), DeviceOrder.read, [40]).bytes
        let second = try b.call(.device(.entropy), DeviceOrder.read, [40]).bytes
        #expect(first.count == 40 && second.count == 40 && first != second)
        #expect(try a.refusal(.device(.entropy), DeviceOrder.read, [4_097]) == .value)
        #expect(try a.refusal(.device(.entropy), DeviceOrder.write) == .order)
        let gas = try bench.objects.get(a.process, ProcessRecord.gasUsed)
        try a.call(.device(.entropy), DeviceOrder.read, [0])
        let none = try bench.objects.get(a.process, ProcessRecord.gasUsed) - gas
        try a.call(.device(.entropy), DeviceOrder.read, [1_000])
        let many = try bench.objects.get(a.process, ProcessRecord.gasUsed) - gas - none
        #expect(many >= none + 4_000)
    }
}
