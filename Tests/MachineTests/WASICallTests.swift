// Every call of WASI: that it links, what it answers to good arguments, and that bad ones are refused in the order
// descriptors, keys, values, addresses, with nothing done.

import Kernel
import Machine
import Objects
import Testing

struct WASICallTests {
    static let badDescriptor: Int32 = 8
    static let fault: Int32 = 21
    static let invalid: Int32 = 28
    static let notCapable: Int32 = 76

    /// A call that is asked, and the error number that it must answer.
    struct Case: Sendable {
        let text: String
        let errno: Int32
    }

    private func spawn(_ bench: Bench, _ body: String) throws -> CellID {
        try bench.spawn(
            try WASICall.program(body), arguments: ["a", "b"], environment: ["c=d"], input: "unread")
    }

    /// Asks all cases in one process; what it answered, by case.
    private func expect(_ cases: [Case], doNothing: Bool) throws {
        // Answers are kept from 32,768 on, a byte each, and written at the end.
        let asked = cases.enumerated().map { "(i32.store8 (i32.const \(32768 + $0)) \($1.text))" }
        let bench = try Bench()
        let process = try spawn(
            bench,
            asked.joined(separator: "\n") + """
                (i32.store (i32.const 48) (i32.const 32768)) (i32.store (i32.const 52) (i32.const \(cases.count)))
                (drop (call $fd_write (i32.const 1) (i32.const 48) (i32.const 1) (i32.const 56)))
                """)
        let registers = try (0..<6).map { try bench.objects.register($0, of: process) }
        let blocks = try bench.objects.world(WorldPage.entropyBlocks)
        try bench.runAll()
        #expect(try bench.state(process) == .exited)
        let answers = try bench.kernel.readLog(process, since: 0, limitBytes: .max)
        for (number, each) in cases.enumerated() {
            let answer = try #require(answers.last).bytes.dropFirst(number).first.map(Int32.init)
            #expect(answer == each.errno, "\(each.text)")
        }
        guard doNothing else { return }
        #expect(answers.count == 1)
        #expect(try bench.kernel.unreadInput(process) == 6)
        #expect(try bench.objects.world(WorldPage.entropyBlocks) == blocks)
        #expect(try (0..<6).map { try bench.objects.register($0, of: process) } == registers)
        #expect(try bench.objects.get(process, ProcessRecord.closedDescriptors) == 0)
        try bench.objects.checkRecords()
    }

    // MARK: Linking

    @Test func everyCallOfTheSpecificationLinks() throws {
        #expect(WASICall.all.count == 46)
        #expect(Set(WASICall.all.map(\.name)).count == 46)
        _ = try Machine.check(try WASICall.program(""), entry: "_start")
    }

