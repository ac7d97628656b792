// `keyvm graph`, which is `keyvm key graph`: the graph that keys make.

import ArgumentParser
import Glibc
import World

/// How a graph is drawn.
enum GraphForm: String, EnumerableFlag {
    case dot, svg, png

    static func help(for value: GraphForm) -> ArgumentHelp? {
        switch value {
        case .dot: "As text in Graphviz's language (the default, unless the file's name says another)."
        case .svg: "As an SVG picture, drawn by Graphviz."
        case .png: "As a PNG picture, drawn by Graphviz."
        }
    }
}

/// What both names of the verb take.
struct GraphOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("Only what this process reaches, and who holds keys to it.", valueName: "proc"),
        completion: LiveNames.processes)
    var process: String?

    @Flag var asked: GraphForm?

    @Option(
        name: .customShort("o"), help: ArgumentHelp("Where it goes (default: standard output).", valueName: "file"),
        completion: .file())
    var file: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("With PROC: how many steps along keys are drawn, 1 to 64 (default: 2).", valueName: "n"))
    var steps: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Of more boxes than this those that are alike are one.", valueName: "n"))
    var boxes = 200

    @Option(
        help: ArgumentHelp("How long Graphviz may take.", valueName: "duration"), transform: taking(parsedDuration))
    var timeLimit = Duration.seconds(30)

    @OptionGroup var world: WorldOption

    func validate() throws {
        if let steps {
            guard (1...64).contains(steps) else { throw ValidationError("--steps '\(steps)' is not 1 to 64") }
            guard process != nil else {
                throw ValidationError("--steps is of what is around a process, and none is named")
            }
        }
        if let ending, let asked, ending != asked {
            throw ValidationError("--\(asked.rawValue) goes to a file whose name ends in .\(ending.rawValue)")
        }
        guard boxes >= 0 else { throw ValidationError("--boxes '\(boxes)' is no count of boxes") }
        guard timeLimit > .zero else { throw ValidationError("--time-limit is no time") }
        if file?.isEmpty == true { throw ValidationError("-o names no file") }
    }

    /// What the file's name ends in.
    private var ending: GraphForm? {
        file.flatMap { file in GraphForm.allCases.first { file.hasSuffix(".\($0.rawValue)") } }
    }

    private var drawnAs: GraphForm { asked ?? ending ?? .dot }

    func draw(verb: String) throws {
        if file == nil, drawnAs == .png, !world.json, Terminal.output.takesEscapes {
            throw WorldError.usage(
                "a picture is nothing for a terminal", why: "standard output is one",
                try: "keyvm graph --png -o graph.png")
        }
        let reach = Reach(directory: world.directory)
        let request = Request.graph(GraphRequest(around: process, steps: steps ?? 2, boxes: boxes))
        let found = try withProgress("following keys") { () throws(WorldError) in try reach.ask(request) }
        guard case .graph(let graph) = found else { throw reach.mismatch(request) }
        let text = GraphText(graph).text
        var bytes = Array(text.utf8)
        // Nobody would see it.
        let isDrawn = file != nil || !world.json
        if drawnAs != .dot, isDrawn {
            bytes = try withProgress("drawing \(graph.boxes.count) boxes") { () throws(WorldError) in
                try Graphviz.draw(
                    text, as: drawnAs, timeLimit: timeLimit,
                    fewer:
                        "keyvm graph -w \(quotedForShell(world.directory)) --\(drawnAs.rawValue) --boxes \(graph.boxes.count / 4)"
                )
            }
        }
        if let file { try OutputFile.write(bytes, to: file) }
        if world.json {
            let members = graph.members + [.init("file", JSONValue(file))]
            return try StandardStreams.print(JSONValue.envelope(verb, members).text + "\n")
        }
        if file == nil { try StandardStreams.write(bytes, to: STDOUT_FILENO) }
        if graph.isCollapsed {
            StandardStreams.say(
                "more than \(boxes) boxes: what is alike is one; each on its own: --boxes \(graph.objects)")
        }
    }
}

struct GraphVerb: ReadsPast {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Draw which processes, nodes, banks and pages lead to which, by which keys.",
        discussion: graphDiscussion)

    static let examples = [
        Example("keyvm graph --svg -o world.svg", "the whole world"),
        Example("keyvm graph shell --steps 1", "what shell holds, and who holds keys to it, as text"),
    ]

    @OptionGroup var options: GraphOptions

    var wantsJSON: Bool { options.world.json }

    func run() throws { try options.draw(verb: "graph") }
}

struct KeyGraphVerb: ReadsPast {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "The same as 'keyvm graph'.", discussion: graphDiscussion)

    static let examples = [Example("keyvm key graph --svg -o world.svg", "the whole world")]

    @OptionGroup var options: GraphOptions

    var wantsJSON: Bool { options.world.json }

    func run() throws { try options.draw(verb: "key.graph") }
}

private let graphDiscussion = """
    An arrow is a key, or several, with where they are held and what they let their holder do. Left out are clock, entropy and timer, a \
    process's own console, numbers and discrims, which everybody may have.
    """

extension GraphAnswer {
    fileprivate var members: [JSONValue.Member] {
        [
            .init("collapsed", .bool(isCollapsed)), .init("objects", JSONValue(objects)),
            .init(
                "boxes",
                .array(
                    boxes.map {
                        .object([
                            .init("id", JSONValue($0.id)), .init("kind", .string($0.kind.rawValue)),
                            .init("name", .string($0.name)), .init("bank", JSONValue($0.bank)),
                            .init("state", JSONValue($0.state?.rawValue)), .init("count", JSONValue($0.count)),
                        ])
                    })),
            .init(
                "arrows",
                .array(
                    arrows.map {
                        .object([
                            .init("from", JSONValue($0.from)), .init("to", JSONValue($0.to)),
                            .init("texts", .array($0.texts.map(JSONValue.string))), .init("count", JSONValue($0.count)),
                        ])
                    })),
        ]
    }
}
