// Processes that invoke each other's keys: what arrives, who waits, who is answered, and what is refused.

import Kernel
import Machine
import Objects
import Store
import Testing

@Suite struct InvocationTests {
    /// A module with the imports, a memory of a page of 64 KiB, a message at 0 and a received message at 64 whose keys go to registers 8 to
    /// 11 and whose bytes go to 16 at 1024.
    static func program(_ body: String, message: String = "", received: String = "", data: String = "") throws
        -> [UInt8]
    {
        try Assembler.module(
            """
            (module
              (import "keyvm" "call" (func $call (param i32 i32 i32) (result i32)))
              (import "keyvm" "send" (func $send (param i32 i32) (result i32)))
              (import "keyvm" "return" (func $return (param i32 i32 i32) (result i32)))
              (import "keyvm" "copy" (func $copy (param i32 i32) (result i32)))
              (import "keyvm" "move" (func $move (param i32 i32) (result i32)))
              (import "keyvm" "clear" (func $clear (param i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
              (memory 1)
              (data (i32.const 4) "\\ff\\ff\\ff\\ff")
              (data (i32.const 68) "\\08\\09\\0a\\0b")
              (data (i32.const 96) "\\00\\04\\00\\00\\10\\00\\00\\00")
              \(data)
              (func (export "_start") (local $i i32) (local $n i32)
                \(body)))
            """)
    }

    /// Waits for a message, adds 1 to its order and first word, and replies with that and its bytes; counts at 512 and notes the badge
    /// of each at 2048.
    static let echo = """
        (local.set $n (i32.const 255))
        (loop $l
          (drop (call $return (local.get $n) (i32.const 0) (i32.const 64)))
          (i32.store16 (i32.add (i32.const 2048) (i32.shl (i32.load (i32.const 512)) (i32.const 1)))
            (i32.load16_u (i32.const 108)))
          (i32.store (i32.const 512) (i32.add (i32.load (i32.const 512)) (i32.const 1)))
          (i32.store (i32.const 0) (i32.add (i32.load (i32.const 64)) (i32.const 1)))
          (i64.store (i32.const 8) (i64.add (i64.load (i32.const 72)) (i64.const 1)))
          (i32.store (i32.const 32) (i32.const 1024))
          (i32.store (i32.const 36) (i32.const 16))
          (local.set $n (i32.const 11))
          (br $l))
        """

    /// Calls register 6 with order 40, word 99 and 26 letters, and ends with the reply's code.
    static let ask = """
        (i32.store (i32.const 0) (i32.const 40))
        (i64.store (i32.const 8) (i64.const 99))
        (i32.store (i32.const 32) (i32.const 3072))
        (i32.store (i32.const 36) (i32.const 26))
        (i32.store (i32.const 256) (call $call (i32.const 6) (i32.const 0) (i32.const 64)))
        """
    static let letters = "(data (i32.const 3072) \"abcdefghijklmnopqrstuvwxyz\")"
    static let waitForEver = "(drop (call $return (i32.const 255) (i32.const 0) (i32.const 64)))"

    /// A bench whose processes wait at their end, so that what they have can be looked at.
    struct Room {
        let bench: Bench
        let slice: UInt64
        let isCold: Bool

        init(slice: UInt64 = .max, isCold: Bool = false) throws {
            bench = try Bench()
            self.slice = slice
            self.isCold = isCold
        }

        var kernel: Kernel { bench.kernel }
        var objects: Objects { bench.objects }

        func id(_ process: CellID) throws -> UInt64 { try objects.get(process, ProcessRecord.id) }

        func spawn(_ name: String, _ body: String, message: String = "", data: String = "") throws -> CellID {
            try bench.spawn(try InvocationTests.program(body, data: data), name: name)
        }

        /// A process with a start key to the server in register 6.
        func client(_ name: String, of server: CellID, badge: UInt16 = 0, _ body: String, data: String = letters) throws
            -> CellID
        {
            let process = try spawn(name, body, data: data)
            try kernel.setRegister(6, of: process, to: .start(try id(server), badge: badge))
            return process
        }

