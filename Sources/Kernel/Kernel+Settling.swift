// What processes use of their meters, noted at once and debited over the whole chain before anything can see the
// difference, so that a slice costs the same however deep its meter is.
//
// METER-1  A meter's gasUsed is its own processes' plus its children's, once settled.
// METER-2  No process runs on more gas than the least of its chain had when it was given its slice.

import Objects

/// What is known of a meter, and what its own processes have used that nobody was debited for.
package final class MeterAccount {
    /// None: of processes that have no meter any more.
    package let meter: CellID
    fileprivate var pending: UInt64 = 0
    /// What the chain of the meter had left, plus `gasEver` at that moment; `.max`: unlimited. Less than the difference to
    /// `gasEver` now it cannot have become, whoever used how much. 0: not known.
    fileprivate var headroom: UInt64 = 0
    fileprivate var weight: UInt32?

    fileprivate init(meter: CellID) { self.meter = meter }
}

/// A cache: gone with the host, and nothing that is durable or answered is made before it is settled.
final class Settling {
    fileprivate var accounts: [CellID: MeterAccount] = [:]
    /// Those with something that nobody was debited for.
    fileprivate var unsettled: [MeterAccount] = []
    /// Gas that was used by anybody since the host began.
    fileprivate var gasEver: UInt64 = 0
    /// What is known of meters, and who runs on which, is good while this is the same.
    fileprivate(set) var edition: UInt64 = 0

    /// Forgets what is known of meters: one was made, went, was refilled or has another weight, or somebody runs on another. All is
    /// settled, or will be by who holds an account.
    func forgetMeters() {
        accounts.removeAll(keepingCapacity: true)
        edition &+= 1
    }
}

extension Kernel {
    /// The account of the meter that a process runs on. Good while `meterEdition` is the same.
    package func account(of process: CellID) throws -> MeterAccount { account(ofMeter: try meter(of: process)) }

    package var meterEdition: UInt64 { settling.edition }

    package func account(ofMeter meter: CellID) -> MeterAccount {
        if let known = settling.accounts[meter] { return known }
        let account = MeterAccount(meter: meter)
        settling.accounts[meter] = account
        return account
    }

    /// What a process may use of the meter now, at most `wanted`; 0 where the meter, or one above it, is dry, or there is none. O(1) but
    /// where the chain may be near its end.
    package func gas(of account: MeterAccount, upTo wanted: UInt64) throws -> UInt64 {
        let known = account.headroom
        if known == .max || (known > settling.gasEver && known - settling.gasEver >= wanted) { return wanted }
        let available = try availableGas(account.meter)
        let (sum, overflow) = available.addingReportingOverflow(settling.gasEver)
        account.headroom = available == .max || overflow ? .max : sum
        return min(available, wanted)
    }

    /// Notes what a process used of its meter. O(1).
    package func use(_ gas: UInt64, of account: MeterAccount) {
        guard gas > 0 else { return }
        if account.pending == 0 { settling.unsettled.append(account) }
        account.pending &+= gas
        settling.gasEver &+= gas
    }

    /// Debits every chain for what was noted. O(meters used since the last time × depth).
    package func settleAll() throws {
        guard !settling.unsettled.isEmpty else { return }
        let unsettled = settling.unsettled
        settling.unsettled.removeAll(keepingCapacity: true)
        for account in unsettled {
            let gas = account.pending
            account.pending = 0
            try settle(account.meter, gas: gas)
        }
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
        let account = account(ofMeter: meter)
        if let known = account.weight { return known }
        var weight: UInt32 = 1
        var each = meter
        while !each.isNone {
            let record = try objects.cell(each)
            let (product, overflow) = weight.multipliedReportingOverflow(by: max(1, record.load(MeterRecord.weight)))
            weight = overflow ? Self.weightBound : min(product, Self.weightBound)
            each = CellID(rawValue: record.load(MeterRecord.parent))
        }
        account.weight = weight
        return weight
    }
}
