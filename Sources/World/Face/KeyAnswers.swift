// Answers about keys: who holds them, and the graph that they make.

/// A place that holds a key.
public struct KeyStepAnswer: Codable, Sendable, Hashable {
    /// A process's name, or `node:12/3`, `forwarder:12/3`, `bank:root/g`, `meter:root`.
    public var holder: String
    /// `register 6`, `slot 4`, `target`, `keeper`, `memory keeper`, `page 16`.
    public var place: String
}

/// A row of `keyvm key holders`
public struct HolderAnswer: Codable, Sendable, Hashable {
    public var holder: String
    public var place: String
    /// `bank`, `start`, …
    public var kind: String
    /// As whoever comes to it by the path has it, in the words of `key grant`.
    public var key: String
    /// Its rights by their names; empty where its kind has none.
    public var rights: [String]
    /// From a process on, what holds what; empty where the holder is no node and no forwarder. Of a long way the first step and the
    /// last ones.
    public var path: [KeyStepAnswer]
    /// Steps behind the first of `path` that are not in it.
    public var omittedSteps: Int
}

public struct HoldersAnswer: Codable, Sendable, Hashable {
    /// Processes first, oldest first; then what they come to.
    public var items: [HolderAnswer]
    /// How many others there are.
    public var omitted: Int
}

/// What is asked of `keyvm graph`.
public struct GraphRequest: Codable, Sendable, Hashable {
    /// A process, of which is drawn what it reaches in `steps`, and who holds keys to it; nil: the whole world.
    public var around: String?
    /// At least 1.
    public var steps: Int
    /// Of more boxes than this several are one.
    public var boxes: Int

    public init(around: String? = nil, steps: Int = 2, boxes: Int = 200) {
        self.around = around
        self.steps = steps
        self.boxes = boxes
    }
}

/// Something that keys lead to, or that holds them.
public struct GraphBox: Codable, Sendable, Hashable {
    public enum Kind: String, Codable, Sendable {
        case process, node, forwarder, bank, meter, page, checkpoint
        /// All that a bank pays for.
        case banked
    }
    /// Within the graph.
    public var id: Int
    public var kind: Kind
    /// A process's name, a path, `12/3`, a page's number; of several that are one box what their names begin with and `…`.
    public var name: String
    /// The path of the bank that pays; nil of a bank, of a meter and of `checkpoint`.
    public var bank: String?
    /// A process's state.
    public var state: ProcessState?
    /// Objects in it that hold keys or are led to; 1 but where boxes are `isCollapsed`.
    public var count: Int
}

/// Keys from one box to another.
public struct GraphArrow: Codable, Sendable, Hashable {
    /// Ids of boxes.
    public var from: Int
    public var to: Int
    /// Each key with its place, at most eight; where boxes are collapsed each kind.
    public var texts: [String]
    /// How many keys.
    public var count: Int
}

/// `keyvm graph`
public struct GraphAnswer: Codable, Sendable, Hashable {
    public var boxes: [GraphBox]
    public var arrows: [GraphArrow]
    /// Whether several objects are one box: those of one bank, kind and stem of a name, or where those are too many each bank's.
    public var isCollapsed: Bool
    /// How many there are.
    public var objects: Int
}
