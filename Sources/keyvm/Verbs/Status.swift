// `keyvm status`: whether the world runs, and how it is.

import ArgumentParser
import World

struct StatusVerb: ReadsPast {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show whether the world runs, its gas clock, processes and last checkpoint.")

    static let examples = [
        Example("keyvm status", "of ./world"),
        Example("keyvm status --json -w guests", "of ./guests, for a program"),
    ]

    @OptionGroup var form: ListingForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        guard let status = try answered() else { return try showStarting() }
        if world.json {
            return try StandardStreams.print(JSONValue.envelope("status", status.members).text + "\n")
        }
        var listing = Listing()
        listing.append("world", world.directory)
        listing.append("state", status.state.rawValue)
        if let pid = status.pid { listing.append("pid", "\(pid)") }
        listing.append("gas clock", form.count(status.gasClock))
        listing.append("processes", "\(status.processes)")
        listing.append("checkpoint", "\(status.checkpoint.id)")
        listing.append("checkpoint age", form.age(status.checkpoint.ageSeconds))
        listing.append("dirty pages", "\(status.checkpoint.dirtyPages)")
        listing.append("journal records", "\(status.journal.records)")
        if let replayed = status.journal.replayed, let seconds = status.journal.replaySeconds {
            listing.append("replayed records", "\(replayed)")
            listing.append("replay time", form.age(seconds))
        }
        if status.pendingBanks > 0 { listing.append("banks that are going", "\(status.pendingBanks)") }
        try form.show(listing)
    }

    /// The status; nil where a host holds the world and takes no requests.
    private func answered() throws(WorldError) -> StatusAnswer? {
        let reach = Reach(directory: world.directory)
        do throws(Reach.Unreached) {
            guard case .status(let status) = try reach.askOnce(.status) else { throw .refused(reach.mismatch(.status)) }
            return status
        } catch {
            switch error {
            case .refused(let refusal): throw refusal
            case .busy: break
            }
        }
        // Whoever held the world may have let go of it in between: then it answers now.
        if reach.isHeldByHost { return nil }
        guard case .status(let status) = try reach.ask(.status) else { throw reach.mismatch(.status) }
        return status
    }

    private func showStarting() throws {
        var pid: Int32?
        if case .inUse(let holder?) = World.condition(at: world.directory) { pid = holder }
        if world.json {
            return try StandardStreams.print(
                JSONValue.envelope(
                    "status",
                    [
                        .init("state", .string(WorldState.starting.rawValue)), .init("pid", JSONValue(pid)),
                        .init("gasClock", .null), .init("processes", .null), .init("checkpoint", .null),
                        .init("journal", .null), .init("pendingBanks", .null),
                    ]
                ).text + "\n")
        }
        var listing = Listing()
        listing.append("world", world.directory)
        listing.append("state", WorldState.starting.rawValue)
        if let pid { listing.append("pid", "\(pid)") }
        try form.show(listing)
    }
}
