// The figures in commands that are proposed, so that they work as they stand.

/// Rounded to what a person would type.
package enum Proposal {
    /// A limit of bytes with room for what was refused: twice the limit, or more where that is not enough.
    package static func size(limit: UInt64, needed: UInt64) -> String {
        let bytes = grown(limit, needed)
        return bytes >= 1 << 20 ? "\((bytes + (1 << 20) - 1) >> 20)MiB" : "\((bytes + 4095) / 4096 * 4)KiB"
    }

    /// The same of objects.
    package static func count(limit: UInt64, needed: UInt64) -> String { "\(grown(limit, needed))" }

    /// As much gas as was used, in a round figure: a million at least.
    package static func gas(used: UInt64) -> String {
        var millions: UInt64 = 1
        while millions < 1_000_000_000, millions * 1_000_000 < used { millions *= 10 }
        return millions >= 1_000 ? "\(millions / 1_000)G" : "\(millions)M"
    }

    private static func grown(_ limit: UInt64, _ needed: UInt64) -> UInt64 {
        let (twice, overflows) = limit.multipliedReportingOverflow(by: 2)
        return min(max(overflows ? limit : twice, needed), 1 << 62)
    }
}
