// `keyvm bank destroy`: takes a bank apart, or gives what it has to its parent.

import ArgumentParser
import Control
import World

struct BankDestroyVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "Destroy a bank with all that it and those below it hold, or give it to the parent.",
        discussion: """
            With --reclaim the banks above have everything back at once; what is large goes by and by while the world runs, \
            and `keyvm status` counts the banks that are not done. With --return nothing stops: the parent governs from now on.
            """)

    static let examples = [
        Example("keyvm bank destroy -n root/guests --reclaim", "what would go"),
        Example("keyvm bank destroy root/guests --reclaim", "processes, modules, meters, pages, and the banks below"),
        Example("keyvm bank destroy root/guests --return", "only the bank: its parent has the rest"),
    ]

    @Argument(
        help: ArgumentHelp("The bank.", valueName: "path"), completion: LiveNames.banks, transform: taking(parsedPath))
    var path: String

    @Flag(help: "All that it holds goes, its processes and the banks below it too.")
    var reclaim = false

    @Flag(name: .customLong("return"), help: "All that it holds becomes its parent's.")
    var returns = false

    @Flag(name: .customShort("n"), help: "Change nothing; print what would go.")
    var dryRun = false

    @Flag(name: .customShort("y"), help: "Ask nothing.")
    var yes = false

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func validate() throws {
        guard reclaim != returns else { throw ValidationError("one of --reclaim and --return says what becomes of it") }
    }

    func run() throws {
        let design = try form.design(destructionColumns, verb: "bank destroy")
        let reach = Reach(directory: world.directory)
        let disposition: Disposition = reclaim ? .reclaim : .returnToParent
        if dryRun { return try show(try ask(.destruction(path: path, disposition), reach), design) }
        if !yes {
            let command = "keyvm bank destroy -w \(quotedForShell(world.directory))"
            try confirmed(
                "destroy \(path)", what: summary(try ask(.destruction(path: path, disposition), reach)),
                with: "\(command) -y \(path) --\(disposition.rawValue)",
                look: "\(command) -n \(path) --\(disposition.rawValue)")
        }
        let answer = try ask(.destroyBank(path: path, disposition), reach)
        if world.json { return try show(answer, design) }
        StandardStreams.say(summary(answer))
        if answer.pending {
            let when =
                reach.isHeldByHost
                ? "while the world runs" : "when the world runs: keyvm boot -w \(quotedForShell(world.directory))"
            StandardStreams.say("the objects of destroyed banks follow \(when)")
        }
    }

    private func ask(_ request: Request, _ reach: Reach) throws -> DestructionAnswer {
        guard case .destruction(let answer) = try reach.ask(request) else { throw reach.mismatch(request) }
        return answer
    }

    private func show(_ answer: DestructionAnswer, _ design: TableDesign<DestructionItem>) throws {
        if world.json {
            let members = answer.members(answer.items.map(design.sorted))
            return try StandardStreams.print(JSONValue.envelope("bank.destroy", members).text + "\n")
        }
        try form.show(answer.items ?? [], as: design)
        StandardStreams.say(summary(answer))
    }

    private func summary(_ answer: DestructionAnswer) -> String {
        let size = form.size(answer.pages.multipliedReportingOverflow(by: 4096).partialValue)
        let (act, back) = answer.dryRun ? ("would destroy", "would come") : ("destroyed", "came")
        guard let items = answer.items else {
            return "\(act) \(answer.path) with \(form.count(answer.cells)) objects; \(size) \(back) back to those above"
        }
        let words: [(DestructionItem.Kind, String)] = [
            (.bank, "bank"), (.process, "process"), (.module, "module"), (.meter, "meter"),
        ]
        let counts =
            words.compactMap { kind, word -> String? in
                let count = items.count { $0.kind == kind }
                return count > 0 ? counted(count, word) : nil
            }
        let stranded = answer.stranded ?? 0
        let are = answer.dryRun ? "would be" : stranded == 1 ? "is" : "are"
        let others = stranded == 0 ? "" : "; \(counted(Int(stranded), "process")) elsewhere \(are) without a meter"
        return "\(act) \(counts.joined(separator: ", ")); \(size) \(back) back to those above\(others)"
    }
}

/// What is shown of what goes.
private let destructionColumns: [Column<DestructionItem>] = [
    .text("kind", "KIND", .essential) { $0.kind.rawValue },
    .text("name", "NAME", .essential, isFlexible: true, keepsEnd: true) { $0.name },
    .number("pages", "PAGES", .major) { $0.pages },
]
