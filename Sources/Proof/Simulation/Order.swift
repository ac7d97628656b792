// What a simulation asks of a world, as a line of a script: a verb, what it is about, and `key=value` for the rest.

import FoundationEssentials
import World

/// A program to be run.
struct Launch: Hashable {
    /// nil: the world finds one, beginning with the program's.
    var name: String?
    var program: SimulatedProgram
    var bank = "root"
    var meter = "root"
    var gas: UInt64?
    var limitBytes: UInt64?
}

enum Order: Hashable {
    case run(Launch)
    case send(process: String, text: String, ends: Bool)
    case kill(String)
    case stop(String)
    case resume(String)
    case remove(String)
    case createBank(String, BankTermsRequest)
    case setBank(String, BankTermsRequest)
    case moveProcess(String, bank: String)
    case destroyBank(String, Disposition)
    case createMeter(CreateMeterRequest)
    case refillMeter(String, gas: UInt64)
    case setMeter(String, MeterTermsRequest)
    case moveToMeter(String, meter: String)
    case destroyMeter(String)

    func request(_ modules: ProofModules) -> Request {
        switch self {
        case .run(let launch):
            .run(
                RunRequest(
                    module: launch.program.module(of: modules), name: launch.name,
                    defaultName: launch.program.file, arguments: launch.program.arguments, bank: launch.bank,
                    meter: launch.meter, gas: launch.gas, limitBytes: launch.limitBytes))
        case .send(let process, let text, let ends): .send(process: process, data: Data(text.utf8), ends: ends)
        case .kill(let process): .kill(process: process)
        case .stop(let process): .stop(process: process)
        case .resume(let process): .resume(process: process)
        case .remove(let process): .remove(process: process)
        case .createBank(let path, let terms): .createBank(path: path, terms)
        case .setBank(let path, let terms): .setBank(path: path, terms)
        case .moveProcess(let process, let bank): .moveProcess(process: process, bank: bank)
        case .destroyBank(let path, let disposition): .destroyBank(path: path, disposition)
        case .createMeter(let meter): .createMeter(meter)
        case .refillMeter(let path, let gas): .refillMeter(path: path, gas: gas)
        case .setMeter(let path, let terms): .setMeter(path: path, terms)
        case .moveToMeter(let process, let meter): .moveToMeter(process: process, meter: meter)
        case .destroyMeter(let path): .destroyMeter(path: path)
        }
    }

    var line: String {
        switch self {
        case .run(let launch):
            Self.line(
                "run", launch.name ?? "-", launch.program.description, "bank=\(launch.bank)", "meter=\(launch.meter)",
                launch.gas.map { "gas=\($0)" }, launch.limitBytes.map { "limit=\($0)" })
        case .send(let process, let text, let ends):
            "\(ends ? "end" : "send") \(process) \"\(text.replacing("\n", with: "|"))\""
        case .kill(let process): "kill \(process)"
        case .stop(let process): "stop \(process)"
        case .resume(let process): "resume \(process)"
        case .remove(let process): "remove \(process)"
        case .createBank(let path, let terms): Self.line("bank", path, Self.words(terms))
        case .setBank(let path, let terms): Self.line("set-bank", path, Self.words(terms))
        case .moveProcess(let process, let bank): "move \(process) \(bank)"
        case .destroyBank(let path, .reclaim): "reclaim \(path)"
        case .destroyBank(let path, .returnToParent): "return \(path)"
        case .createMeter(let meter):
            Self.line(
                "meter", meter.path, meter.gas.map { "gas=\($0)" }, "weight=\(meter.weight)", "bank=\(meter.bank)")
        case .refillMeter(let path, let gas): "refill \(path) \(gas)"
        case .setMeter(let path, let terms):
            Self.line(
                "set-meter", path, terms.gas.map { "gas=\(Self.word($0))" }, terms.weight.map { "weight=\($0)" })
        case .moveToMeter(let process, let meter): "move-meter \(process) \(meter)"
        case .destroyMeter(let path): "destroy-meter \(path)"
        }
    }

