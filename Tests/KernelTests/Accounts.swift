// Meters by their cells, where tests ask of them what machines ask of the accounts that they keep.

import Kernel
import Objects

extension Kernel {
    func gas(of meter: CellID, upTo wanted: UInt64) throws -> UInt64 {
        try gas(of: account(ofMeter: meter), upTo: wanted)
    }

    func use(_ gas: UInt64, of meter: CellID) { use(gas, of: account(ofMeter: meter)) }
}
