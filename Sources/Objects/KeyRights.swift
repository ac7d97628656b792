// What the holder of a key may do with what it designates (`specs/keys/`). Rights are taken away and never given back: whoever hands a key
// on can weaken it, and nobody can strengthen it.

import Store

/// A right by its name.
package struct KeyRight: Sendable {
    package let bit: UInt8
    package let name: String
}

/// The rights of a bank key.
package struct BankRights: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// To buy from it, in whatever form: pages, processes, banks and meters below it.
    package static let allocate = BankRights(rawValue: 1)
    /// To learn what it counts and holds.
    package static let query = BankRights(rawValue: 2)
    /// To set its limits and what is reserved for it.
    package static let setLimits = BankRights(rawValue: 4)
    /// To destroy it, with all that it holds or in favour of its parent.
    package static let destroy = BankRights(rawValue: 8)
    package static let all: BankRights = [.allocate, .query, .setLimits, .destroy]
}

/// The rights of a page key.
package struct PageRights: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let read = PageRights(rawValue: 1)
    package static let write = PageRights(rawValue: 2)
    package static let all: PageRights = [.read, .write]
}

/// The rights of a node key.
package struct NodeRights: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let fetch = NodeRights(rawValue: 1)
    package static let store = NodeRights(rawValue: 2)
    /// What is fetched is what the slot holds; without it, it is weakened.
    package static let strong = NodeRights(rawValue: 4)
    package static let all: NodeRights = [.fetch, .store, .strong]
}

/// The rights of a process key.
package struct ProcessRights: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// To learn what it is, holds and remembers.
    package static let look = ProcessRights(rawValue: 1)
    /// To change what it holds and remembers.
    package static let change = ProcessRights(rawValue: 2)
    /// To stop it, to let it go on, to end and remove it.
    package static let run = ProcessRights(rawValue: 4)
    /// To let others call it.
    package static let invite = ProcessRights(rawValue: 8)
    /// To say who pays for it.
    package static let govern = ProcessRights(rawValue: 16)
    /// To read, write and grow its memory, and nothing else of it.
    package static let memory = ProcessRights(rawValue: 32)
    package static let all: ProcessRights = [.look, .change, .run, .invite, .govern, .memory]
}

/// The rights of a meter key.
package struct MeterRights: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// To put processes on it, and to make meters below it.
    package static let run = MeterRights(rawValue: 1)
    /// To learn what is left of it.
    package static let query = MeterRights(rawValue: 2)
    /// To set and refill it.
    package static let set = MeterRights(rawValue: 4)
    package static let destroy = MeterRights(rawValue: 8)
    package static let all: MeterRights = [.run, .query, .set, .destroy]
}

/// The rights of a forwarder's key.
package struct ForwarderRights: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// To say where it leads; without it, it is a way there.
    package static let control = ForwarderRights(rawValue: 1)
    package static let all: ForwarderRights = .control
}

/// The rights of a checkpoint key.
package struct CheckpointRights: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// To have checkpoints made; without it, to wait until something is durable.
    package static let make = CheckpointRights(rawValue: 1)
    package static let all: CheckpointRights = .make
}

extension Key {
    /// The rights that keys of a kind can have.
    package static func rights(of kind: KeyKind) -> [KeyRight] {
        let names: [String] =
            switch kind {
            case .page: ["read", "write"]
            case .node: ["fetch", "store", "strong"]
            case .bank: ["allocate", "query", "set limits", "destroy"]
            case .forwarder: ["control"]
            case .process: ["look", "change", "run", "invite", "govern", "memory"]
            case .meter: ["run", "query", "set", "destroy"]
            case .checkpoint: ["make"]
            case .void, .number, .start, .resume, .device, .discrim, .sealer, .unsealer: []
            }
        return names.enumerated().map { KeyRight(bit: 1 << UInt8($0), name: $1) }
    }

    /// A key to a bank whose cell has this generation.
    package static func bank(_ bank: CellID, generation: UInt32, rights: BankRights = .all) -> Key {
        Key(.bank, rights: rights.rawValue, generation: generation, id: bank.rawValue)
    }

    /// A key to a page that a program bought.
    package static func page(_ page: PageID, rights: PageRights = .all) -> Key {
        Key(.page, rights: rights.rawValue, id: page.rawValue)
    }

    /// A key to a node whose cell has this generation.
    package static func node(_ node: CellID, generation: UInt32, rights: NodeRights = .all) -> Key {
        Key(.node, rights: rights.rawValue, generation: generation, id: node.rawValue)
    }

    /// A key to a forwarder whose cell has this generation.
    package static func forwarder(
        _ forwarder: CellID, generation: UInt32, rights: ForwarderRights = .all
    ) -> Key {
        Key(.forwarder, rights: rights.rawValue, generation: generation, id: forwarder.rawValue)
    }

    /// A key to a meter whose cell has this generation.
    package static func meter(_ meter: CellID, generation: UInt32, rights: MeterRights = .all) -> Key {
        Key(.meter, rights: rights.rawValue, generation: generation, id: meter.rawValue)
    }

    /// A key to the process of this id.
    package static func process(_ id: UInt64, rights: ProcessRights = .all) -> Key {
        Key(.process, rights: rights.rawValue, id: id)
    }

    package static func checkpoint(_ rights: CheckpointRights = .all) -> Key {
        Key(.checkpoint, rights: rights.rawValue)
    }

    /// None where it is no bank's; likewise of the others.
    package var bankRights: BankRights { kind == .bank ? BankRights(rawValue: rights).intersection(.all) : [] }
    package var pageRights: PageRights { kind == .page ? PageRights(rawValue: rights).intersection(.all) : [] }
    package var nodeRights: NodeRights { kind == .node ? NodeRights(rawValue: rights).intersection(.all) : [] }

    package var processRights: ProcessRights {
        kind == .process ? ProcessRights(rawValue: rights).intersection(.all) : []
    }

    package var meterRights: MeterRights { kind == .meter ? MeterRights(rawValue: rights).intersection(.all) : [] }

    package var checkpointRights: CheckpointRights {
        kind == .checkpoint ? CheckpointRights(rawValue: rights).intersection(.all) : []
    }

    package var forwarderRights: ForwarderRights {
        kind == .forwarder ? ForwarderRights(rawValue: rights).intersection(.all) : []
    }

    /// Whether its holder may do all that there is to do with a page, node or forwarder.
    package var isFull: Bool { pageRights == .all || nodeRights == .all || forwarderRights == .all }

    /// The same key with less rights.
    package func without(_ rights: BankRights) -> Key { without(rights: rights.rawValue) }

    package func without(rights: UInt8) -> Key {
        var weaker = self
        weaker.rights &= ~rights
        return weaker
    }

    /// What comes of a key that is fetched by one that is not strong: nothing that it leads to lets anybody change anything.
    package var weakened: Key {
        switch kind {
        case .void, .number, .discrim: self
        case .page: without(rights: ~PageRights.read.rawValue)
        case .node: without(rights: ~NodeRights.fetch.rawValue)
        case .process, .start, .resume, .bank, .meter, .device, .checkpoint, .sealer, .unsealer, .forwarder: .void
        }
    }
}
