// What the tests ask of a world, without the wrapping of requests and answers.

import Foundation
import Testing
import World

enum Asking: Error { case anotherAnswer(Answer) }

extension World {
    /// A new world of a seed, open.
    static func make(_ scratch: Scratch, limitBytes: UInt64? = nil, seed: UInt64? = 1) throws -> World {
        try World.create(at: scratch.world, limitBytes: limitBytes, seed: seed)
        return try World.open(at: scratch.world, as: .host)
    }

    @discardableResult
    func run(
        _ module: [UInt8], name: String, arguments: [String] = [], environment: [String] = [], gas: UInt64? = nil,
        limitBytes: UInt64? = nil, logBytes: UInt64 = 1 << 20, input: String? = nil, inputEnds: Bool = false,
        invoke: String? = nil, links: [(name: String, module: [UInt8])] = [], bank: String = "root",
        meter: String = "root"
    ) throws -> UInt64 {
        let answer = try perform(
            .run(
                RunRequest(
                    module: Data(module), links: links.map { LinkedModule(name: $0.name, module: Data($0.module)) },
                    name: name, defaultName: name, arguments: arguments, environment: environment,
                    invoke: invoke, bank: bank, meter: meter, gas: gas, limitBytes: limitBytes, logBytes: logBytes,
                    input: input.map { Data($0.utf8) }, inputEnds: inputEnds)))
        guard case .run(let made) = answer else { throw Asking.anotherAnswer(answer) }
        return made.id
    }

    func hash() throws -> String {
        let answer = try perform(.hash)
        guard case .hash(let hash) = answer else { throw Asking.anotherAnswer(answer) }
        return hash.hash
    }

    var gasClock: UInt64 {
        get throws {
            let answer = try perform(.status)
            guard case .status(let status) = answer else { throw Asking.anotherAnswer(answer) }
            return status.gasClock
        }
    }

    func unreachable() throws -> [FsckAnswer.Unreachable] {
        let answer = try perform(.fsck)
        guard case .fsck(let fsck) = answer else { throw Asking.anotherAnswer(answer) }
        return fsck.unreachable
    }

    func problems() throws -> [FsckAnswer.Problem] {
        let answer = try perform(.fsck)
        guard case .fsck(let fsck) = answer else { throw Asking.anotherAnswer(answer) }
        return fsck.problems
    }

    func processes() throws -> [ProcessAnswer] {
        let answer = try perform(.processes())
        guard case .processes(let processes) = answer else { throw Asking.anotherAnswer(answer) }
        return processes.items
    }

    func row(_ name: String) throws -> ProcessAnswer {
        try #require(try processes().first { $0.name == name })
    }

    func inspect(_ name: String) throws -> InspectAnswer {
        let answer = try perform(.inspect(process: name))
        guard case .inspect(let inspect) = answer else { throw Asking.anotherAnswer(answer) }
        return inspect
    }

    func info() throws -> InfoAnswer {
        let answer = try perform(.info)
        guard case .info(let info) = answer else { throw Asking.anotherAnswer(answer) }
        return info
    }

    func bank(_ path: String) throws -> BankAnswer {
        let answer = try perform(.bank(path: path))
        guard case .bank(let bank) = answer else { throw Asking.anotherAnswer(answer) }
        return bank
    }

    func checkpoints() throws -> [CheckpointAnswer] {
        let answer = try perform(.checkpoints())
        guard case .checkpoints(let checkpoints) = answer else { throw Asking.anotherAnswer(answer) }
        return checkpoints.items
    }

    func send(_ text: String, to name: String, ends: Bool = false) throws {
        _ = try perform(.send(process: name, data: Data(text.utf8), ends: ends))
    }

    /// All records of a process's log; their sequence numbers follow each other from 0 on.
    func records(_ name: String) throws -> [LogRecord] {
        var records: [LogRecord] = []
        while true {
            let since = UInt64(records.count)
            let answer = try perform(.logs(process: name, since: since, limitBytes: 10_000))
            guard case .logs(let logs) = answer else { throw Asking.anotherAnswer(answer) }
            if logs.items.isEmpty { return records }
            #expect(logs.items.map(\.sequence) == Array(since..<since + UInt64(logs.items.count)))
            records += logs.items
        }
    }

    func output(_ name: String, _ stream: LogRecord.Stream = .stdout) throws -> String {
        String(decoding: try records(name).filter { $0.stream == stream }.flatMap { Array($0.data) }, as: UTF8.self)
    }

    /// Runs until nothing can run any more.
    func bootUntilIdle(every: Duration = .seconds(5)) throws { try boot(Boot(every: every, until: .idle)) }

    func boot(steps: UInt64, every: Duration = .seconds(5)) throws {
        try boot(Boot(every: every, until: .steps(steps)))
    }
}

/// The error that `body` ends with; nil where it ends well.
func worldError(_ body: () throws -> Void) throws -> WorldError? {
    do {
        try body()
        return nil
    } catch let error as WorldError {
        return error
    }
}
