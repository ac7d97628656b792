// Table instructions. Elements lie 512 to a page; bulk operations go by pieces as those on memories do (BULK-1), a piece
// costing one for each 8 elements begun.

import Glibc

extension Engine {
    @inline(never)
    static func tableMissing(
        _ r: UnsafeMutablePointer<ActivationRecord>, table: Int, page: UInt64, isWrite: Bool
    ) -> ExitCode {
        r.pointee.payload = page
        r.pointee.table = UInt32(table)
        r.pointee.isWrite = isWrite
        return .tableMissing
    }

    static func tableGet(_ r: UnsafeMutablePointer<ActivationRecord>, _ operands: Frame, table: Int) -> ExitCode {
        let view = r.pointee.tables + table
        let index = operands[0]
        if index >= view.pointee.elements { return trap(r, .outOfBoundsTableAccess) }
        guard let page = view.pointee.reads[Int(index >> 9)] else {
            return tableMissing(r, table: table, page: index >> 9, isWrite: false)
        }
        operands[0] = page.load(fromByteOffset: Int(index & 511) * 8, as: UInt64.self)
        return .none
    }

    static func tableSet(_ r: UnsafeMutablePointer<ActivationRecord>, _ operands: Frame, table: Int) -> ExitCode {
        let view = r.pointee.tables + table
        let index = operands[0]
        if index >= view.pointee.elements { return trap(r, .outOfBoundsTableAccess) }
        guard let page = view.pointee.writes[Int(index >> 9)] else {
            return tableMissing(r, table: table, page: index >> 9, isWrite: true)
        }
        page.storeBytes(of: operands[1], toByteOffset: Int(index & 511) * 8, as: UInt64.self)
        return .none
    }

    static func tableFill(_ r: UnsafeMutablePointer<ActivationRecord>, _ operands: Frame, table: Int) -> ExitCode {
        let view = r.pointee.tables + table
        if operands[0] + operands[2] > view.pointee.elements { return trap(r, .outOfBoundsTableAccess) }
        while operands[2] != 0 {
            let index = operands[0]
            let count = forward(index, pageMask: 511, limit: operands[2])
            guard let page = view.pointee.writes[Int(index >> 9)] else {
                return tableMissing(r, table: table, page: index >> 9, isWrite: true)
            }
            guard payPiece(r, (count + 7) / 8) else { return .outOfGas }
            let words = page.assumingMemoryBound(to: UInt64.self) + Int(index & 511)
            words.update(repeating: operands[1], count: Int(count))
            operands[0] = UInt64(u32(index + count))
            operands[2] -= count
        }
        return completion(r)
    }

    static func tableCopy(
        _ r: UnsafeMutablePointer<ActivationRecord>, _ operands: Frame, to destination: Int, from origin: Int
    ) -> ExitCode {
        let targets = r.pointee.tables + destination
        let sources = r.pointee.tables + origin
        let whole = operands[2]
        if operands[0] + whole > targets.pointee.elements || operands[1] + whole > sources.pointee.elements {
            return trap(r, .outOfBoundsTableAccess)
        }
        let isForward = operands[0] <= operands[1]
        while operands[2] != 0 {
            var target = operands[0]
            var source = operands[1]
            var count = operands[2]
            if isForward {
                count = forward(target, pageMask: 511, limit: count)
                count = forward(source, pageMask: 511, limit: count)
            } else {
                let end = count
                count = backward(target + end, pageMask: 511, limit: count)
                count = backward(source + end, pageMask: 511, limit: count)
                target += end - count
                source += end - count
            }
            guard let to = targets.pointee.writes[Int(target >> 9)] else {
                return tableMissing(r, table: destination, page: target >> 9, isWrite: true)
            }
            guard let from = sources.pointee.reads[Int(source >> 9)] else {
                return tableMissing(r, table: origin, page: source >> 9, isWrite: false)
            }
            guard payPiece(r, (count + 7) / 8) else { return .outOfGas }
            memmove(to + Int(target & 511) * 8, from + Int(source & 511) * 8, Int(count) * 8)
            if isForward {
                operands[0] = UInt64(u32(target + count))
                operands[1] = UInt64(u32(source + count))
            }
            operands[2] -= count
        }
        return completion(r)
    }

    static func tableInit(
        _ r: UnsafeMutablePointer<ActivationRecord>, _ operands: Frame, segment: Int, table: Int
    ) -> ExitCode {
        let view = r.pointee.tables + table
        let items = r.pointee.segments.elements[segment]
        let size = r.pointee.isDropped(bit: r.pointee.segments.dataCount + segment) ? 0 : UInt64(items.count)
        if operands[0] + operands[2] > view.pointee.elements || operands[1] + operands[2] > size {
            return trap(r, .outOfBoundsTableAccess)
        }
        while operands[2] != 0 {
            let index = operands[0]
            let count = forward(index, pageMask: 511, limit: operands[2])
            guard let page = view.pointee.writes[Int(index >> 9)] else {
                return tableMissing(r, table: table, page: index >> 9, isWrite: true)
            }
            guard payPiece(r, (count + 7) / 8) else { return .outOfGas }
            let words = page.assumingMemoryBound(to: UInt64.self) + Int(index & 511)
            for offset in 0..<Int(count) {
                words[offset] = reference(r, items[Int(operands[1]) + offset])
            }
            operands[0] = UInt64(u32(index + count))
            operands[1] += count
            operands[2] -= count
        }
        return completion(r)
    }

    /// What an item of an element segment is in the current instance.
    private static func reference(_ r: UnsafeMutablePointer<ActivationRecord>, _ item: UInt64) -> UInt64 {
        if item & Reference.globalBit != 0 { return r.pointee.globals[Int(u32(item))] }
        return item & Reference.functionBit != 0 ? item | r.pointee.instanceBits : item
    }
}
