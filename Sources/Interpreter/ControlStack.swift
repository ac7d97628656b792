// The blocks that enclose the instruction being lowered, and the branches that wait for their ends.

/// One enclosing block.
struct ControlFrame {
    enum Kind { case block, loop, then, otherwise }
    var kind: Kind
    /// Operand height below the block's parameters.
    var height: Int
    var parameterCount: Int
    var resultCount: Int
    /// Code index of a loop's first word.
    var start: Int
    /// The latest branch to the end in `ControlStack.fixups`, or nil.
    var fixup: Int?
    /// Code index of the branch that `if` becomes, while no else was seen.
    var elseBranch: Int?

    /// Values that a branch to its label carries.
    var arity: Int { kind == .loop ? parameterCount : resultCount }
}

/// A branch whose distance is not known yet, in 12 bytes: a function of a few megabytes has millions of them.
struct Fixup {
    private static let none = UInt32.max
    private var wordIndex: UInt32
    private var originIndex: UInt32
    private var nextIndex: UInt32

    /// A branch to an end that others, the latest of them `next`, may wait for too.
    init(word: Int, origin: Int, next: Int? = nil) {
        wordIndex = UInt32(word)
        originIndex = UInt32(origin)
        nextIndex = next.map { UInt32($0) } ?? Self.none
    }

    /// The word that holds the distance.
    var word: Int { Int(wordIndex) }
    /// The operation's first word, from which the distance counts.
    var origin: Int { Int(originIndex) }
    /// Whether the distance lies in the low half of the word: an entry of a branch table, which is never its first word.
    var isTableEntry: Bool { wordIndex != originIndex }
    /// The branch before it to the same end.
    var next: Int? { nextIndex == Self.none ? nil : Int(nextIndex) }
}

/// Enclosing blocks, innermost last.
struct ControlStack {
    private(set) var frames: [ControlFrame] = []
    private(set) var fixups: [Fixup] = []

    var isEmpty: Bool { frames.isEmpty }

    mutating func push(_ frame: ControlFrame) { frames.append(frame) }

    mutating func pop() -> ControlFrame { frames.removeLast() }

    var top: ControlFrame {
        get { frames[frames.count - 1] }
        set { frames[frames.count - 1] = newValue }
    }

    /// The block that label `depth` names.
    func frame(label depth: Int) -> ControlFrame { frames[frames.count - 1 - depth] }

    /// Notes that the branch waits for the end of the block of label `depth`.
    mutating func wait(label depth: Int, word: Int, origin: Int) {
        let index = frames.count - 1 - depth
        fixups.append(Fixup(word: word, origin: origin, next: frames[index].fixup))
        frames[index].fixup = fixups.count - 1
    }
}
