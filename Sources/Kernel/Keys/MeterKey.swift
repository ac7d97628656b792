// Meter keys: budgets of gas as objects (`specs/keys/meter.md`). The machine settles what its process used before an order is served, and
// looks anew at what there is behind one that changes a meter.

import Objects

package enum MeterOrder: UInt32, Sendable, CaseIterable {
    case weaken = 1
    case figures = 2
    case verify = 3
    case make = 4
    case set = 5
    case refill = 6
    case destroy = 7
    case keeper = 8

    /// What its key has to have.
    package var right: MeterRights {
        switch self {
        case .weaken, .verify: []
        case .figures: .query
        case .make: .run
        case .set, .refill, .keeper: .set
        case .destroy: .destroy
        }
    }
}

extension Kernel {
    /// In a word of `set`: what is there stays.
    private static var gasStays: UInt64 { .max - 1 }

    /// A key to a meter, with all rights.
    package func key(toMeter meter: CellID) throws -> Key {
        .meter(meter, generation: try objects.get(meter, CellHeader.generation))
    }

    func serveMeter(_ key: Key, _ message: Message) throws -> Message {
        guard let order = MeterOrder(rawValue: message.order) else { return Message(.order) }
        guard key.meterRights.isSuperset(of: order.right) else { return Message(.right) }
        let meter = CellID(rawValue: key.id)
        return try answering {
            switch order {
            case .weaken: return Message(weakening: key, message)
            case .figures: return try figuresReply(ofMeter: meter)
            case .verify: return try verify(message.keys[0], by: meter, in: .meters)
            case .make: return try makeMeter(message, below: meter)
            case .set: return try set(message.words[0], weight: message.words[1], of: meter)
            case .refill: try refill(meter, gas: message.words[0])
            case .destroy:
                guard try objects.link(meter, MeterRecord.firstChild).isNone else { return Message(.value) }
                try destroy(meter: meter)
            case .keeper: return try name(keeper: message.keys[0], .meter, of: meter, rights: key.rights)
            }
            return Message(.ok)
        }
    }

    private func figuresReply(ofMeter meter: CellID) throws -> Message {
        let available = try availableGas(meter)
        let record = try objects.cell(meter)
        var reply = Message(
            .ok, available, record.load(MeterRecord.gasLeft), record.load(MeterRecord.gasUsed))
        reply.append(UInt64(record.load(MeterRecord.weight)))
        reply.append(record.load(MeterRecord.processes))
        return reply
    }

    private func makeMeter(_ message: Message, below parent: CellID) throws -> Message {
        let payer = message.keys[0]
        guard payer.bankRights.contains(.allocate) else { return Message(.key) }
        let name = String(decoding: message.bytes, as: UTF8.self)
        guard name.isEmpty || Self.isValid(name: name) else { return Message(.value) }
        let gas = message.words[0]
        let made = try makeMeter(
            below: parent, bank: CellID(rawValue: payer.id), name: name.isEmpty ? nil : name,
            gas: gas == .max ? nil : gas, flags: 0)
        try tell(.meterMade(made))
        return Message(.ok, key: try key(toMeter: made))
    }

    private func set(_ gas: UInt64, weight: UInt64, of meter: CellID) throws -> Message {
        guard weight <= Self.weightBound else { return Message(.value) }
        if weight > 0 { try setWeight(of: meter, to: UInt32(weight)) }
        if gas != Self.gasStays { try setGas(of: meter, to: gas == .max ? nil : gas) }
        return Message(.ok)
    }
}
