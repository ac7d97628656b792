// A process's log and unread input as rings: what they keep at their bounds, and what a refusal leaves.

import Kernel
import Objects
import Testing

@Suite struct StreamTests {
    private struct Line: Equatable {
        var sequence: UInt64
        var isError: Bool
        var bytes: [UInt8]
        init(_ entry: LogEntry) {
            sequence = entry.sequence
            isError = entry.stream == .error
            bytes = entry.bytes
        }
        init(sequence: UInt64, isError: Bool, bytes: [UInt8]) {
            self.sequence = sequence
            self.isError = isError
            self.bytes = bytes
        }
        /// Header and text.
        var storedBytes: Int { 16 + bytes.count }
    }

    private func makeProcess(_ world: TestWorld, streamBytes: UInt64) throws -> CellID {
        var plan = try world.plan("p", module: try world.module())
        plan.streamBytes = streamBytes
        return try world.kernel.makeProcess(plan)
    }

    private func append(_ world: TestWorld, _ process: CellID, _ stream: LogStream, _ bytes: [UInt8]) throws {
        try world.kernel.prepareLog(process, count: bytes.count)
        try world.kernel.appendLog(process, stream, bytes)
    }

    /// The ring against a plain list: the oldest records go, and no more of them than the new one needs.
    @Test(arguments: [4096, 4097, 12_288, 70_000] as [UInt64])
    func theLogKeepsTheNewestRecordsThatFit(streamBytes: UInt64) throws {
        var generator = SeededGenerator(seed: streamBytes)
        let world = try TestWorld()
        let process = try makeProcess(world, streamBytes: streamBytes)
        let bound = Int((streamBytes + 4095) / 4096 * 4096)
        let longest = try world.kernel.longestLogRecord(process)
        #expect(longest == bound / 4 - 16)
        var model: [Line] = []
        var appended: UInt64 = 0
        var followed: UInt64 = 0
        for step in 0..<600 {
            let count =
                generator.oneIn(8)
                ? longest : Int.random(in: 0...(generator.oneIn(3) ? longest : 60), using: &generator)
            let line = Line(
                sequence: UInt64(step), isError: generator.oneIn(3),
                bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0 &+ step) })
            try append(world, process, line.isError ? .error : .output, line.bytes)
            appended += 1
            while model.reduce(line.storedBytes, { $0 + $1.storedBytes }) > bound { model.removeFirst() }
            model.append(line)
            #expect(try world.objects.get(process, ProcessRecord.logNext) == appended)
            #expect(try world.objects.get(process, ProcessRecord.logOldest) == model[0].sequence)
            // One who follows from behind or has fallen behind, one who asks anywhere, and one who wants it all.
            if generator.oneIn(3) {
                let limit = Int.random(in: 1...2 * longest, using: &generator)
                let entries = try world.kernel.readLog(process, since: followed, limitBytes: limit)
                let expected = model.filter { $0.sequence >= followed }
                #expect(entries.map(Line.init) == Array(expected.prefix(entries.count)))
                #expect(entries.isEmpty == expected.isEmpty)
                let total = entries.dropLast().reduce(0) { $0 + $1.bytes.count }
                #expect(entries.count <= 1 || total < limit, "no more than is asked, but the last record is whole")
                followed = entries.last.map { $0.sequence + 1 } ?? followed
            }
            if step % 7 == 0 {
                let since = UInt64.random(in: 0...appended + 2, using: &generator)
                let entries = try world.kernel.readLog(process, since: since, limitBytes: .max)
                #expect(entries.map(Line.init) == model.filter { $0.sequence >= since })
            }
            if generator.oneIn(100) {
                try world.checkpoint()
                try world.killAndReopen()
            }
        }
        #expect(try world.kernel.readLog(process, since: 0, limitBytes: .max).map(Line.init) == model)
        #expect(try world.objects.countPages(of: Space(.log, of: process)) == UInt64(bound / 4096))
        try world.check()
    }

    @Test func fourOfTheLongestRecordsFitAndFiveDoNot() throws {
        let world = try TestWorld()
        let process = try makeProcess(world, streamBytes: 8192)
        let longest = try world.kernel.longestLogRecord(process)
        for number in 0..<4 { try append(world, process, .output, [UInt8](repeating: UInt8(number), count: longest)) }
        #expect(try world.kernel.readLog(process, since: 0, limitBytes: .max).count == 4)
        try append(world, process, .error, [])
        let kept = try world.kernel.readLog(process, since: 0, limitBytes: .max)
        #expect(kept.map(\.sequence) == [1, 2, 3, 4])
        #expect(kept.last?.bytes.isEmpty == true)
    }

    @Test func aLogThatItsBankRefusesIsAsItWas() throws {
        let world = try TestWorld()
        let bank = try world.kernel.makeBank(below: try world.rootBank, name: "b", limitPages: nil, flags: 0)
        var plan = try world.plan("p", module: try world.module(), bank: bank)
        plan.streamBytes = 5 << 20
        let process = try world.kernel.makeProcess(plan)
        let need = (3 * 4096, UInt64(4))
        try world.kernel.prepareLog(process, count: 100)
        try world.kernel.appendLog(process, .output, [UInt8](repeating: 1, count: 100))
        let used = try world.objects.get(bank, BankRecord.usedPages)
        let before = try world.ledger()
        for room in 0..<need.1 - 1 {
            try world.objects.set(bank, BankRecord.limitPages, used + room)
            #expect(try isRefused { try world.kernel.prepareLog(process, count: need.0) })
            #expect(try world.ledger() == before)
            #expect(try world.kernel.readLog(process, since: 0, limitBytes: 1000).count == 1)
        }
        try world.objects.set(bank, BankRecord.limitPages, used + need.1 - 1)
        try append(world, process, .output, [UInt8](repeating: 2, count: need.0))
        #expect(try world.kernel.readLog(process, since: 0, limitBytes: 1 << 20).count == 2)
        try world.check()
    }

    /// The name's slot in the table is used again by a process that a cache may remember something of.
    @Test func aNewProcessInTheSameCellHasALogOfItsOwn() throws {
        let world = try TestWorld()
        // For it the pot stays.
        _ = try world.objects.buyCell(.instance, bank: try world.rootBank)
        let first = try makeProcess(world, streamBytes: 4096)
        for _ in 0..<10 { try append(world, first, .output, [1, 2, 3, 4, 5]) }
        #expect(try world.kernel.readLog(first, since: 3, limitBytes: 1).count == 1)
        try world.endAndRemove(first)
        let second = try makeProcess(world, streamBytes: 4096)
        #expect(second == first)
        for number in 0..<10 { try append(world, second, .output, [UInt8](repeating: UInt8(number), count: number)) }
        let entries = try world.kernel.readLog(second, since: 4, limitBytes: .max)
        #expect(entries.map(\.bytes.count) == [4, 5, 6, 7, 8, 9])
    }

    // MARK: Input

    @Test(arguments: [1, 2, 3] as [UInt64]) func inputComesOutAsItWentInAcrossTheBound(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let world = try TestWorld()
        let process = try makeProcess(world, streamBytes: 8192)
        var unread: [UInt8] = []
        var next: UInt8 = 0
        var delivered: UInt64 = 0
        var refusals = 0
        for _ in 0..<1200 {
            if generator.oneIn(2) {
                let bytes = (0..<Int.random(in: 0...(generator.oneIn(4) ? 9000 : 700), using: &generator))
                    .map { _ -> UInt8 in
                        next &+= 1
                        return next
                    }
                do {
                    try world.kernel.deliverInput(bytes, ends: false, to: process)
                    unread += bytes
                    delivered += 1
                } catch KernelError.inputFull(let name, let bound, let waiting, let asked) {
                    refusals += 1
                    next &-= UInt8(truncatingIfNeeded: bytes.count)
                    #expect(name == "p" && bound == 8192)
                    #expect(waiting == UInt64(unread.count) && asked == UInt64(bytes.count))
                    #expect(unread.count + bytes.count > 8192)
                }
            } else {
                let count = Int.random(in: 0...3000, using: &generator)
                let bytes = try world.kernel.peekInput(process, count: count)
                #expect(bytes == Array(unread.prefix(count)))
                let taken = Int.random(in: 0...bytes.count, using: &generator)
                try world.kernel.consumeInput(process, count: taken)
                unread.removeFirst(taken)
            }
            #expect(try world.kernel.unreadInput(process) == UInt64(unread.count))
            #expect(unread.count <= 8192, "STREAM-2")
            #expect(try world.objects.world(WorldPage.nextInput) == delivered)
            if generator.oneIn(200) {
                try world.checkpoint()
                try world.killAndReopen()
            }
        }
        #expect(refusals > 20 && delivered > 100)
        #expect(try world.objects.countPages(of: Space(.input, of: process)) == 2)
        try world.check()
    }

    @Test func theBoundOfInputIsFilledToTheByte() throws {
        let world = try TestWorld()
        let process = try makeProcess(world, streamBytes: 4096)
        try world.kernel.deliverInput([UInt8](repeating: 1, count: 4096), ends: false, to: process)
        let before = try world.ledger()
        #expect(throws: KernelError.self) { try world.kernel.deliverInput([2], ends: true, to: process) }
        #expect(try world.ledger() == before)
        #expect(try world.objects.get(process, ProcessRecord.inputEnded) == 0, "a refused input does not end it")
        try world.kernel.consumeInput(process, count: 1)
        try world.kernel.deliverInput([2], ends: true, to: process)
        #expect(try world.kernel.peekInput(process, count: 9000).last == 2)
        #expect(try world.kernel.unreadInput(process) == 4096)
    }

    @Test func afterItsEndInputIsRefused() throws {
        let world = try TestWorld()
        let process = try makeProcess(world, streamBytes: 4096)
        try world.kernel.deliverInput([], ends: true, to: process)
        let before = try world.ledger()
        for bytes in [[], [1]] as [[UInt8]] {
            do {
                try world.kernel.deliverInput(bytes, ends: false, to: process)
                Issue.record("input went on after its end")
            } catch KernelError.inputEnded(let name) { #expect(name == "p") }
        }
        #expect(try world.ledger() == before)
    }

    @Test(arguments: [RunState.exited, .faulted]) func aProcessThatIsOverTakesNoInput(state: RunState) throws {
        let world = try TestWorld()
        let process = try makeProcess(world, streamBytes: 4096)
        try world.kernel.end(process, as: state, exitCode: 0)
        let before = try world.ledger()
        do {
            try world.kernel.deliverInput([1], ends: false, to: process)
            Issue.record("a process that is over took input")
        } catch KernelError.processOver(let name) { #expect(name == "p") }
        #expect(try world.ledger() == before)
    }

    /// A bank with room for a part of an input sold that part and then refused: the sender was told no, the pages stayed.
    @Test func inputThatItsBankRefusesChangesNothing() throws {
        let world = try TestWorld()
        let bank = try world.kernel.makeBank(below: try world.rootBank, name: "b", limitPages: nil, flags: 0)
        var plan = try world.plan("p", module: try world.module(), bank: bank)
        plan.streamBytes = 16_384
        let process = try world.kernel.makeProcess(plan)
        let used = try world.objects.get(bank, BankRecord.usedPages)
        let before = try world.ledger()
        let strips = try world.objects.world(WorldPage.nextStrip)
        let bytes = [UInt8](repeating: 5, count: 16_384)
        for room in 0..<4 as Range<UInt64> {
            try world.objects.set(bank, BankRecord.limitPages, used + room)
            #expect(try isRefused { try world.kernel.deliverInput(bytes, ends: true, to: process) })
            #expect(try world.ledger() == before)
            #expect(try world.objects.world(WorldPage.nextStrip) == strips)
            #expect(try world.kernel.unreadInput(process) == 0)
            #expect(try world.objects.get(process, ProcessRecord.inputEnded) == 0)
        }
        try world.objects.set(bank, BankRecord.limitPages, used + 4)
        try world.kernel.deliverInput(bytes, ends: true, to: process)
        #expect(try world.kernel.peekInput(process, count: 20_000) == bytes)
        try world.check()
    }

    @Test func inputAtTheStartMayExceedTheBoundOfTheLog() throws {
        let world = try TestWorld()
        var plan = try world.plan("p", module: try world.module())
        plan.input = (0..<9000).map { UInt8(truncatingIfNeeded: $0) }
        plan.inputEnds = true
        let process = try world.kernel.makeProcess(plan)
        #expect(try world.kernel.peekInput(process, count: 10_000) == plan.input)
        #expect(try world.objects.get(process, ProcessRecord.inputBound) == 12_288)
        #expect(try world.objects.get(process, ProcessRecord.streamBound) == 4096)
        #expect(try world.objects.get(process, ProcessRecord.inputEnded) == 1)
    }
}
