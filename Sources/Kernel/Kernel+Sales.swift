// What banks sell to programs by their keys, and take back: pages, nodes and forwarders, and the banks that a program makes (`specs/keys/bank.md`).
// A sale is looked at as a whole before anything of it is done.

import Objects
import Store

/// What is bought at once: so many of each.
struct Purchase {
    var pages: UInt64 = 0
    var nodes: UInt64 = 0
    var banks: UInt64 = 0
    var forwarders: UInt64 = 0
    /// Of the one bank that is bought; empty: one is made up.
    var name = ""
}

extension Kernel {
    /// Whether a bank has room for a purchase, and the kernel for what it takes besides. Throws `bankExhausted`.
    func checkRoom(for purchase: Purchase, bank: CellID) throws {
        let pots =
            try objects.potPages(forCells: Int(purchase.nodes), .node, bank: bank)
            + objects.potPages(forCells: Int(purchase.banks + purchase.forwarders), .record, bank: bank)
        let strips = try objects.newStrips(bank: bank, pots: pots, dataPages: purchase.pages)
        try objects.checkRoom(
            bank, pages: purchase.pages + pots, cells: purchase.nodes + purchase.banks + purchase.forwarders,
            kernelPages: try objects.stripMapGrowth(strips: strips))
    }

    /// A page for a program: a key to it with all rights.
    func buyPage(bank: CellID) throws -> Key { .page(try objects.buyDataPage(bank: bank)) }

    /// A node with void slots: a key to it with all rights.
    func buyNode(bank: CellID) throws -> Key {
        let node = try objects.buyCell(.node, bank: bank)
        return .node(node, generation: try objects.get(node, CellHeader.generation))
    }

    /// A forwarder that leads nowhere: a key to it with all rights.
    func buyForwarder(bank: CellID) throws -> Key {
        let forwarder = try objects.buyCell(.forwarder, bank: bank)
        return .forwarder(forwarder, generation: try objects.get(forwarder, CellHeader.generation))
    }

    /// A bank without limits of its own below another, for which there is room. Throws what `depth(ofNew:)` does.
    func buyBank(below parent: CellID, name: String) throws -> Key {
        let made = try makeBank(below: parent, name: name.isEmpty ? nil : name, limitPages: nil, flags: 0)
        try tell(.bankMade(made))
        return try key(toBank: made)
    }

    /// The bank that sold what a key to a page, node or forwarder leads to; nil where it leads to none of them.
    func seller(of key: Key) throws -> CellID? {
        switch key.kind {
        case .page:
            let strip = try objects.record(of: StripID(holding: .init(rawValue: key.id)))
            // One of a process's memory or code is its own, and nobody's to sell.
            guard strip.load(StripRecord.use) == StripUse.data.rawValue else { return nil }
            return CellID(rawValue: strip.load(StripRecord.bank))
        case .node, .forwarder: return try objects.payer(of: CellID(rawValue: key.id))
        default: return nil
        }
    }

    /// Takes back a page, node or forwarder.
    func sell(_ key: Key) throws {
        if key.kind == .page { return try objects.sellPage(PageID(rawValue: key.id)) }
        let holder = CellID(rawValue: key.id)
        try clearSlots(of: holder, key.kind == .node ? .node : .forwarder)
        try objects.sellCell(holder)
    }

    /// A new key to the contents of a page, node or forwarder, which every other key is void to from now on; nil where a cell's place is used up.
    /// Throws `bankExhausted`, and then nothing has changed.
    func sever(_ key: Key) throws -> Key? {
        if key.kind != .page {
            guard key.generation < .max - 1 else { return nil }
            var new = key
            new.generation += 1
            try objects.set(CellID(rawValue: key.id), CellHeader.generation, new.generation)
            return new
        }
        return .page(try objects.renamePage(PageID(rawValue: key.id)))
    }
}
