// What each value instruction computes, as Swift expressions over its operands X and Y, for the exact engine. Integer
// operands are bits; `slot` zero-extends a result and makes NaNs canonical (FloatSemantics.swift).

/// The code of value instructions by identifier.
enum EngineSemantics {
    /// Expressions of one result; X is the first operand, Y the second.
    static let expressions: [String: String] = {
        var all = [
            "i32WrapI64": "u32(X)", "i64ExtendI32S": "Int64(s32(X))", "f32DemoteF64": "Float(f64(X))",
            "f64PromoteF32": "Double(f32(X))", "i64Extend32S": "Int64(s32(X))",
            "f32Abs": "u32(X) & 0x7FFF_FFFF", "f32Neg": "u32(X) ^ 0x8000_0000",
            "f64Abs": "X & 0x7FFF_FFFF_FFFF_FFFF", "f64Neg": "X ^ 0x8000_0000_0000_0000",
            "f32Copysign": "(u32(X) & 0x7FFF_FFFF) | (u32(Y) & 0x8000_0000)",
            "f64Copysign": "(X & 0x7FFF_FFFF_FFFF_FFFF) | (Y & 0x8000_0000_0000_0000)",
        ]
        for (type, unsigned, signed, word) in [("i32", "u32", "s32", "Int32"), ("i64", "UInt64", "s64", "Int64")] {
            for (name, sign) in [("Add", "&+"), ("Sub", "&-"), ("Mul", "&*"), ("And", "&"), ("Or", "|"), ("Xor", "^")] {
                all[type + name] = "\(unsigned)(X) \(sign) \(unsigned)(Y)"
            }
            for (name, sign) in [("Lt", "<"), ("Gt", ">"), ("Le", "<="), ("Ge", ">=")] {
                all[type + name + "S"] = "\(signed)(X) \(sign) \(signed)(Y)"
                all[type + name + "U"] = "\(unsigned)(X) \(sign) \(unsigned)(Y)"
            }
            all[type + "Eq"] = "\(unsigned)(X) == \(unsigned)(Y)"
            all[type + "Ne"] = "\(unsigned)(X) != \(unsigned)(Y)"
            all[type + "Eqz"] = "\(unsigned)(X) == 0"
            all[type + "Shl"] = "\(unsigned)(X) &<< \(unsigned)(Y)"
            all[type + "ShrS"] = "\(signed)(X) &>> \(signed)(Y)"
            all[type + "ShrU"] = "\(unsigned)(X) &>> \(unsigned)(Y)"
            all[type + "Rotl"] = "(\(unsigned)(X) &<< \(unsigned)(Y)) | (\(unsigned)(X) &>> (0 &- \(unsigned)(Y)))"
            all[type + "Rotr"] = "(\(unsigned)(X) &>> \(unsigned)(Y)) | (\(unsigned)(X) &<< (0 &- \(unsigned)(Y)))"
            all[type + "Clz"] = "UInt64(truncatingIfNeeded: \(unsigned)(X).leadingZeroBitCount)"
            all[type + "Ctz"] = "UInt64(truncatingIfNeeded: \(unsigned)(X).trailingZeroBitCount)"
            all[type + "Popcnt"] = "UInt64(truncatingIfNeeded: \(unsigned)(X).nonzeroBitCount)"
            all[type + "Extend8S"] = "\(word)(Int8(truncatingIfNeeded: X))"
            all[type + "Extend16S"] = "\(word)(Int16(truncatingIfNeeded: X))"
        }
        for (type, number) in [("f32", "Float"), ("f64", "Double")] {
            for (name, sign) in [("Add", "+"), ("Sub", "-"), ("Mul", "*"), ("Div", "/")] {
                all[type + name] = "\(type)(X) \(sign) \(type)(Y)"
            }
            let comparisons = [("Eq", "=="), ("Ne", "!="), ("Lt", "<"), ("Gt", ">"), ("Le", "<="), ("Ge", ">=")]
            for (name, sign) in comparisons { all[type + name] = "\(type)(X) \(sign) \(type)(Y)" }
            all[type + "Min"] = "least(\(type)(X), \(type)(Y))"
            all[type + "Max"] = "greatest(\(type)(X), \(type)(Y))"
            for (name, rule) in [("Ceil", "up"), ("Floor", "down"), ("Trunc", "towardZero")] {
                all[type + name] = "\(type)(X).rounded(.\(rule))"
            }
            all[type + "Nearest"] = "\(type)(X).rounded(.toNearestOrEven)"
            all[type + "Sqrt"] = "\(type)(X).squareRoot()"
            all[type + "ConvertI32S"] = "\(number)(s32(X))"
            all[type + "ConvertI32U"] = "\(number)(u32(X))"
            all[type + "ConvertI64S"] = "\(number)(s64(X))"
            all[type + "ConvertI64U"] = "\(number)(UInt64(X))"
            for (target, sign, integer) in integers {
                all["\(target)TruncSat\(type.uppercased())\(sign)"] =
                    "truncates(Double(\(type)(X)), \(integer).self) ? \(integer)(\(type)(X)) : "
                    + "saturation(Double(\(type)(X)), \(integer).self)"
            }
        }
        return all
    }()

