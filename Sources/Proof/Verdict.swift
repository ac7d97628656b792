// Whether a world that a crash left is the one that it was: opened as its next host opens it, looked at, run until nothing moves,
// and closed.

import FoundationEssentials
import Glibc
import World

/// What is wrong with a world; empty: nothing.
struct Verdict {
    private(set) var faults: [String] = []

    /// `told`: up to the crash; `hashes`: of the whole run.
    init(of directory: String, told: Told, hashes: [WorldPosition: Set<String>]) {
        switch World.condition(at: directory) {
        case .absent:
            expect(!told.done.contains(.world), "the world is gone")
        default:
            do {
                try look(directory, told, hashes)
            } catch {
                faults.append("\(error)")
            }
        }
    }

    private mutating func expect(_ holds: Bool, _ text: @autoclosure () -> String) {
        if !holds { faults.append(text()) }
    }

    private mutating func look(_ directory: String, _ told: Told, _ hashes: [WorldPosition: Set<String>]) throws {
        let world = try World.open(at: directory, as: .host)
        let position = try world.position
        if case .hash(let found) = try world.perform(.hash) {
            // Whoever made it may have ended before it told of it.
            let isNew = hashes.isEmpty && position == WorldPosition(turn: 0, records: 0, gasClock: 0)
            let known = hashes[position]
            expect(known != nil || isNew, "the world never stood at \(position)")
            expect(known?.contains(found.hash) ?? true, "at \(position) it has another hash: \(found.hash)")
        }
        expect(position.records >= told.stood, "it stands at \(position), and stood behind record \(told.stood)")
        // Where nothing was shown nothing was promised, not even that the process is there.
        for (process, shown) in told.shown where shown.bytes > 0 && !told.tried.contains(.remove(process)) {
            let text = try log(process, of: world)
            expect(
                text.count >= shown.bytes && digest(text.prefix(shown.bytes)) == shown.digest,
                "\(process) has not written what was shown: \(shown.bytes) bytes of \(text.count)")
        }
        if case .checkpoints(let found) = try world.perform(.checkpoints()) {
            let last = found.items.map(\.id).max() ?? 0
            expect(last >= told.checkpoint, "checkpoint \(told.checkpoint) is gone, the last is \(last)")
        }
        try world.boot(World.Boot(every: .seconds(60), until: .idle))
        if case .fsck(let check) = try world.perform(.fsck) {
            for problem in check.problems { faults.append("fsck: \(problem)") }
        }
        try deeds(told, world)
        try world.close()
    }

    private func lines(_ process: String, of world: World) throws -> [[Substring]] {
        String(decoding: try log(process, of: world), as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: " ")
        }
    }

    /// What was acknowledged is in effect, once; what was only asked for, once or not.
    private mutating func deeds(_ told: Told, _ world: World) throws {
        var processes: [String: ProcessAnswer] = [:]
        if case .processes(let found) = try world.perform(.processes()) {
            for process in found.items { processes[process.name] = process }
        }
        var banks: Set<String> = []
        if case .banks(let found) = try world.perform(.banks(path: "root", recursive: true)) {
            banks = Set(found.items.map(\.path))
        }
        for deed in told.done {
            switch deed {
            case .bank(let path):
                expect(banks.contains(path) || told.tried.contains(.destroy(path)), "bank \(path) is gone")
            case .destroy(let path): expect(!banks.contains(path), "bank \(path) is there again")
            case .run(let name):
                expect(processes[name] != nil || told.tried.contains(.remove(name)), "process \(name) is gone")
            case .remove(let name): expect(processes[name] == nil, "process \(name) is there again")
            case .send, .world: break
            }
        }
        for client in 0..<Workload.clients {
            let name = "echo\(client)"
            let sent = told.done.filter { if case .send(name, _) = $0 { true } else { false } }
            guard processes[name] != nil else {
                expect(sent.isEmpty, "process \(name) is gone")
                continue
            }
            try numbers(name, told, world)
        }
        for (name, process) in processes where name.hasPrefix("count-") || name.hasPrefix("watch-") {
            guard process.state == .exited else { continue }
            // One that was being removed may have been killed before it was done.
            guard process.exitCode == 0 else {
                expect(told.tried.contains(.remove(name)), "\(name) ended with \(process.exitCode ?? -1)")
                continue
            }
            if name.hasPrefix("count-") { try counted(name, world) } else { try watched(name, world) }
        }
    }

    /// The lines of an echoing program: `5: 17` for the fifth line, which was 17.
    private mutating func numbers(_ name: String, _ told: Told, _ world: World) throws {
        var before = 0
        var found: Set<Int> = []
        for (index, line) in try lines(name, of: world).enumerated() {
            guard line.count == 2, line[0] == "\(index + 1):", let number = Int(line[1]), number > before else {
                faults.append("\(name), line \(index + 1): \(line.joined(separator: " ")) behind \(before)")
                return
            }
            before = number
            found.insert(number)
        }
        for number in found where !told.tried.contains(.send(process: name, number: number)) {
            faults.append("\(name) was given \(number), which nobody sent")
        }
        for case .send(name, let number) in told.done where !found.contains(number) {
            faults.append("\(name) was not given \(number), which was acknowledged")
        }
    }

    private mutating func counted(_ name: String, _ world: World) throws {
        var state: UInt32 = 2_463_534_242
        let found = try lines(name, of: world)
        expect(found.count == Workload.countLast, "\(name) counted \(found.count) times")
        for (index, line) in found.enumerated() {
            for _ in 0..<Workload.countWork {
                state ^= state << 13
                state ^= state >> 17
                state ^= state << 5
            }
            expect(
                line.count == 2 && line[0] == "\(index + 1)" && UInt32(line[1], radix: 16) == state,
                "\(name), line \(index + 1): \(line.joined(separator: " "))")
        }
    }

    private mutating func watched(_ name: String, _ world: World) throws {
        var before: UInt64 = 0
        let found = try lines(name, of: world)
        expect(found.count == Workload.watchLast, "\(name) looked \(found.count) times")
        for (index, line) in found.enumerated() {
            guard line.count == 3, line[0] == "\(index + 1)", let time = UInt64(line[1]), time >= before else {
                faults.append("\(name), line \(index + 1): \(line.joined(separator: " ")) behind \(before)")
                return
            }
            before = time
        }
    }
}

/// Everything that a process has written and its world has kept.
func log(_ process: String, of world: World) throws -> [UInt8] {
    var text: [UInt8] = []
    var next: UInt64 = 0
    while case .logs(let logs) = try world.perform(.logs(process: process, since: next, limitBytes: 1 << 20)) {
        if logs.items.isEmpty { break }
        text += logs.items.flatMap { Array($0.data) }
        next = logs.next
    }
    return text
}