        /// Runs until nothing is ready; where `isCold`, nothing of any process stays in the host between two slices.
        func run() throws {
            while let process = try kernel.processToRun() {
                _ = try bench.machine.run(process, gasBound: slice)
                if isCold { try bench.machine.deactivate(process) }
            }
        }

        func bytes(_ process: CellID, at address: UInt64, count: Int) throws -> [UInt8] {
            let instance = try #require(try kernel.instances(of: process).first)
            return try objects.bytes(of: Space(.memory, of: instance), at: address, count: count)
        }

        func word(_ process: CellID, at address: UInt64) throws -> Int32 {
            Int32(bitPattern: try bytes(process, at: address, count: 4).reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }

        func number(_ process: CellID, at address: UInt64) throws -> UInt64 {
            try bytes(process, at: address, count: 8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }

        func register(_ index: Int, of process: CellID) throws -> Key { try objects.register(index, of: process) }
        func waitsFor(_ process: CellID) throws -> UInt8 { try objects.get(process, ProcessRecord.waitsFor) }
    }

    static let ways: [(slice: UInt64, isCold: Bool)] = [(.max, false), (1, false), (97, true)]

    // MARK: Arriving

    /// A message with words and a string arrives: as many of its bytes as there is room for, and how many there were; the rest of the
    /// buffer's surroundings is untouched. The reply comes back the same way.
    @Test(arguments: ways) func aCallArrivesAndIsAnswered(slice: UInt64, isCold: Bool) throws {
        let room = try Room(slice: slice, isCold: isCold)
        let server = try room.spawn("server", Self.echo, data: "(data (i32.const 1040) \"untouched\")")
        let client = try room.client("client", of: server, badge: 7, Self.ask + Self.waitForEver)
        try room.run()
        #expect(try room.word(client, at: 256) == 41, "the call answers the reply's code")
        #expect(try room.number(client, at: 72) == 100)
        #expect(try room.word(server, at: 104) == 26, "so many were sent")
        #expect(try room.bytes(server, at: 1024, count: 25) == Array("abcdefghijklmnopuntouched".utf8))
        #expect(try room.bytes(client, at: 1024, count: 17) == Array("abcdefghijklmnop".utf8) + [0])
        #expect(try room.bytes(server, at: 108, count: 4) == [7, 0, 1, 0], "the badge, and that it was a call")
        #expect(try room.bytes(client, at: 108, count: 4) == [0, 0, 0, 0])
        #expect(try room.register(11, of: server).kind == .void, "the resume key was used")
        #expect(try room.waitsFor(server) == Waiting.message && room.waitsFor(client) == Waiting.message)
    }

    /// However it is sliced, and whatever the host keeps, the same world comes of it.
    @Test func itIsTheSameHoweverItIsSliced() throws {
        let worlds = try Self.ways.map { way in
            let room = try Room(slice: way.slice, isCold: way.isCold)
            let server = try room.spawn("server", Self.echo)
            for badge in 1...3 {
                _ = try room.client("c\(badge)", of: server, badge: UInt16(badge), Self.ask + Self.waitForEver)
            }
            try room.run()
            return try room.bench.pages()
        }
        #expect(worlds[0] == worlds[1] && worlds[1] == worlds[2])
    }

    /// What a process is told that it used is the same however it is sliced, the price of asking included.
    @Test func whatItUsedIsTheSameHoweverItIsSliced() throws {
        let ask = """
            (i32.store (i32.const 0) (i32.const 2))
            (local.set $i (i32.const 20))
            (loop $l
              (drop (call $call (i32.const 6) (i32.const 0) (i32.const 64)))
              (i64.store (i32.add (i32.const 2048) (i32.shl (local.get $i) (i32.const 3))) (i64.load (i32.const 88)))
              (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
            """
        let told = try Self.ways.map { way in
            let room = try Room(slice: way.slice, isCold: way.isCold)
            let process = try room.spawn("p", ask + Self.waitForEver)
            try room.kernel.setRegister(6, of: process, to: .process(try room.id(process)))
            try room.run()
            return try (1...20).map { try room.number(process, at: 2048 + 8 * $0) }
        }
        #expect(told[0] == told[1] && told[1] == told[2])
        let steps = zip(told[0], told[0].dropFirst()).map { $0 - $1 }
        #expect(Set(steps).count == 1 && steps[0] > 512 && steps[0] < 600, "each costs the same")
    }

    /// Two that call each other all the time have what their weight gives them, and no more.
    @Test func whoCallEachOtherLeaveOthersTheirTurns() throws {
        let room = try Room()
        let heavy = try room.kernel.createMeter(at: "root/h", bank: room.kernel.rootBank, gas: nil, weight: 2)
        let server = try room.spawn("server", Self.echo)
        let client = try room.client(
            "client", of: server, "(loop $l (drop (call $call (i32.const 6) (i32.const 0) (i32.const 64))) (br $l))")
        let third = try room.spawn("third", "(loop $l (br $l))")
        for process in [server, client] { try room.kernel.move(process, toMeter: heavy) }
        try room.bench.run(gas: 3_000_000)
        let gas = try [server, client, third].map { try room.bench.gasUsed($0) }
        #expect(gas[2] > 900_000 && gas[2] < 1_100_000, "a third of \(gas)")
    }

    /// Who calls a process that is not available stands in its queue, and is served in its turn; badges tell who it was.
    @Test(arguments: ways) func callersOfABusyProcessAreServedInOrder(slice: UInt64, isCold: Bool) throws {
        let room = try Room(slice: slice, isCold: isCold)
        let busy =
            "(local.set $i (i32.const 60000)) (loop $w (br_if $w (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"
        let server = try room.spawn("server", busy + Self.echo)
        var clients: [CellID] = []
        for badge in [5, 4, 3, 2, 1] as [UInt16] {
            clients.append(try room.client("c\(badge)", of: server, badge: badge, Self.ask + Self.waitForEver))
        }
        while try room.waitsFor(clients[4]) != Waiting.turn, let process = try room.kernel.processToRun() {
            _ = try room.bench.machine.run(process, gasBound: slice)
        }
        #expect(try room.bench.state(server) == .ready)
        // One that goes and comes again stands at the end.
        try room.kernel.setState(of: clients[1], to: .stopped)
        try room.kernel.setState(of: clients[1], to: .ready)
        try room.run()
        #expect(try room.bytes(server, at: 2048, count: 10) == [5, 0, 3, 0, 2, 0, 1, 0, 4, 0])
        for client in clients { #expect(try room.word(client, at: 256) == 41) }
        #expect(try room.objects.link(server, ProcessRecord.callersFirst).isNone)
        #expect(try room.objects.link(server, ProcessRecord.callersLast).isNone)
    }

    @Test func whoSendsGoesOn() throws {
        let room = try Room()
        let server = try room.spawn("server", Self.echo)
        let send = "(i32.store (i32.const 256) (call $send (i32.const 6) (i32.const 0)))"
        let client = try room.client("client", of: server, badge: 3, send + send + Self.waitForEver)
        try room.run()
        #expect(try room.word(client, at: 256) == 0)
        #expect(try room.word(server, at: 512) == 2)
        #expect(try room.bytes(server, at: 108, count: 4) == [3, 0, 0, 0], "nobody waits for a reply")
    }

    /// Keys go along as copies; what the sender does not hold, or names no register for, arrives as void, over what was there.
    @Test func keysGoAlong() throws {
        let room = try Room()
        let server = try room.spawn("server", Self.waitForEver + Self.waitForEver)
        let send = """
            (i32.store (i32.const 4) (i32.const 0x14_ff_0d_0c))
            (drop (call $send (i32.const 6) (i32.const 0)))
            """
        let client = try room.client("client", of: server, send + Self.waitForEver)
        try room.kernel.setRegister(12, of: client, to: Key(.number, id: 77))
        for register in 8...11 { try room.kernel.setRegister(register, of: server, to: Key(.number, id: 1)) }
        try room.kernel.setRegister(20, of: client, to: .device(.clock))
        try room.run()
        #expect(
            try (8...11).map { try room.register($0, of: server) } == [
                Key(.number, id: 77), .void, .void, .device(.clock),
            ])
        #expect(try room.register(12, of: client) == Key(.number, id: 77), "the sender has it still")
    }

    // MARK: Answers

    /// A resume key answers once. Its copies are void then, and answer no later call of the same process.
    @Test func aResumeKeyAnswersOnce() throws {
        let room = try Room()
        let server = try room.spawn(
            "server",
            """
            (drop (call $return (i32.const 255) (i32.const 0) (i32.const 64)))
            (drop (call $copy (i32.const 11) (i32.const 12)))
            (i32.store (i32.const 0) (i32.const 1))
            (drop (call $return (i32.const 11) (i32.const 0) (i32.const 64)))
            (i32.store (i32.const 0) (i32.const 2))
            (i32.store (i32.const 256) (call $send (i32.const 12) (i32.const 0)))
            (i32.store (i32.const 0) (i32.const 3))
            (drop (call $return (i32.const 11) (i32.const 0) (i32.const 64)))
            """)
        let client = try room.client(
            "client", of: server,
            """
            (i32.store (i32.const 256) (call $call (i32.const 6) (i32.const 0) (i32.const 64)))
            (i32.store (i32.const 260) (call $call (i32.const 6) (i32.const 0) (i32.const 64)))
            """ + Self.waitForEver)
        try room.run()
        #expect(try room.word(client, at: 256) == 1)
        #expect(try room.word(server, at: 256) == -1, "the copy is void")
        #expect(try room.word(client, at: 260) == 3, "the second call has its own answer")
    }

    /// A call that nobody can answer any more is answered with void: its key was dropped, overwritten, or went with its holder.
    @Test(arguments: [
        "(i32.store8 (i32.const 71) (i32.const 255))" + waitForEver + waitForEver,
        waitForEver + "(drop (call $clear (i32.const 11)))" + waitForEver,
        waitForEver + "(drop (call $copy (i32.const 0) (i32.const 11)))" + waitForEver,
        waitForEver + "(call $exit (i32.const 0))",
        waitForEver + "unreachable",
        // Into the register of a second message, without a key.
        waitForEver + "(drop (call $send (i32.const 20) (i32.const 0)))" + waitForEver + waitForEver,
    ])
    func whoCanBeAnsweredByNobodyIsToldSo(_ body: String) throws {
        let room = try Room()
        let server = try room.spawn("server", body)
        let client = try room.client("client", of: server, Self.ask + Self.waitForEver)
        let other = try room.client(
            "other", of: server, "(drop (call $yield)) (drop (call $send (i32.const 6) (i32.const 0)))")
        if !body.contains("$send") { try room.kernel.setState(of: other, to: .stopped) }
        try room.run()
        #expect(try room.word(client, at: 256) == -1)
        #expect(try room.bench.state(client) == .waiting, "it lives on")
    }

    /// A copy somewhere else can still answer.
    @Test func acallIsAnsweredByWhoeverHasTheKey() throws {
        let room = try Room()
        let helper = try room.spawn(
            "helper",
            "(drop (call $return (i32.const 255) (i32.const 0) (i32.const 64)))"
                + "(i32.store (i32.const 0) (i32.const 55)) (drop (call $send (i32.const 8) (i32.const 0)))"
                + Self.waitForEver)
        let server = try room.spawn(
            "server",
            Self.waitForEver
                + """
                (i32.store8 (i32.const 4) (i32.const 11))
                (drop (call $send (i32.const 20) (i32.const 0)))
                (call $exit (i32.const 0))
                """)
        try room.kernel.setRegister(20, of: server, to: .start(try room.id(helper)))
        let client = try room.client("client", of: server, Self.ask + Self.waitForEver)
        try room.run()
        #expect(try room.bench.state(server) == .exited)
        #expect(try room.word(client, at: 256) == 55)
    }

    /// Whoever stands in the queue of a process that ends is answered; a start key to one that has exited is void for ever.
    @Test(arguments: [RunState.exited, .faulted]) func theQueueOfWhatEndsIsAnswered(_ end: RunState) throws {
        let room = try Room()
        let server = try room.spawn("server", "(loop $l (br $l))")
        let clients = try (0..<3).map { try room.client("c\($0)", of: server, Self.ask + Self.waitForEver) }
        for _ in 0..<8 { _ = try room.kernel.processToRun().map { try room.bench.machine.run($0, gasBound: .max) } }
        #expect(try clients.allSatisfy { try room.waitsFor($0) == Waiting.turn })
        // As an administrator ends it.
        room.bench.machine.forget(server)
        if try room.kernel.isRunning(server) { try room.kernel.endQuantum() }
        try room.kernel.end(server, as: end, exitCode: 137)
        try room.run()
        for client in clients {
            #expect(try room.word(client, at: 256) == -1)
            #expect(try room.register(6, of: client).kind == (end == .exited ? .void : .start))
        }
    }

    // MARK: Standing still

    /// Who is stopped while it waits stands there again when it goes on; a reply that comes meanwhile is there then, once.
    @Test(arguments: [true, false]) func whoIsStoppedWaitsOn(comesMeanwhile: Bool) throws {
        let room = try Room()
        let server = try room.spawn(
            "server", Self.waitForEver + "(loop $l (br_if $l (i32.eqz (i32.load (i32.const 768)))))" + Self.echo)
        let client = try room.client("client", of: server, Self.ask + Self.waitForEver)
        while try room.waitsFor(client) != Waiting.reply, let process = try room.kernel.processToRun() {
            _ = try room.bench.machine.run(process, gasBound: 1_000)
        }
        func release() throws {
            let instance = try #require(try room.kernel.instances(of: server).first)
            try room.bench.machine.deactivate(server)
            try room.objects.write([1], to: Space(.memory, of: instance), at: 768)
        }
        try room.kernel.setState(of: client, to: .stopped)
        #expect(try room.objects.invocationPhase(of: client) == .called)
        if comesMeanwhile {
            try room.kernel.setRegister(11, of: server, to: .void)
            #expect(try room.objects.get(client, ProcessRecord.resumeCopies) == 0)
        }
        #expect(try room.bench.state(client) == .stopped)
        try room.kernel.setState(of: client, to: .ready)
        if !comesMeanwhile {
            for _ in 0..<4 { _ = try room.kernel.processToRun().map { try room.bench.machine.run($0, gasBound: .max) } }
            #expect(try room.waitsFor(client) == Waiting.reply, "it waits again")
            try room.kernel.setRegister(11, of: server, to: .void)
        }
        try release()
        try room.run()
        #expect(try room.word(client, at: 256) == -1)
    }

    /// Whoever returns to somebody who is busy has its message delivered in its turn, is available then, and serves those who stand before
    /// it: along a chain, one turn for each.
    @Test(arguments: ways) func aChainOfReturnsIsServed(slice: UInt64, isCold: Bool) throws {
        let room = try Room(slice: slice, isCold: isCold)
        let body = """
            (local.set $i (i32.const 30000)) (loop $w (br_if $w (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
            (i32.store (i32.const 256) (call $return (i32.const 6) (i32.const 0) (i32.const 64)))
            (i32.store (i32.const 260) (i32.const 1))
            """ + Self.waitForEver
        var processes = [try room.spawn("p0", body)]
        for number in 1...20 { processes.append(try room.client("p\(number)", of: processes[number - 1], body)) }
        try room.run()
        // The last has nobody who returns to it.
        for process in processes.dropLast() { #expect(try room.word(process, at: 260) == 1) }
        #expect(try room.word(processes[20], at: 260) == 0)
        for process in processes { #expect(try room.waitsFor(process) == Waiting.message) }
    }

    @Test(arguments: [
        "(i32.store (i32.const 256) (call $call (i32.const 6) (i32.const 0) (i32.const 64)))",
        "(i32.store (i32.const 256) (call $send (i32.const 6) (i32.const 0)))",
        "(i32.store (i32.const 256) (call $return (i32.const 6) (i32.const 0) (i32.const 64)))",
    ])
    func nobodyWaitsForItself(_ body: String) throws {
        let room = try Room()
        let process = try room.spawn("p", body + Self.waitForEver)
        try room.kernel.setRegister(6, of: process, to: .start(try room.id(process)))
        try room.run()
        #expect(try room.word(process, at: 256) == -9)
    }

    // MARK: The kernel's keys

    /// Orders of the kernel's keys, and what they reply: the code, and two words.
    static let served: [(key: Int, order: Int, keys: [UInt8], reply: [UInt64])] = [
        (20, 0, [], [0, 1, 0]), (20, 1, [], [0, 77, 0]), (20, 2, [], [UInt64(UInt32(bitPattern: -2)), 0, 0]),
        (21, 0, [], [0, 10, 0]), (21, 1, [20], [0, 1, 0]), (21, 1, [], [0, 0, 0]), (21, 1, [23], [0, 7, 15]),
        (21, 2, [20, 22], [0, 1, 0]), (21, 2, [20, 21], [0, 0, 0]), (21, 2, [], [0, 1, 0]),
        (21, 3, [20], [0, 1, 0]), (21, 3, [21], [0, 1, 0]), (21, 3, [], [0, 1, 0]), (21, 3, [1], [0, 0, 0]),
        (21, 3, [23], [0, 0, 0]), (21, 4, [], [UInt64(UInt32(bitPattern: -2)), 0, 0]), (1, 0, [], [0, 9, 0]),
        (1, 4, [], [UInt64(UInt32(bitPattern: -2)), 0, 0]), (30, 0, [], [UInt64(UInt32(bitPattern: -1)), 0, 0]),
    ]

    /// A process that invokes register 6's holder's way: the kernel replies to a call at once, and to who waits by the fourth key.
    @Test(arguments: 0..<served.count, [false, true]) func theKernelReplies(number: Int, isForwarded: Bool) throws {
        let (key, order, keys, reply) = Self.served[number]
        // A void key replies to nobody.
        if isForwarded && key == 30 { return }
        let room = try Room()
        let names = (0..<4).map { $0 < keys.count ? keys[$0] : 255 }
        let fill = """
            (i32.store (i32.const 0) (i32.const \(order)))
            (i32.store (i32.const 4) (i32.const 0x\(names.reversed().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())))
            """
        let asker: CellID
        let holder: CellID
        if isForwarded {
            holder = try room.spawn(
                "holder",
                Self.waitForEver + fill + """
                    (i32.store8 (i32.const 7) (i32.const 11))
                    (drop (call $return (i32.const \(key)) (i32.const 0) (i32.const 64)))
                    """)
            asker = try room.client("asker", of: holder, Self.ask + Self.waitForEver)
        } else {
            asker = try room.spawn(
                "asker",
                fill + "(i32.store (i32.const 256) (call $call (i32.const \(key)) (i32.const 0) (i32.const 64)))"
                    + Self.waitForEver)
            holder = asker
        }
        for (register, held) in [20: Key(.number, id: 77), 21: Key(.discrim), 22: Key(.number, id: 77)] {
            try room.kernel.setRegister(register, of: holder, to: held)
        }
        try room.kernel.setRegister(23, of: holder, to: try room.kernel.key(toBank: room.kernel.rootBank))
        try room.run()
        #expect(try room.word(asker, at: 256) == Int32(bitPattern: UInt32(reply[0])))
        if key == 30 { return }
        #expect(try [room.number(asker, at: 72), room.number(asker, at: 80)] == Array(reply[1...]))
    }

    // MARK: Refusals

    /// What is wrong with an invocation, and its code: the first of several in the order of the specification.
    static let refused: [(body: String, code: Int32)] = [
        ("(call $call (i32.const 6) (i32.const 65500) (i32.const 64))", -5),
        ("(call $call (i32.const 6) (i32.const 0) (i32.const 65500))", -5),
        ("(call $call (i32.const 6) (i32.const -1) (i32.const 64))", -5),
        ("(call $send (i32.const 6) (i32.const 65497))", -5),
        ("(call $return (i32.const 255) (i32.const -1) (i32.const 65489))", -5),
        ("(call $call (i32.const 300) (i32.const -1) (i32.const 64))", -5),
        (
            "(i32.store (i32.const 36) (i32.const 65000)) (i32.store (i32.const 32) (i32.const 1000)) (call $send (i32.const 6) (i32.const 0))",
            -5
        ),
        ("(i32.store (i32.const 36) (i32.const 65537)) (call $send (i32.const 6) (i32.const 0))", -5),
        ("(i32.store (i32.const 100) (i32.const -1)) (call $call (i32.const 6) (i32.const 0) (i32.const 64))", -5),
        ("(call $call (i32.const 32) (i32.const 0) (i32.const 64))", -6),
        ("(call $call (i32.const 255) (i32.const 0) (i32.const 64))", -6),
        ("(call $call (i32.const 256) (i32.const 0) (i32.const 64))", -6),
        ("(call $send (i32.const -1) (i32.const 0))", -6),
        ("(call $return (i32.const 32) (i32.const 0) (i32.const 64))", -6),
        ("(i32.store8 (i32.const 5) (i32.const 32)) (call $send (i32.const 6) (i32.const 0))", -6),
        ("(i32.store8 (i32.const 70) (i32.const 254)) (call $call (i32.const 6) (i32.const 0) (i32.const 64))", -6),
        ("(call $copy (i32.const 32) (i32.const 1))", -6), ("(call $copy (i32.const 1) (i32.const 255))", -6),
        ("(call $move (i32.const 1) (i32.const 32))", -6), ("(call $clear (i32.const 32))", -6),
        ("(call $call (i32.const 7) (i32.const 0) (i32.const 64))", -1),
        ("(call $send (i32.const 7) (i32.const 0))", -1),
    ]

    @Test(arguments: 0..<refused.count) func whatIsWrongIsRefusedAndChangesNothing(number: Int) throws {
        let room = try Room()
        let server = try room.spawn("server", Self.echo)
        let (body, code) = Self.refused[number]
        // So that it can wait, whatever it made of its place for messages.
        let mend = "(i32.store (i32.const 68) (i32.const 0x0b0a0908)) (i32.store (i32.const 100) (i32.const 16))"
        let client = try room.client(
            "client", of: server,
            "(i32.store (i32.const 256) (block (result i32) \(body)))" + mend + Self.waitForEver)
        try room.run()
        #expect(try room.word(client, at: 256) == code)
        #expect(try room.word(server, at: 512) == 0, "nothing arrived")
        #expect(try room.bytes(client, at: 104, count: 8) == [UInt8](repeating: 0, count: 8), "nothing was written")
        for register in 8...11 { #expect(try room.register(register, of: client) == .void) }
        #expect(try room.register(1, of: client).device == .consoleOutput)
        #expect(try room.register(6, of: client).kind == .start)
    }

    /// An invocation is paid for once, however often it is made again: queued, stopped, and answered late.
    @Test func anInvocationIsPaidForOnce() throws {
        func gasOfClient(isQueued: Bool) throws -> UInt64 {
            let room = try Room()
            let busy =
                "(local.set $i (i32.const 60000)) (loop $w (br_if $w (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))"
            let server = try room.spawn("server", (isQueued ? busy : "") + Self.echo)
            let client = try room.client("client", of: server, Self.ask + Self.waitForEver)
            if isQueued {
                while try room.waitsFor(client) != Waiting.turn, let process = try room.kernel.processToRun() {
                    _ = try room.bench.machine.run(process, gasBound: .max)
                }
                for _ in 0..<3 {
                    try room.kernel.setState(of: client, to: .stopped)
                    try room.kernel.setState(of: client, to: .ready)
                    for _ in 0..<2 {
                        _ = try room.kernel.processToRun().map { try room.bench.machine.run($0, gasBound: 50) }
                    }
                }
            }
            try room.run()
            #expect(try room.word(client, at: 256) == 41)
            return try room.bench.gasUsed(client)
        }
        #expect(try gasOfClient(isQueued: true) == gasOfClient(isQueued: false))
    }
}
