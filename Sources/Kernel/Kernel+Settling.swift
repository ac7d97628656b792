// What processes use of their meters, noted at once and debited over the whole chain before anything can see the
// difference, so that a slice costs the same however deep its meter is.
//
// METER-1  A meter's gasUsed is its own processes' plus its children's, once settled.
// METER-2  No process runs on more gas than the least of its chain had when it was given its slice.

import Objects

/// A cache: gone with the host, and nothing that is durable or answered is made before it is settled.
struct Settling {
    /// Gas that a meter's own processes have used and that nobody was debited for.
    var pending: [CellID: UInt64] = [:]
    /// Gas that was used by anybody since the host began.
    var gasEver: UInt64 = 0
    /// What the chain of a meter had left, plus `gasEver` at that moment; `.max`: unlimited. Less than the difference to
    /// `gasEver` now it cannot have become, whoever used how much.
    var headroom: [CellID: UInt64] = [:]
    /// Quanta at a time, by meter.
    var weights: [CellID: UInt32] = [:]

    /// Forgets what is known of meters: one was made, went, was refilled or has another weight.
    mutating func forgetMeters() {
        headroom.removeAll(keepingCapacity: true)
        weights.removeAll(keepingCapacity: true)
    }
}

extension Kernel {
    /// What a process may use of the meter now, at most `wanted`; 0 where the meter, or one above it, is dry. O(1) but
    /// where the chain may be near its end.
    package func gas(of meter: CellID, upTo wanted: UInt64) throws -> UInt64 {
        if let known = settling.headroom[meter] {
            if known == .max || (known > settling.gasEver && known - settling.gasEver >= wanted) { return wanted }
        }
        let available = try availableGas(meter)
        let (sum, overflow) = available.addingReportingOverflow(settling.gasEver)
        settling.headroom[meter] = available == .max || overflow ? .max : sum
        return min(available, wanted)
    }

    /// Notes what a process used of its meter. O(1).
    package func use(_ gas: UInt64, of meter: CellID) {
        guard gas > 0 else { return }
        settling.pending[meter, default: 0] &+= gas
        settling.gasEver &+= gas
    }

    /// Debits every chain for what was noted. O(meters used since the last time × depth).
    package func settleAll() throws {
        guard !settling.pending.isEmpty else { return }
        let pending = settling.pending
        settling.pending.removeAll(keepingCapacity: true)
        for (meter, gas) in pending { try settle(meter, gas: gas) }
    }

    /// Debits every meter of the chain.
    private func settle(_ meter: CellID, gas: UInt64) throws {
        var each = meter
        while !each.isNone {
            let record = try objects.mutableCell(each)
            let left = record.load(MeterRecord.gasLeft)
            if left != .max {
                precondition(left >= gas, "METER-2")
                record.store(left - gas, MeterRecord.gasLeft)
            }
            record.store(record.load(MeterRecord.gasUsed) &+ gas, MeterRecord.gasUsed)
            each = CellID(rawValue: record.load(MeterRecord.parent))
        }
    }

    /// Quanta that processes on a meter have at a time: the product of the weights of its chain, at most `weightBound`.
    /// O(depth) at the first time.
    func weight(ofMeter meter: CellID) throws -> UInt32 {
        if let known = settling.weights[meter] { return known }
        var weight: UInt32 = 1
        var each = meter
        while !each.isNone {
            let record = try objects.cell(each)
            let (product, overflow) = weight.multipliedReportingOverflow(by: max(1, record.load(MeterRecord.weight)))
            weight = overflow ? Self.weightBound : min(product, Self.weightBound)
            each = CellID(rawValue: record.load(MeterRecord.parent))
        }
        settling.weights[meter] = weight
        return weight
    }
}
