// Writes quantities for people: short, rounded, three significant digits. Exact numbers are `-p` and `--json`.

import Glibc

/// Bytes as `512B`, `1.5KiB`, `12MiB`.
package func humanSize(_ bytes: UInt64) -> String {
    rounded(bytes, steps: [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]) ?? "\(bytes)B"
}

/// A count as `999`, `12.3k`, `4.5M`, `2G`.
package func humanCount(_ count: UInt64) -> String {
    rounded(count, steps: [("T", 1_000_000_000_000), ("G", 1_000_000_000), ("M", 1_000_000), ("k", 1_000)])
        ?? "\(count)"
}

/// Seconds as `0.2s`, `4s`, `3m`, `5h`, `2d`.
package func humanAge(seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0 else { return "-" }
    switch seconds {
    case ..<1: return "\(tenths(seconds))s"
    case ..<120: return "\(Int(seconds))s"
    case ..<7_200: return "\(Int(seconds / 60))m"
    case ..<172_800: return "\(Int(seconds / 3_600))h"
    default: return "\(Int(min(seconds, 1e15) / 86_400))d"
    }
}

/// Seconds since 1970 as `2026-11-21 12:31:05`, UTC.
package func humanTime(secondsSince1970: Double) -> String {
    guard secondsSince1970.isFinite, abs(secondsSince1970) < 1e11 else { return "-" }
    var seconds = time_t(secondsSince1970.rounded(.down))
    var parts = tm()
    guard gmtime_r(&seconds, &parts) != nil else { return "-" }
    let day = "\(1_900 + parts.tm_year)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    return "\(day) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
}

/// A byte offset as `0x1a2b`.
package func hexadecimal(_ value: Int) -> String { "0x" + String(value, radix: 16) }

private func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }

private func rounded(_ value: UInt64, steps: [(unit: String, size: UInt64)]) -> String? {
    guard let step = steps.first(where: { value >= $0.size }) else { return nil }
    let quotient = Double(value) / Double(step.size)
    return (quotient < 100 ? tenths(quotient) : "\(Int(quotient))") + step.unit
}

/// One digit after the point, cut and not rounded up, and none where it is 0.
private func tenths(_ value: Double) -> String {
    let tenths = Int(value * 10)
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
}
