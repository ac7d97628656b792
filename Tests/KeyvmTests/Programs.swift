// Small programs for tests of the command line, as binary modules, so that the tests need no assembler.

import FoundationEssentials

enum Program {
    /// Writes "hello\n" to standard output and "oops\n" to standard error, and exits with 3.
    static let hello = module(
        """
        AGFzbQEAAAABEANgBH9/f38Bf2ABfwBgAAACRgIWd2FzaV9zbmFwc2hvdF9wcmV2aWV3MQhmZF93cml0ZQAAFndhc2lfc25hcHNob3RfcHJl
        dmlldzEJcHJvY19leGl0AAEDAgECBQMBAAEHEwIGbWVtb3J5AgAGX3N0YXJ0AAIKPAE6AEEAQcAANgIAQQRBBjYCAEEBQQBBAUEQEAAaQQBB
        xgA2AgBBBEEFNgIAQQJBAEEBQRAQABpBAxABCwsSAQBBwAALC2hlbGxvCm9vcHMK
        """)

    /// Copies standard input to standard output, in pieces of at most 4 KiB, to its end.
    static let cat = module(
        """
        AGFzbQEAAAABDAJgBH9/f38Bf2AAAAJEAhZ3YXNpX3NuYXBzaG90X3ByZXZpZXcxCGZkX3dyaXRlAAAWd2FzaV9zbmFwc2hvdF9wcmV2aWV3M
        QdmZF9yZWFkAAADAgEBBQMBAAIHEwIGbWVtb3J5AgAGX3N0YXJ0AAIKRAFCAANAQQBBgAg2AgBBBEGAIDYCAEEAQQBBAUEQEAEEQAALQRAoAg
        AEQEEEQRAoAgA2AgBBAUEAQQFBEBAAGgwBCwsL
        """)

    /// `(loop $l (br $l))`; it exports `other` besides.
    static let spin = module("AGFzbQEAAAABBAFgAAADAwIAAAcSAgZfc3RhcnQAAAVvdGhlcgABCg0CBwADQAwACwsDAAAL")

    /// Divides by zero in a function that `_start` calls.
    static let trap = module("AGFzbQEAAAABCQJgAX8Bf2AAAAMDAgABBwoBBl9zdGFydAABChECBwBBASAAbgsHAEEAEAAaCw==")

    /// Writes to each page of 4 MiB of memory, round and round.
    static let fill = module(
        "AGFzbQEAAAABBAFgAAADAgEABQMBAEAHCgEGX3N0YXJ0AAAKIAEeAQF/A0AgAEEBNgIAIABBgCBqQf///wFxIQAMAAsL")

    /// Writes its arguments to standard output, a zero byte after each.
    static let arguments = module(
        """
        AGFzbQEAAAABEgNgBH9/f38Bf2ACf38Bf2AAAAJtAxZ3YXNpX3NuYXBzaG90X3ByZXZpZXcxCGZkX3dyaXRlAAAWd2FzaV9zbmFwc2hvdF9w
        cmV2aWV3MQhhcmdzX2dldAABFndhc2lfc25hcHNob3RfcHJldmlldzEOYXJnc19zaXplc19nZXQAAQMCAQIFAwEAAQcTAgZtZW1vcnkCAAZf
        c3RhcnQAAwoxAS8AQQBBBBACGkGACEGAIBABGkEQQYAgNgIAQRRBBCgCADYCAEEBQRBBAUEYEAAaCw==
        """)

    private static func module(_ base64: String) -> [UInt8] {
        guard let data = Data(base64Encoded: String(base64.filter { !$0.isWhitespace })) else {
            preconditionFailure("a program of the tests is base64")
        }
        return Array(data)
    }
}
