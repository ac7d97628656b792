// `keyvm halt`: ends a running world in order, and returns when its host is gone.

import ArgumentParser
import Control
import Glibc
import World

struct HaltVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "halt", abstract: "Checkpoint the world and stop its host; boot goes on from there.")

    static let examples = [
        Example("keyvm halt", "halt ./world"),
        Example("keyvm halt -w guests", "halt the world in ./guests"),
    ]

    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let directory = world.directory
        var pid: Int32?
        switch World.condition(at: directory) {
        case .inUse(let host?):
            pid = host
            try withProgress("halting the world") { () throws(WorldError) in try halt(directory, host: host) }
        case .halted:
            // Nothing to do, and nothing is written.
            break
        case .crashed, .inUse(nil), .absent, .notAWorld:
            // A crashed world is recovered and closed in order; where there is none, opening says so.
            try Host(opening: directory).halt()
        }
        if world.json {
            try StandardStreams.print(
                JSONValue.envelope(
                    "halt",
                    [
                        .init("world", .string(directory)), .init("state", .string(WorldState.halted.rawValue)),
                        .init("pid", JSONValue(pid)),
                    ]
                ).text + "\n")
        } else if pid == nil {
            StandardStreams.say("the world in \(printable(directory)) is halted; no host was running it")
        }
    }

    /// Asks the host to halt, and waits until it holds the world no more.
    private func halt(_ directory: String, host: Int32) throws(WorldError) {
        _ = try Reach(directory: directory).ask(.halt)
        while World.condition(at: directory) == .inUse(pid: host) { usleep(5_000) }
        // It lets go of the world as the last thing it does: a moment later the process is gone too.
        let deadline = ContinuousClock.now + .seconds(2)
        while isAlive(host), ContinuousClock.now < deadline { usleep(1_000) }
    }

    /// Whether a process runs; one that has ended and is not yet waited for does not. The state is the first word behind
    /// the last `)` of `/proc/N/stat` (proc(5)).
    private func isAlive(_ process: Int32) -> Bool {
        do throws(WorldError) {
            let text = String(decoding: try ProgramFile.contents(of: "/proc/\(process)/stat"), as: UTF8.self)
            guard let end = text.lastIndex(of: ")") else { return false }
            return text[end...].dropFirst(2).first != "Z"
        } catch {
            return false
        }
    }
}
