// What is answered about how two states of a world differ.

import FoundationEssentials

/// What to compare a kept checkpoint with, and how closely.
public struct DifferenceRequest: Codable, Sendable, Hashable {
    /// The kept checkpoint, `@` and its name or its number.
    public var from: String
    /// A later one, likewise; nil: what is so now.
    public var to: String?
    /// Also which pages changed.
    public var listsPages: Bool
    /// The bytes of this page, too.
    public var page: UInt64?

    public init(from: String, to: String? = nil, listsPages: Bool = false, page: UInt64? = nil) {
        self.from = from
        self.to = to
        self.listsPages = listsPages
        self.page = page
    }
}

/// How two states of a world differ
public struct DifferenceAnswer: Codable, Sendable, Hashable {
    /// Something as it was and as it is; nil where it was not there.
    public struct Change<Row: Codable & Sendable & Hashable>: Codable, Sendable, Hashable {
        public var before: Row?
        public var after: Row?

        init(_ before: Row?, _ after: Row?) { (self.before, self.after) = (before, after) }
    }

    /// A process, and pages of its own that changed: its memory, stack, tables, log and input.
    public struct ProcessChange: Codable, Sendable, Hashable {
        public var row: Change<ProcessAnswer>
        public var pages: UInt64
    }

    public struct ModuleRow: Codable, Sendable, Hashable {
        /// SHA-256, 64 hexadecimal digits.
        public var hash: String
        public var bytes: UInt64
    }

    /// A place where a key is, of which it holds another.
    public struct KeyChange: Codable, Sendable, Hashable {
        /// A process's name, or a node.
        public var holder: String
        public var slot: Int
        /// Kind, and what it leads to; nil: void.
        public var before: String?
        public var after: String?
    }

    /// How many pages of a use.
    public struct PageCount: Codable, Sendable, Hashable {
        /// `memory`, `stack`, `log`, …; `records`: of processes, banks and the rest; `kernel`: its tables.
        public var use: String
        public var changed: UInt64 = 0
        public var made: UInt64 = 0
        public var gone: UInt64 = 0
    }

    public struct PageChange: Codable, Sendable, Hashable {
        public enum Kind: String, Codable, Sendable { case changed, made, gone }
        public var id: UInt64
        public var kind: Kind
        public var use: String
        /// Whose it is: a process's name, or a module's SHA-256; nil: the kernel's own.
        public var owner: String?
        /// The place of its first byte in what it is a page of; nil: it is a page by itself.
        public var offset: UInt64?
    }

    /// The 4,096 bytes of a page; nil where it was not there.
    public struct PageBytes: Codable, Sendable, Hashable {
        public var change: PageChange
        public var before: Data?
        public var after: Data?
    }

    public var from: CheckpointAnswer
    /// nil: what is so now.
    public var to: CheckpointAnswer?
    /// Of the later one.
    public var gasClock: UInt64
    public var processes: [ProcessChange] = []
    public var banks: [Change<BankAnswer>] = []
    public var meters: [Change<MeterAnswer>] = []
    public var modules: [Change<ModuleRow>] = []
    public var keys: [KeyChange] = []
    /// Of each use of which there is something.
    public var pages: [PageCount] = []
    /// By ascending id, at most 10,000; nil: they were not asked for.
    public var pageItems: [PageChange]?
    /// What was asked of one page; nil: nothing was.
    public var bytes: PageBytes?
}
