// Owns finding where a page lies: overlay first, then `idx` (STORE-5), and binary search in sorted lists.

extension IndexEntry.Place {
    static let bytes = 16

    /// Reads a value of `idx`.
    @inline(__always)
    init(decoding value: UnsafeRawBufferPointer, of id: PageID, path: String) throws(StoreError) {
        guard value.count == IndexEntry.Place.bytes else {
            let expected = UInt64(IndexEntry.Place.bytes)
            throw .damaged(
                path: path, Damage(.index, page: id, .length, expected: expected, found: UInt64(value.count)))
        }
        location = Location(rawValue: value.integer(at: 0))
        checksum = value.integer(at: 8)
    }

    /// A value of `idx`, as two integers that lie one after the other.
    func encoded() -> (UInt64, UInt64) {
        (location.rawValue.littleEndian, checksum.littleEndian)
    }
}

extension Overlay {
    /// Where a page lies, through a cursor of `idx`; for many ids in ascending order.
    func place(of id: PageID, in index: borrowing Cursor, path: String) throws(StoreError) -> IndexEntry.Place? {
        switch answer(id) {
        case .at(let place): return place
        case .freed: return nil
        case .unknown:
            guard let item = try index.seek(id.rawValue) else { return nil }
            return try IndexEntry.Place(decoding: item.value, of: id, path: path)
        }
    }

    /// Where a page lies, by one search of `idx`.
    @inline(__always)
    func place(of id: PageID, in index: UInt32, through view: Transaction) throws(StoreError) -> IndexEntry.Place? {
        switch answer(id) {
        case .at(let place): return place
        case .freed: return nil
        case .unknown:
            guard let value = try view.value(id.rawValue, in: index) else { return nil }
            return try IndexEntry.Place(decoding: value, of: id, path: view.environment.path)
        }
    }
}

extension [PageRun] {
    /// Whether one of these ascending, disjoint runs holds the id.
    func holds(_ id: PageID) -> Bool {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].last < id { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].contains(id)
    }
}

extension Array {
    /// Whether an element of this list, ascending by the key, has the id.
    func holds(_ id: PageID, _ key: KeyPath<Element, PageID>) -> Bool { element(id, key) != nil }

    /// The element of this list, ascending by the key, that has the id.
    func element(_ id: PageID, _ key: KeyPath<Element, PageID>) -> Element? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle][keyPath: key] < id { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low][keyPath: key] == id ? self[low] : nil
    }
}
