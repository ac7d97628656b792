// Where keys are held: all that anybody reaches anything by.

import Objects

/// A place that holds a key.
package enum KeyPlace: Hashable, Sendable {
    /// Of a process.
    case register(Int)
    /// Of a node.
    case slot(Int)
    /// Of a forwarder: what it leads to.
    case target
    /// Of a process, a bank or a meter: who is told when it cannot go on.
    case keeper
    /// Of the memory that this instance of a process defines.
    case memoryKeeper(instance: Int)
    /// In the memory that this instance of a process defines.
    case mapped(page: UInt64, instance: Int)
}

/// A key, and where it is held.
package struct HeldKey: Hashable, Sendable {
    package let place: KeyPlace
    package let key: Key
}

extension Kernel {
    /// The keys that a process, node, forwarder, bank or meter holds, without those that are void.
    package func heldKeys(of holder: CellID) throws -> [HeldKey] {
        var found: [HeldKey] = []
        func add(_ key: Key, _ place: KeyPlace) throws {
            if key.kind != .void, try !objects.isVoid(key) { found.append(HeldKey(place: place, key: key)) }
        }
        let kind = try objects.kind(of: holder)
        switch kind {
        case .process:
            for index in 0..<ProcessRecord.registerCount {
                try add(try objects.register(index, of: holder), .register(index))
            }
            try add(try keeper(.process, of: holder), .keeper)
            for (number, instance) in try instances(of: holder).enumerated() {
                try add(try keeper(.memory, of: instance), .memoryKeeper(instance: number))
                try objects.forEachMapped(of: instance) { page, key in
                    try add(key, .mapped(page: page, instance: number))
                }
            }
        case .node: for slot in 0..<NodeRecord.keyCount { try add(try objects.slot(slot, of: holder), .slot(slot)) }
        case .forwarder: try add(try objects.slot(0, of: holder), .target)
        case .bank: try add(try keeper(.bank, of: holder), .keeper)
        case .meter: try add(try keeper(.meter, of: holder), .keeper)
        case .module, .instance, nil: break
        }
        return found
    }

    /// Every bank and every meter of the trees.
    package func trees() throws -> [CellID] {
        try cells(from: rootBank, path: "", recursive: true, in: .banks).map(\.cell)
            + cells(from: rootMeter, path: "", recursive: true, in: .meters).map(\.cell)
    }
}
