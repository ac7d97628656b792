// Reading and writing the fields of records. Every access finds the page anew, so nothing holds an address across a
// move; a record of many fields is read at once with `withCell`.

import Glibc
import Store

extension UnsafeRawPointer {
    /// The field of the record that begins here.
    @inlinable @inline(__always)
    package func load<Value>(_ field: Field<Value>) -> Value {
        Value(littleEndian: loadUnaligned(fromByteOffset: field.offset, as: Value.self))
    }

    package func load(_ field: ByteField) -> [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: self + field.offset, count: field.count))
    }

    package func load(_ field: NameField) -> String {
        let count = min(Int(loadUnaligned(fromByteOffset: field.offset, as: UInt8.self)), NameField.maximumBytes)
        return String(decoding: UnsafeRawBufferPointer(start: self + field.offset + 1, count: count), as: UTF8.self)
    }
}

extension UnsafeMutableRawPointer {
    @inlinable @inline(__always)
    package func load<Value>(_ field: Field<Value>) -> Value { UnsafeRawPointer(self).load(field) }

    @inlinable @inline(__always)
    package func store<Value>(_ value: Value, _ field: Field<Value>) {
        storeBytes(of: value.littleEndian, toByteOffset: field.offset, as: Value.self)
    }

    /// `bytes` has the field's length.
    package func store(_ bytes: [UInt8], _ field: ByteField) {
        precondition(bytes.count == field.count)
        (self + field.offset).copyMemory(from: bytes, byteCount: field.count)
    }

    /// At most 64 bytes of UTF-8; the caller has checked.
    package func store(_ name: String, _ field: NameField) {
        let bytes = Array(name.utf8)
        precondition(bytes.count <= NameField.maximumBytes)
        memset(self + field.offset, 0, 1 + NameField.maximumBytes)
        storeBytes(of: UInt8(bytes.count), toByteOffset: field.offset, as: UInt8.self)
        (self + field.offset + 1).copyMemory(from: bytes, byteCount: bytes.count)
    }
}

extension Objects {
    // MARK: The world page

    @inlinable package func world<Value>(_ field: Field<Value>) throws(ObjectsError) -> Value {
        try read(.world).load(field)
    }

    @inlinable package func setWorld<Value>(_ field: Field<Value>, _ value: Value) throws(ObjectsError) {
        try write(.world).store(value, field)
    }

    // MARK: Cells

    /// The cell's bytes, for reading.
    @usableFromInline package func cell(_ id: CellID) throws(ObjectsError) -> UnsafeRawPointer {
        let pot =
            if let there = recent.address(of: id.pot.rawValue) { UnsafeRawPointer(there) } else { try read(id.pot) }
        return pot + (try offset(of: id, in: pot))
    }

    /// The cell's bytes, for writing.
    @usableFromInline package func mutableCell(_ id: CellID) throws(ObjectsError) -> UnsafeMutableRawPointer {
        let pot = if let there = recent.writableAddress(of: id.pot.rawValue) { there } else { try writePot(id.pot) }
        return pot + (try offset(of: id, in: UnsafeRawPointer(pot)))
    }

    @inline(__always)
    private func offset(of id: CellID, in pot: UnsafeRawPointer) throws(ObjectsError) -> Int {
        let slot = id.slot
        let offset = Pot.headerBytes
        // Every look at a record comes by here.
        switch pot.load(Pot.cellClass) {
        case CellClass.process.rawValue where slot < CellClass.process.perPot:
            return offset + slot * CellClass.process.bytes
        case CellClass.record.rawValue where slot < CellClass.record.perPot:
            return offset + slot * CellClass.record.bytes
        case CellClass.node.rawValue where slot < CellClass.node.perPot: return offset + slot * CellClass.node.bytes
        default:
            throw .damaged(
                invariant: "POT-3", object: "\(id)", text: "it lies in a page that is no pot, or beyond its slots")
        }
    }

    @inlinable @inline(__always)
    package func get<Value>(_ id: CellID, _ field: Field<Value>) throws(ObjectsError) -> Value {
        try cell(id).load(field)
    }

    @inlinable @inline(__always)
    package func set<Value>(_ id: CellID, _ field: Field<Value>, _ value: Value) throws(ObjectsError) {
        try mutableCell(id).store(value, field)
    }

    /// A field that names a cell.
    @inlinable package func link(_ id: CellID, _ field: Field<UInt64>) throws(ObjectsError) -> CellID {
        CellID(rawValue: try cell(id).load(field))
    }

    @inlinable package func setLink(_ id: CellID, _ field: Field<UInt64>, _ value: CellID) throws(ObjectsError) {
        try mutableCell(id).store(value.rawValue, field)
    }

    package func name(_ id: CellID, _ field: NameField) throws(ObjectsError) -> String { try cell(id).load(field) }
}
