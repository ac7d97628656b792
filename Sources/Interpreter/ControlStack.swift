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

/// A branch whose distance is not known yet.
struct Fixup {
    /// The word that holds the distance.
    var word: Int
    /// The operation's first word, from which the distance counts.
    var origin: Int
    /// Whether the distance lies in the low half of the word (an entry of a branch table).
    var isTableEntry: Bool
    /// The branch before it to the same end.
    var next: Int?
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
    mutating func wait(label depth: Int, word: Int, origin: Int, isTableEntry: Bool) {
        let index = frames.count - 1 - depth
        fixups.append(Fixup(word: word, origin: origin, isTableEntry: isTableEntry, next: frames[index].fixup))
        frames[index].fixup = fixups.count - 1
    }
}
