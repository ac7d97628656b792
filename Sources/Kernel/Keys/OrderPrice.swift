// What orders cost besides what every invocation does: those that take time with how much there is. It is known, and paid, before they are
// served.

import Objects

/// What an order takes besides what every invocation does.
package struct OrderPrice: Sendable, Equatable {
    package var gas: UInt64 = 0
    /// Pages that it changes at once.
    package var dirtyPages: Int = 0

    package init() {}

    /// Gas for each page, and for each instance, of a process that is looked through, given back, or given to another bank.
    static let page: UInt64 = 64
    static let instance: UInt64 = 512
    /// Gas for each page that is copied.
    static let copy: UInt64 = 256
    /// Gas for a process that is made, and for each byte of a module that it is made from.
    static let process: UInt64 = 4_096
    static let codeByte: UInt64 = 8
}

extension Kernel {
    /// What the order of an invocation takes besides what every one does.
    package func price(of prepared: PreparedInvocation, by process: CellID) throws -> OrderPrice {
        guard let sent = prepared.sent, Invocation.isRegister(prepared.invocation.register),
            isPriced(sent.order), case .kernel(let key) = try invoked(prepared.invocation.register, by: process)
        else { return OrderPrice() }
        switch key.kind {
        case .process: return try price(ofProcessOrder: sent, key, by: process)
        case .bank: return try price(ofBankOrder: sent, key, by: process)
        case .device where key.device == .entropy && sent.order == DeviceOrder.read.rawValue:
            var price = OrderPrice()
            price.gas = 4 * min(sent.words[0], Self.entropyBound)
            return price
        default: return OrderPrice()
        }
    }

    /// Whether an order of this number, of any kind of key, is one that is priced.
    private func isPriced(_ order: UInt32) -> Bool {
        ProcessOrder(rawValue: order)?.isByPages == true || order == BankOrder.process.rawValue
            || order == DeviceOrder.read.rawValue
    }

    private func price(ofProcessOrder sent: MessageHead, _ key: Key, by process: CellID) throws -> OrderPrice {
        guard let order = ProcessOrder(rawValue: sent.order), order.isByPages, order.isAllowed(by: key.processRights),
            let target = try objects.processCell(id: key.id), target != process
        else { return OrderPrice() }
        var price = OrderPrice()
        price.gas =
            OrderPrice.page &* (try countPages(of: target)) &+ OrderPrice.instance
            &* UInt64(try objects.get(target, ProcessRecord.instanceCount))
        if order == .bank, case let bank = try sentKey(0, of: sent, by: process), bank.bankRights.contains(.allocate) {
            price.add(copies: try pagesToCopy(moving: target, to: CellID(rawValue: bank.id)))
        }
        return price
    }

    private func price(ofBankOrder sent: MessageHead, _ key: Key, by process: CellID) throws -> OrderPrice {
        guard sent.order == BankOrder.process.rawValue, key.bankRights.contains(.allocate) else { return OrderPrice() }
        var price = OrderPrice()
        price.gas = OrderPrice.process
        let model = try sentKey(1, of: sent, by: process)
        if model.kind == .process {
            guard let other = try objects.processCell(id: model.id) else { return price }
            price.gas &+= OrderPrice.instance &* UInt64(try objects.get(other, ProcessRecord.instanceCount))
            price.add(copies: try pagesToCopy(moving: other, to: CellID(rawValue: key.id)))
        } else {
            let count = min(sent.words[1], Self.codeBound)
            price.gas &+= OrderPrice.codeByte &* count
            // Binary and images: an element of a table is a byte here and eight there, which lie scattered.
            price.dirtyPages = Int(17 * count / 4096) + 10
        }
        return price
    }

    /// A key that goes along with a message, as its sender's register holds it.
    private func sentKey(_ index: Int, of sent: MessageHead, by process: CellID) throws -> Key {
        let number = sent.registers[index]
        return Invocation.isRegister(number) ? try objects.register(Int(number), of: process) : .void
    }
}

extension OrderPrice {
    mutating func add(copies pages: UInt64) {
        gas &+= Self.copy &* pages
        dirtyPages += Int(clamping: pages)
    }
}