    /// Target type, sign and Swift's name of the integers that floats are converted to.
    private static let integers = [
        ("i32", "S", "Int32"), ("i32", "U", "UInt32"), ("i64", "S", "Int64"), ("i64", "U", "UInt64"),
    ]

    /// Statements that may trap before the result is written, by identifier.
    static let trapping: [String: String] = {
        var all: [String: String] = [:]
        for (type, unsigned, signed) in [("i32", "u32", "s32"), ("i64", "UInt64", "s64")] {
            let zero = "if y == 0 { code = Engine.trap(r, .integerDivideByZero); break dispatch }\n"
            all[type + "DivU"] = "let x = \(unsigned)(X), y = \(unsigned)(Y)\n" + zero + "let result = x / y"
            all[type + "RemU"] = "let x = \(unsigned)(X), y = \(unsigned)(Y)\n" + zero + "let result = x % y"
            all[type + "DivS"] =
                "let x = \(signed)(X), y = \(signed)(Y)\n" + zero
                + "if y == -1 && x == .min { code = Engine.trap(r, .integerOverflow); break dispatch }\n"
                + "let result = x / y"
            all[type + "RemS"] =
                "let x = \(signed)(X), y = \(signed)(Y)\n" + zero + "let result = y == -1 ? 0 : x % y"
        }
        for source in ["f32", "f64"] {
            for (target, sign, integer) in integers {
                all["\(target)Trunc\(source.uppercased())\(sign)"] = """
                    let x = Double(\(source)(X))
                    if !truncates(x, \(integer).self) {
                        code = Engine.trap(r, x != x ? .invalidConversionToInteger : .integerOverflow)
                        break dispatch
                    }
                    let result = \(integer)(x)
                    """
            }
        }
        return all
    }()

    /// Bytes read and the conversion of the value.
    static let loads = [
        "i32Load": ("UInt32", "value"), "i64Load": ("UInt64", "value"), "i32Load8S": ("Int8", "Int32(value)"),
        "i32Load8U": ("UInt8", "UInt32(value)"), "i32Load16S": ("Int16", "Int32(value)"),
        "i32Load16U": ("UInt16", "UInt32(value)"), "i64Load8S": ("Int8", "Int64(value)"),
        "i64Load16S": ("Int16", "Int64(value)"), "i64Load32S": ("Int32", "Int64(value)"),
    ]

    /// Bytes written.
    static let stores = ["i32Store": "UInt32", "i64Store": "UInt64", "i32Store8": "UInt8", "i32Store16": "UInt16"]

    /// Whether the instruction becomes one operation from operands in slots to at most one result.
    static func isValue(_ identifier: String) -> Bool {
        expressions[identifier] != nil || trapping[identifier] != nil || loads[identifier] != nil
            || stores[identifier] != nil || SlotOperations.shared[identifier] != nil
    }

    /// Bytes of an integer type of Swift.
    static func byteCount(_ type: String) -> Int { (Int(type.drop { !$0.isNumber }) ?? 8) / 8 }
}
