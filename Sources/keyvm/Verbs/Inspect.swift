// `keyvm inspect`: one process, all that is known of it.

import ArgumentParser
import Control
import World

struct InspectVerb: ReadsPast {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show all that is known of a process: where it stands, what it holds.")

    static let examples = [
        Example("keyvm inspect hello", "by name"),
        Example("keyvm inspect 7", "by id"),
    ]

    @Argument(
        help: ArgumentHelp("Name, id, or unique prefix of either.", valueName: "proc"),
        completion: LiveNames.processes)
    var process: String

    @OptionGroup var form: ListingForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let reach = Reach(directory: world.directory)
        let request = Request.inspect(process: process)
        guard case .inspect(let answer) = try reach.ask(request) else { throw reach.mismatch(request) }
        if world.json {
            let next = NextStep(answer, directory: world.directory)
            let members = answer.members + [.init("try", JSONValue(next?.command))]
            return try StandardStreams.print(JSONValue.envelope("inspect", members).text + "\n")
        }
        try form.show(listing(answer))
    }

    /// Whether it is in the working set, or on its way there.
    private func loaded(_ answer: InspectAnswer) -> String {
        if answer.isLoaded { return "yes" }
        return answer.loadGasPaid == 0
            ? "no" : "no; \(form.count(answer.loadGasPaid)) of \(form.count(answer.loadGas)) gas of its turns given"
    }

    private func listing(_ answer: InspectAnswer) -> Listing {
        let process = answer.process
        var listing = Listing()
        listing.append("id", "\(process.id)")
        listing.append("name", process.name)
        if let handle = answer.handle { listing.append("handle", handle) }
        listing.append("state", process.state.rawValue)
        if let code = process.exitCode { listing.append("exit code", "\(code)") }
        if let fault = answer.fault { listing.append("fault", fault) }
        if let reason = answer.waitsFor { listing.append("waits for", reason) }
        if let lack = answer.lacks { listing.append("lacks", process.meter == nil ? "it has no meter" : lack.text) }
        for (depth, place) in answer.callStack.enumerated() {
            listing.append(depth == 0 ? "stands in" : "called from", place.text)
        }
        if let segment = answer.segment { listing.append("stands before", segment.text) }
        listing.append("arguments", answer.arguments.map(quotedForShell).joined(separator: " "))
        listing.append("gas used", form.count(process.gasUsed))
        listing.append("gas left", process.gasLeft.map { form.count($0) } ?? (form.exact ? "none" : "unlimited"))
        listing.append("bank", process.bank)
        listing.append("meter", process.meter ?? "none; keyvm meter move gives it one")
        listing.append("pages", "\(process.pages)")
        listing.append("memory", form.size(answer.memoryBytes))
        listing.append("memory pages written", "\(answer.memoryPagesWritten)")
        listing.append("loaded", loaded(answer))
        listing.append("input unread", form.size(answer.inputBytes) + (answer.inputEnded ? ", ended" : ""))
        listing.append("log", "\(form.size(answer.logBytes)) of \(form.size(answer.logLimitBytes))")
        listing.append("module", "\(answer.moduleHash), \(form.size(answer.moduleBytes))")
        for module in answer.links {
            listing.append("linked to", "\(module.link ?? ""), \(module.hash), \(form.size(module.bytes))")
        }
        listing.append("registers", answer.registers.map(\.text).joined(separator: ", "))
        if let advice = NextStep(answer, directory: world.directory) { listing.append("try", advice.command) }
        return listing
    }
}
