// Reads what `bank set`, `meter set` and `checkpoint set` are told: NAME=VALUE, each name once.

import World

/// A count above or at 0, or `none`.
package func parsedCount(_ text: String) throws(QuantityError) -> Limit {
    if text == "none" { return .unlimited }
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
        throw QuantityError("'\(text)' is no count: a count is a whole number, or none")
    }
    guard let count = UInt64(text), count < .max else {
        throw QuantityError("'\(text)' is too large: the largest count is 2^64 - 2")
    }
    return .limited(count)
}

/// A weight: 1 to 1000.
package func parsedWeight(_ text: String) throws(QuantityError) -> UInt32 {
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let weight = UInt32(text),
        (1...1000).contains(weight)
    else { throw QuantityError("'\(text)' is no weight: a weight is 1 to 1000") }
    return weight
}

/// `limit=SIZE`, `cells=N`, `reserve=SIZE`, in any order; `none` takes a limit away.
package func parsedBankTerms(_ words: [String]) throws(QuantityError) -> BankTermsRequest {
    var terms = BankTermsRequest()
    for (name, value) in try assignments(words, of: ["limit", "cells", "reserve"]) {
        switch name {
        case "limit": terms.limitBytes = try parsedLimit(value)
        case "cells": terms.limitCells = try parsedCount(value)
        default: terms.reserveBytes = try parsedReserve(value)
        }
    }
    return terms
}

/// `gas=N`, `weight=N`, in any order; `gas=none` makes it unlimited.
package func parsedMeterTerms(_ words: [String]) throws(QuantityError) -> MeterTermsRequest {
    var terms = MeterTermsRequest()
    for (name, value) in try assignments(words, of: ["gas", "weight"]) {
        switch name {
        case "gas": terms.gas = try parsedGasLimit(value)
        default: terms.weight = try parsedWeight(value)
        }
    }
    return terms
}

/// How many checkpoints without a name stay; what is nil stays as it is.
package struct RetentionTerms: Sendable, Hashable {
    package var keep: UInt64?
    package var keepForSeconds: UInt64?
}

/// `keep=N`, `keep-for=DURATION`, in any order; `none` keeps none by that.
package func parsedRetention(_ words: [String]) throws(QuantityError) -> RetentionTerms {
    var terms = RetentionTerms()
    for (name, value) in try assignments(words, of: ["keep", "keep-for"]) {
        switch name {
        case "keep": terms.keep = try parsedCount(value).value ?? 0
        default:
            let duration: Duration = value == "none" ? .zero : try parsedDuration(value)
            guard duration.components.attoseconds == 0 else {
                throw QuantityError("'\(value)' is not in whole seconds: the least is 1s")
            }
            terms.keepForSeconds = UInt64(duration.components.seconds)
        }
    }
    return terms
}

private func assignments(
    _ words: [String], of known: [String]
) throws(QuantityError) -> [(name: String, value: String)] {
    var found: [(name: String, value: String)] = []
    for word in words {
        guard let equals = word.firstIndex(of: "="), known.contains(String(word[..<equals])) else {
            let forms = known.map { "\($0)=VALUE" }.joined(separator: ", ")
            throw QuantityError("'\(word)' is nothing that can be set: \(forms)")
        }
        let name = String(word[..<equals])
        guard !found.contains(where: { $0.name == name }) else { throw QuantityError("\(name) is set twice") }
        found.append((name, String(word[word.index(after: equals)...])))
    }
    return found
}
