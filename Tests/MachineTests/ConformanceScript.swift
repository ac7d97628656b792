// A script's values as slots.

import ConformanceSuite
import Interpreter

extension ConformanceScript.Value {
    /// The slot that it is; nil for a value that is not one slot in particular.
    var slot: UInt64? {
        guard let value else { return nil }
        switch type {
        case "funcref": return value == "null" ? 0 : UInt32(value).map { Reference.function($0) }
        case "externref": return value == "null" ? 0 : UInt32(value).map { Reference.external($0) }
        case "f32" where value.hasPrefix("nan"): return 0x7FC0_0000
        case "f64" where value.hasPrefix("nan"): return 0x7FF8_0000_0000_0000
        default: return UInt64(value)
        }
    }
}
