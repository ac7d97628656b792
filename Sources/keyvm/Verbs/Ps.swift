// `keyvm ps`: the processes.

import ArgumentParser
import World

struct PsVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "ps", abstract: "List the world's processes, oldest first, those that have ended too.")

    static let examples = [
        Example("keyvm ps", "a table"),
        Example("keyvm ps -H -p", "tabs and exact numbers, for a script"),
        Example("keyvm ps --json", "for a program"),
    ]

    @OptionGroup var form: TableForm
    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func run() throws {
        let reach = Reach(directory: world.directory)
        guard case .processes(let answer) = try reach.ask(.processes) else { throw reach.mismatch(.processes) }
        if world.json {
            return try StandardStreams.print(JSONValue.envelope("ps", items: answer.items.map(\.members)).text + "\n")
        }
        try form.show(processTable(answer.items, form: form))
    }
}

/// Processes as a table.
func processTable(_ processes: [ProcessAnswer], form: TableForm) -> Table {
    var table = Table(columns: [
        .init("ID", isNumber: true), .init("NAME", isFlexible: true), .init("STATE"),
        .init("GAS USED", isNumber: true), .init("GAS LEFT", isNumber: true), .init("PAGES", isNumber: true),
        .init("BANK", isFlexible: true), .init("METER", isFlexible: true), .init("EXIT", isNumber: true),
    ])
    for process in processes {
        table.append([
            "\(process.id)", process.name, process.state.rawValue, form.count(process.gasUsed),
            process.gasLeft.map { form.count($0) } ?? (form.exact ? "none" : "-"), "\(process.pages)", process.bank,
            process.meter, process.exitCode.map { "\($0)" } ?? "-",
        ])
    }
    return table
}
