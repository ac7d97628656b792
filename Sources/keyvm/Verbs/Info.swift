// `keyvm info`: what the store and the host hold.

import ArgumentParser
import World

struct InfoVerb: ReadsPast {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Show what the store and the host's memory hold.")

    static let examples = [
        Example("keyvm info", "of ./world"),
        Example("keyvm info -p", "in exact numbers"),
    ]

    @OptionGroup var form: ListingForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let reach = Reach(directory: world.directory)
        guard case .info(let info) = try reach.ask(.info) else { throw reach.mismatch(.info) }
        if world.json { return try StandardStreams.print(JSONValue.envelope("info", info.members).text + "\n") }
        var listing = Listing()
        listing.append("world", info.world)
        if let branch = info.branch { listing.append("branch", branch) }
        listing.append("format", "\(info.format)")
        listing.append("file", form.size(info.fileBytes))
        listing.append("map", form.size(info.mapBytes))
        listing.append("old pages", "\(info.oldPages ?? 0)")
        listing.append("live pages", "\(info.livePages)")
        listing.append("slots", "\(info.slots)")
        listing.append("segments", "\(info.segments)")
        listing.append("delta entries", "\(info.deltaEntries)")
        listing.append("resident pages", "\(info.residentPages)")
        listing.append("dirty pages", "\(info.dirtyPages)")
        listing.append("dirty budget", form.size(UInt64(max(0, info.dirtyBudgetPages)) << 12))
        listing.append("page-ins", form.count(info.pageIns))
        listing.append("root limit", form.size(info.rootLimitBytes))
        listing.append("root used", form.size(info.rootUsedBytes))
        listing.append("made for hosts of", form.size(info.memoryBytes))
        listing.append("gas of a quantum", form.count(info.quantumGas))
        listing.append("loaded processes", "\(info.loadedProcesses) of \(info.loadedProcessLimit)")
        listing.append("loaded instances", "\(info.loadedInstances) of \(info.loadedInstanceLimit)")
        listing.append("loaded modules", "\(form.size(info.loadedBytes)) of \(form.size(info.loadedByteLimit))")
        try form.show(listing)
    }
}
