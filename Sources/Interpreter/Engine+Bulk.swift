// Instructions that are executed out of line: bulk memory and table operations by pieces, and the rare others.
//
// A bulk operation checks its whole range, then goes piece by piece, no piece crossing a page of source or destination.
// Each piece is paid for, done, and taken off the operands in their slots, so that what is left to do is always what the
// operands say; it can stop for gas or a page between pieces and be started again, in another process of another host.
//
// Invariant: BULK-1 copies go forward when the destination is not above the source, else backward, whether they overlap
// or not; forward pieces raise the addresses, backward pieces lower the count alone.

import Glibc

extension Engine {
    /// Executes the operation at `pc`, of which 1 is charged; on an exit that restarts it the record's gas is such that
    /// giving the 1 back makes it right.
    @inline(never)
    static func executeRare(_ r: UnsafeMutablePointer<ActivationRecord>, _ pc: Code, _ fp: Frame) -> ExitCode {
        let operands = fp + a(pc)
        let first = u32(pc[1])
        let second = UInt32(truncatingIfNeeded: pc[1] >> 32)
        switch operation(pc) {
        case .memoryGrow: return .memoryGrow
        case .memoryFill: return memoryFill(r, operands)
        case .memoryCopy: return memoryCopy(r, operands)
        case .memoryInit: return memoryInit(r, operands, segment: Int(first))
        case .dataDrop: r.pointee.drop(bit: Int(first))
        case .elemDrop: r.pointee.drop(bit: r.pointee.segments.dataCount + Int(first))
        case .tableGet: return tableGet(r, operands, table: Int(first))
        case .tableSet: return tableSet(r, operands, table: Int(first))
        case .tableSize: operands[0] = r.pointee.tables[Int(first)].elements
        case .tableGrow:
            r.pointee.table = first
            return .tableGrow
        case .tableFill: return tableFill(r, operands, table: Int(first))
        case .tableCopy: return tableCopy(r, operands, to: Int(first), from: Int(second))
        case .tableInit: return tableInit(r, operands, segment: Int(first), table: Int(second))
        default: preconditionFailure("an operation that is executed in line")
        }
        return .none
    }

    /// Pays for a piece while 1 stays charged for the completion: false, and gas made -1, when it cannot be paid.
    static func payPiece(_ r: UnsafeMutablePointer<ActivationRecord>, _ cost: UInt64) -> Bool {
        let available = r.pointee.gas &+ 1 &+ r.pointee.paid
        if available < Int64(cost) {
            r.pointee.paid = available
            r.pointee.gas = -1
            return false
        }
        r.pointee.paid = 0
        r.pointee.gas = available &- Int64(cost) &- 1
        return true
    }

    /// After the last piece: whether the completion's 1 is there; it may be what the last piece took.
    static func completion(_ r: UnsafeMutablePointer<ActivationRecord>) -> ExitCode {
        r.pointee.gas < 0 ? .outOfGas : .none
    }

    /// Bytes from `address` up to the end of its page, at most `limit`.
    static func forward(_ address: UInt64, pageMask: UInt64, limit: UInt64) -> UInt64 {
        min(limit, pageMask + 1 - address & pageMask)
    }

    /// Bytes from the beginning of the page of the last byte below `end`, at most `limit`.
    static func backward(_ end: UInt64, pageMask: UInt64, limit: UInt64) -> UInt64 {
        min(limit, (end - 1) & pageMask + 1)
    }

    private static func memoryFill(_ r: UnsafeMutablePointer<ActivationRecord>, _ operands: Frame) -> ExitCode {
        if UInt64(u32(operands[0])) + UInt64(u32(operands[2])) > r.pointee.memoryBytes {
            return outside(r, operands[0])
        }
        while u32(operands[2]) != 0 {
            let address = operands[0]
            let count = forward(address, pageMask: 4_095, limit: operands[2])
            guard let page = r.pointee.memoryWrites[Int(address >> 12)] else {
                return missing(r, page: address >> 12, isWrite: true)
            }
            guard payPiece(r, (count + 63) / 64) else { return .outOfGas }
            memset(page + Int(address & 4_095), Int32(operands[1] & 0xFF), Int(count))
            operands[0] = UInt64(u32(address + count))
            operands[2] -= count
        }
        return completion(r)
    }

    private static func memoryCopy(_ r: UnsafeMutablePointer<ActivationRecord>, _ operands: Frame) -> ExitCode {
        let whole = operands[2]
        if operands[0] + whole > r.pointee.memoryBytes { return outside(r, operands[0]) }
        if operands[1] + whole > r.pointee.memoryBytes { return outside(r, operands[1]) }
        let isForward = operands[0] <= operands[1]
        while operands[2] != 0 {
            var target = operands[0]
            var source = operands[1]
            var count = operands[2]
            if isForward {
                count = forward(target, pageMask: 4_095, limit: count)
                count = forward(source, pageMask: 4_095, limit: count)
            } else {
                let end = count
                count = backward(target + end, pageMask: 4_095, limit: count)
                count = backward(source + end, pageMask: 4_095, limit: count)
                target += end - count
                source += end - count
            }
            guard let to = r.pointee.memoryWrites[Int(target >> 12)] else {
                return missing(r, page: target >> 12, isWrite: true)
            }
            guard let from = r.pointee.memoryReads[Int(source >> 12)] else {
                return missing(r, page: source >> 12, isWrite: false)
            }
            guard payPiece(r, (count + 63) / 64) else { return .outOfGas }
            memmove(to + Int(target & 4_095), from + Int(source & 4_095), Int(count))
            if isForward {
                operands[0] = UInt64(u32(target + count))
                operands[1] = UInt64(u32(source + count))
            }
            operands[2] -= count
        }
        return completion(r)
    }

    static func memoryInit(
        _ r: UnsafeMutablePointer<ActivationRecord>, _ operands: Frame, segment: Int
    ) -> ExitCode {
        let data = r.pointee.segments.data[segment]
        let size = r.pointee.isDropped(bit: segment) ? 0 : UInt64(data.count)
        if operands[1] + operands[2] > size { return outside(r, Activation.nowhere) }
        if operands[0] + operands[2] > r.pointee.memoryBytes { return outside(r, operands[0]) }
        while operands[2] != 0, let bytes = data.baseAddress {
            let address = operands[0]
            let count = forward(address, pageMask: 4_095, limit: operands[2])
            guard let page = r.pointee.memoryWrites[Int(address >> 12)] else {
                return missing(r, page: address >> 12, isWrite: true)
            }
            guard payPiece(r, (count + 63) / 64) else { return .outOfGas }
            memcpy(page + Int(address & 4_095), bytes + Int(operands[1]), Int(count))
            operands[0] = UInt64(u32(address + count))
            operands[1] += count
            operands[2] -= count
        }
        return completion(r)
    }
}