    @Test(arguments: WASICall.all)
    func aCallOfAnotherTypeIsRefused(_ call: WASICall) throws {
        let wider = call.declaration.replacing("(func $\(call.name)", with: "(func $\(call.name) (param i64)")
        let module = try Assembler.module("(module \(wider) (func (export \"_start\")))")
        #expect {
            _ = try Machine.check(module, entry: "_start")
        } throws: { error in
            if case MachineError.importType("wasi_snapshot_preview1.\(call.name)", _, _) = error { true } else { false }
        }
    }

    // MARK: Answers

    @Test(arguments: WASICall.all)
    func aGoodCallAnswersAsSpecified(_ call: WASICall) throws {
        guard let answer = call.answer else { return }
        let bench = try Bench()
        let process = try spawn(bench, "(call $proc_exit \(call.text()))")
        try bench.runAll()
        #expect(try bench.state(process) == .exited)
        #expect(try bench.exitCode(process) == answer)
    }

    // MARK: Refusals

    @Test(arguments: WASICall.all)
    func badAddressesAreFaults(_ call: WASICall) throws {
        var cases: [Case] = []
        for (index, argument) in call.arguments.enumerated() {
            switch argument {
            case .pointer(_, let bytes):
                for address in [65536 - bytes + 1, 65536, -1, Int(Int32.min)] {
                    cases.append(Case(text: call.text(index, .pointer(Int32(address), bytes: 0)), errno: Self.fault))
                }
            case .list:
                for address in [8, 16, 65529, -1] {
                    cases.append(Case(text: call.text(index, .list(Int32(address))), errno: Self.fault))
                }
            case .descriptor, .listCount, .word, .long: break
            }
        }
        if !cases.isEmpty { try expect(cases, doNothing: true) }
    }

    @Test(arguments: WASICall.all)
    func theLastBytesOfTheMemoryAreGoodAddresses(_ call: WASICall) throws {
        guard let answer = call.answer else { return }
        for (index, argument) in call.arguments.enumerated() {
            guard case .pointer(_, let bytes) = argument, call.name != "poll_oneoff" || index != 0 else { continue }
            let text = call.text(index, .pointer(Int32(65536 - bytes), bytes: 0))
            try expect([Case(text: text, errno: answer)], doNothing: false)
        }
    }

    @Test(arguments: WASICall.all)
    func valuesThatThereAreNotAreInvalid(_ call: WASICall) throws {
        var cases: [Case] = []
        for (index, argument) in call.arguments.enumerated() {
            switch argument {
            case .word(_, let never):
                cases += never.map { Case(text: call.text(index, .word($0)), errno: Self.invalid) }
            case .listCount:
                cases += [1025, -1].map { Case(text: call.text(index, .word($0)), errno: Self.invalid) }
            case .descriptor, .pointer, .list, .long: break
            }
        }
        if !cases.isEmpty { try expect(cases, doNothing: true) }
    }

    @Test(arguments: WASICall.all)
    func descriptorsThatThereAreNotAreBad(_ call: WASICall) throws {
        var cases: [Case] = []
        for (index, argument) in call.arguments.enumerated() {
            guard case .descriptor(let descriptor) = argument else { continue }
            for bad in [3, 31, 32, 256 + descriptor, -1, Int32.max, Int32.min] {
                cases.append(Case(text: call.text(index, .descriptor(bad)), errno: Self.badDescriptor))
            }
            // One that was closed.
            let bench = try Bench()
            let process = try spawn(
                bench, "(drop (call $fd_close (i32.const \(descriptor)))) (call $proc_exit \(call.text()))")
            try bench.runAll()
            #expect(try bench.exitCode(process) == Self.badDescriptor, "closed \(descriptor)")
        }
        if !cases.isEmpty { try expect(cases, doNothing: true) }
    }

    @Test(arguments: WASICall.all)
    func aRegisterWithoutTheKeyAnswersNotCapable(_ call: WASICall) throws {
        var registers = call.arguments.compactMap { if case .descriptor(let number) = $0 { Int(number) } else { nil } }
        if let register = call.register { registers.append(register) }
        for register in registers {
            for key in [Key.void, .device(register == 3 ? .timer : .clock)] {
                let bench = try Bench()
                let process = try spawn(bench, "(call $proc_exit \(call.text()))")
                try bench.objects.setRegister(register, of: process, to: key)
                try bench.runAll()
                // These need no key, and to have a descriptor that is no directory none is needed.
                let needsNone = ["fd_close", "fd_renumber", "fd_prestat_get", "fd_prestat_dir_name"]
                let expected = needsNone.contains(call.name) ? call.answer : Self.notCapable
                #expect(try bench.state(process) == .exited)
                #expect(try bench.exitCode(process) == expected, "register \(register), \(key)")
            }
        }
    }

    /// What is wrong with several arguments is told in one order.
    @Test func descriptorsComeBeforeValuesAndValuesBeforeAddresses() throws {
        for call in WASICall.all {
            var worst = call
            for (index, argument) in call.arguments.enumerated() {
                switch argument {
                case .pointer, .list: worst = worst.replacing(index, .pointer(-1, bytes: 0))
                case .word(_, let never): worst = worst.replacing(index, .word(never.first ?? 5))
                case .descriptor, .listCount, .long: break
                }
            }
            let hasValues = call.arguments.contains {
                if case .word(_, let never) = $0 { !never.isEmpty } else { false }
            }
            if hasValues { try expect([Case(text: worst.text(), errno: Self.invalid)], doNothing: true) }
            for (index, argument) in call.arguments.enumerated() {
                guard case .descriptor = argument else { continue }
                try expect(
                    [Case(text: worst.text(index, .descriptor(7)), errno: Self.badDescriptor)], doNothing: true)
            }
        }
    }
}

extension WASICall {
    fileprivate func replacing(_ index: Int, _ argument: Argument) -> WASICall {
        var arguments = arguments
        arguments[index] = argument
        return WASICall(name, arguments, answers: answer, register: register)
    }
}
