// The graph of keys in Graphviz's language.

import World

struct GraphText {
    private let graph: GraphAnswer

    init(_ graph: GraphAnswer) { self.graph = graph }

    var text: String {
        var lines = [
            "digraph keyvm {", "  rankdir=LR;",
            "  node [shape=box, style=filled, fillcolor=white, fontname=\"Helvetica\", fontsize=11];",
            "  edge [fontname=\"Helvetica\", fontsize=9, color=\"#555555\"];",
        ]
        // Where all is one bank's nobody has to be told.
        let banks = Set(graph.boxes.compactMap(\.bank))
        for box in graph.boxes { lines.append("  b\(box.id) [\(Self.attributes(box, namesBank: banks.count > 1))];") }
        for arrow in graph.arrows {
            var texts = arrow.texts
            if texts.count < arrow.count {
                if graph.isCollapsed {
                    texts = ["\(arrow.count): " + texts.joined(separator: ", ")]
                } else {
                    texts.append("… \(arrow.count) keys")
                }
            }
            lines.append("  b\(arrow.from) -> b\(arrow.to) [label=\(Self.quoted(texts))];")
        }
        return lines.joined(separator: "\n") + "\n}\n"
    }

    private static func attributes(_ box: GraphBox, namesBank: Bool) -> String {
        var words = [box.name]
        if box.count > 1, box.kind != .banked { words = ["\(box.count)", box.name] }
        if namesBank, let bank = box.bank, box.kind != .banked { words.append("of \(bank)") }
        switch box.kind {
        case .process:
            if let state = box.state { words.insert(state.rawValue, at: words.count > 1 ? words.count - 1 : 1) }
            return "label=\(quoted(words)), style=\"filled,rounded\", fillcolor=\"\(colour(box.state))\""
        case .node: return "label=\(quoted(["node"] + words)), fillcolor=\"#fff6d5\""
        case .forwarder:
            return "label=\(quoted(["forwarder"] + words)), shape=cds, margin=\"0.25,0.1\", fillcolor=\"#fff6d5\""
        case .bank: return "label=\(quoted(["bank"] + words)), shape=cylinder, fillcolor=\"#e3ecfa\""
        case .meter: return "label=\(quoted(["meter"] + words)), shape=hexagon, fillcolor=\"#e3ecfa\""
        case .page: return "label=\(quoted(["page"] + words)), shape=note"
        case .checkpoint: return "label=\(quoted(words)), shape=octagon, fillcolor=\"#e3ecfa\""
        case .banked:
            let count = box.count == 1 ? "1 object" : "\(box.count) objects"
            return "label=\(quoted(["bank", box.name, count])), shape=folder, fillcolor=\"#e3ecfa\""
        }
    }

    private static func colour(_ state: ProcessState?) -> String {
        switch state {
        case .ready: "#d8f0d8"
        case .waiting, nil: "#f4f4f4"
        case .frozenGas, .frozenSpace: "#d5ecff"
        case .stopped, .exited: "#dddddd"
        case .faulted: "#ffd6d6"
        }
    }

    /// Lines as a string of the language.
    private static func quoted(_ lines: [String]) -> String {
        let escaped = lines.map { $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") }
        return "\"" + escaped.joined(separator: "\\n") + "\""
    }
}