    private static func line(_ words: String?...) -> String {
        words.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func word(_ limit: Limit) -> String { limit.value.map { "\($0)" } ?? "none" }

    private static func words(_ terms: BankTermsRequest) -> String {
        line(
            terms.limitBytes.map { "limit=\(word($0))" }, terms.limitCells.map { "cells=\(word($0))" },
            terms.reserveBytes.map { "reserve=\($0)" })
    }
}

extension Order {
    /// Reads a line; nil where it is none.
    init?(_ words: ArraySlice<String>) {
        let words = Array(words)
        let plain = words.filter { !$0.contains("=") }
        guard let verb = plain.first, plain.count > 1 else { return nil }
        let subject = plain[1]
        var settings = Settings(words)
        switch (verb, plain.count) {
        case ("run", 3):
            guard let program = SimulatedProgram(plain[2]) else { return nil }
            let name = subject == "-" ? nil : subject
            self = .run(
                Launch(
                    name: name, program: program, bank: settings.text("bank") ?? "root",
                    meter: settings.text("meter") ?? "root", gas: settings.number("gas"),
                    limitBytes: settings.number("limit")))
        case ("send", 3), ("end", 3):
            let text = plain[2].filter { $0 != "\"" }.replacing("|", with: "\n")
            self = .send(process: subject, text: text, ends: verb == "end")
        case ("kill", 2): self = .kill(subject)
        case ("stop", 2): self = .stop(subject)
        case ("resume", 2): self = .resume(subject)
        case ("remove", 2): self = .remove(subject)
        case ("bank", 2): self = .createBank(subject, settings.bankTerms())
        case ("set-bank", 2): self = .setBank(subject, settings.bankTerms())
        case ("move", 3): self = .moveProcess(subject, bank: plain[2])
        case ("reclaim", 2): self = .destroyBank(subject, .reclaim)
        case ("return", 2): self = .destroyBank(subject, .returnToParent)
        case ("meter", 2):
            self = .createMeter(
                CreateMeterRequest(
                    path: subject, gas: settings.number("gas"),
                    weight: settings.number("weight").map { UInt32(clamping: $0) } ?? 1,
                    bank: settings.text("bank") ?? "root"))
        case ("refill", 3):
            guard let gas = UInt64(plain[2]) else { return nil }
            self = .refillMeter(subject, gas: gas)
        case ("set-meter", 2):
            self = .setMeter(
                subject,
                MeterTermsRequest(
                    gas: settings.limit("gas"), weight: settings.number("weight").map { UInt32(clamping: $0) }))
        case ("move-meter", 3): self = .moveToMeter(subject, meter: plain[2])
        case ("destroy-meter", 2): self = .destroyMeter(subject)
        default: return nil
        }
        guard settings.isUsedUp else { return nil }
    }
}

/// The `key=value` words of a line, each to be taken once.
struct Settings {
    private var values: [String: String] = [:]
    private var isBroken = false

    init(_ words: [String]) {
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            if word.contains("=") { values[parts[0]] = parts.count == 2 ? parts[1] : "" }
        }
    }

    /// All were known and could be read.
    var isUsedUp: Bool { values.isEmpty && !isBroken }

    mutating func text(_ key: String) -> String? { values.removeValue(forKey: key) }

    mutating func number(_ key: String) -> UInt64? {
        guard let text = text(key) else { return nil }
        if UInt64(text) == nil { isBroken = true }
        return UInt64(text)
    }

    mutating func limit(_ key: String) -> Limit? {
        guard let text = text(key) else { return nil }
        if text == "none" { return .unlimited }
        guard let number = UInt64(text) else {
            isBroken = true
            return nil
        }
        return .limited(number)
    }

    mutating func bankTerms() -> BankTermsRequest {
        BankTermsRequest(
            limitBytes: limit("limit"), limitCells: limit("cells"), reserveBytes: number("reserve"))
    }
}
