// What there is to know of a file of `journal.kept` by its name.

extension KeptJournals {
    /// What a name tells, and what else is known of the file.
    struct Entry: Sendable {
        let epoch: UInt64
        let serial: UInt64
        var file: File?

        init(epoch: UInt64, serial: UInt64) { (self.epoch, self.serial) = (epoch, serial) }
    }
}

extension KeptJournals.Entry {
    /// From a file's name, `E-N.log`; nil where it is another's.
    init?(_ name: UnsafeBufferPointer<UInt8>) {
        var rest = name[...]
        guard let epoch = Self.number(&rest), rest.first == UInt8(ascii: "-") else { return nil }
        rest = rest.dropFirst()
        guard let serial = Self.number(&rest), rest.elementsEqual(".log".utf8) else { return nil }
        self.init(epoch: epoch, serial: serial)
    }

    /// A number in decimal, without zeros before it.
    private static func number(_ text: inout Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
        let digits = text.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        text = text[digits.endIndex...]
        var number: UInt64 = 0
        for digit in digits {
            let (tens, isOver) = number.multipliedReportingOverflow(by: 10)
            let (sum, isOverToo) = tens.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !isOver, !isOverToo else { return nil }
            number = sum
        }
        return number
    }
}
