// Bank keys: buying, selling, governing (`specs/keys/bank.md`). What an administrator may ask of a bank goes the same ways.

import Objects
import Store

package enum BankOrder: UInt32, Sendable, CaseIterable {
    case weaken = 1
    case figures = 2
    case verify = 3
    case buy = 4
    case sell = 5
    case sever = 6
    case set = 7
    case destroy = 8
    case keeper = 9
    case adopt = 10
    case process = 11

    /// What its key has to have.
    var right: BankRights {
        switch self {
        case .weaken, .verify: []
        case .figures: .query
        case .buy, .sell, .sever, .adopt, .process: .allocate
        case .set, .keeper: .setLimits
        case .destroy: .destroy
        }
    }
}

extension Kernel {
    /// Banks directly below one that a program returns to its parent.
    private static var returnedBanksBound: Int { 1024 }
    /// In a word of `set`: what is there stays.
    private static var stays: UInt64 { .max - 1 }

    func serveBank(_ key: Key, _ message: Message, by invoker: CellID) throws -> Message {
        guard let order = BankOrder(rawValue: message.order) else { return Message(.order) }
        guard key.bankRights.isSuperset(of: order.right) else { return Message(.right) }
        let bank = CellID(rawValue: key.id)
        return try answering {
            switch order {
            case .weaken: return Message(weakening: key, message)
            case .figures: return try figuresReply(bank)
            case .verify: return try verify(message.keys[0], by: bank, in: .banks)
            case .buy: return try buy(message, bank: bank)
            case .sell: return try sell(message, bank: bank)
            case .sever:
                let old = message.keys[0]
                guard try old.isFull && seller(of: old) == bank else { return Message(.key) }
                return try sever(old).map { Message(.ok, key: $0) } ?? Message(.space)
            case .set: return try set(message, bank: bank)
            case .destroy: return try destroy(message, bank: bank)
            case .adopt:
                let page = message.keys[0]
                guard try page.pageRights == .all && seller(of: page) != nil else { return Message(.key) }
                return Message(.ok, key: .page(try objects.movePage(PageID(rawValue: page.id), to: bank)))
            case .process: return try makeProcess(message, bank: bank, by: invoker)
            case .keeper: return try name(keeper: message.keys[0], .bank, of: bank, rights: key.rights)
            }
        }
    }

    private func figuresReply(_ bank: CellID) throws -> Message {
        let pages = try objects.availablePages(bank) ?? .max
        let cells = try objects.availableCells(bank) ?? .max
        let record = try objects.cell(bank)
        var reply = Message(.ok, pages, cells, record.load(BankRecord.usedPages))
        let fields = [
            BankRecord.limitPages, BankRecord.usedPages, BankRecord.ownPages, BankRecord.reservePages,
            BankRecord.limitCells,
            BankRecord.usedCells, BankRecord.ownCells, BankRecord.processes,
        ]
        for field in fields { reply.append(record.load(field)) }
        return reply
    }

    // MARK: Buying and selling

    /// The kinds of what a program buys, of each key of the reply; nil where one is none that is sold.
    private static func kinds(_ word: UInt64) -> [KeyKind]? {
        guard word >> UInt64(8 * Message.keyCount) == 0 else { return nil }
        let kinds = (0..<Message.keyCount).map { KeyKind(rawValue: UInt8(truncatingIfNeeded: word >> UInt64(8 * $0))) }
        let isSold = kinds.allSatisfy { $0 == .void || $0 == .page || $0 == .node || $0 == .bank || $0 == .forwarder }
        return isSold ? kinds.compactMap(\.self) : nil
    }

    private func buy(_ message: Message, bank: CellID) throws -> Message {
        guard let kinds = Self.kinds(message.words[0]) else { return Message(.value) }
        func count(_ kind: KeyKind) -> UInt64 { UInt64(kinds.count { $0 == kind }) }
        var purchase = Purchase(
            pages: count(.page), nodes: count(.node), banks: count(.bank),
            forwarders: count(.forwarder))
        if !message.bytes.isEmpty {
            purchase.name = String(decoding: message.bytes, as: UTF8.self)
            guard purchase.banks == 1, Self.isValid(name: purchase.name) else { return Message(.value) }
        }
        if purchase.banks > 0 { _ = try depth(ofNew: purchase.name, below: bank, in: .banks) }
        try checkRoom(for: purchase, bank: bank)
        var reply = Message(.ok)
        for (index, kind) in kinds.enumerated() {
            switch kind {
            case .page: reply.keys[index] = try buyPage(bank: bank)
            case .node: reply.keys[index] = try buyNode(bank: bank)
            case .forwarder: reply.keys[index] = try buyForwarder(bank: bank)
            case .bank: reply.keys[index] = try buyBank(below: bank, name: purchase.name)
            default: break
            }
        }
        return reply
    }

    private func sell(_ message: Message, bank: CellID) throws -> Message {
        let keys = (0..<Message.keyCount - 1).map { message.keys[$0] }.filter { $0.kind != .void }
        for key in keys {
            guard try key.isFull && seller(of: key) == bank else { return Message(.key) }
        }
        guard Set(keys).count == keys.count else { return Message(.key) }
        for key in keys { try sell(key) }
        return Message(.ok)
    }

    // MARK: Governing

    private func set(_ message: Message, bank: CellID) throws -> Message {
        func limit(_ word: UInt64) -> UInt64?? { word == Self.stays ? nil : .some(word == .max ? nil : word) }
        let terms = BankTerms(
            limitPages: limit(message.words[0]), limitCells: limit(message.words[1]),
            reservePages: message.words[2] == Self.stays ? nil : message.words[2])
        try set(bank, terms)
        return Message(.ok)
    }

    private func destroy(_ message: Message, bank: CellID) throws -> Message {
        switch message.words[0] {
        case 0: try beginDestroying(bank)
        case 1:
            guard try hasAtMost(Self.returnedBanksBound, below: bank) else { return Message(.value) }
            try checkReturn(of: bank)
            try beginReturning(bank)
        default: return Message(.value)
        }
        try wakeFrozenForSpace()
        return Message(.ok)
    }

    /// Whether so many banks or less are directly below one.
    private func hasAtMost(_ bound: Int, below bank: CellID) throws -> Bool {
        var child = try objects.link(bank, BankRecord.firstChild)
        for _ in 0..<bound where !child.isNone { child = try objects.link(child, BankRecord.nextSibling) }
        return child.isNone
    }
}
