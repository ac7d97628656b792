// What `keyvm fsck` finds: what is wrong, what is left of destroyed banks, what nobody reaches.

/// `keyvm fsck`
public struct FsckAnswer: Codable, Sendable, Hashable {
    public struct Problem: Codable, Sendable, Hashable {
        /// The invariant's id, `specs/invariants.md`.
        public var invariant: String
        public var object: String
        public var text: String
    }
    /// What is left of a destroyed bank and those below it.
    public struct Pending: Codable, Sendable, Hashable {
        /// Its name before it was destroyed, or `returning to PATH` where everything is on its way to the parent.
        public var bank: String
        public var pages: UInt64
        public var cells: UInt64
    }
    /// A cell that no key, list or tree leads to, with its spaces, or what is left of one that is gone. It is no damage: its bank
    /// pays for it until it is destroyed.
    public struct Unreachable: Codable, Sendable, Hashable {
        public var object: String
        /// Path of the bank that pays.
        public var bank: String
        /// Pages of its spaces; its cell is in a page that others share.
        public var pages: UInt64
    }
    public var problems: [Problem]
    public var pending: [Pending]
    /// The first 1,000.
    public var unreachable: [Unreachable]
    /// How many there are.
    public var unreachableCount: UInt64
    public var pages: UInt64
    public var cells: UInt64
    public var keys: UInt64
    public var banks: UInt64
}
