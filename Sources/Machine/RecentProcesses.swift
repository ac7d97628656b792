// Processes that ran lately, by their cells and by their ids: two small tables before the dictionary of all that the host keeps. Only
// who is in that is here, and it owns them.

import Objects

final class RecentProcesses {
    private static let capacity = 64
    private let byCell: UnsafeMutablePointer<Unmanaged<ActiveProcess>?>
    private let byID: UnsafeMutablePointer<Unmanaged<ActiveProcess>?>

    init() {
        byCell = .allocate(capacity: Self.capacity)
        byID = .allocate(capacity: Self.capacity)
        byCell.initialize(repeating: nil, count: Self.capacity)
        byID.initialize(repeating: nil, count: Self.capacity)
    }

    deinit {
        for table in [byCell, byID] {
            table.deinitialize(count: Self.capacity)
            table.deallocate()
        }
    }

    private func place(_ cell: CellID) -> UnsafeMutablePointer<Unmanaged<ActiveProcess>?> {
        byCell + (Int(truncatingIfNeeded: cell.rawValue ^ cell.rawValue >> 6) & (Self.capacity - 1))
    }

    private func place(_ id: UInt64) -> UnsafeMutablePointer<Unmanaged<ActiveProcess>?> {
        byID + (Int(truncatingIfNeeded: id) & (Self.capacity - 1))
    }

    func process(in cell: CellID) -> Unmanaged<ActiveProcess>? {
        guard let process = place(cell).pointee, process._withUnsafeGuaranteedRef({ $0.cell == cell }) else {
            return nil
        }
        return process
    }

    func process(id: UInt64) -> Unmanaged<ActiveProcess>? {
        guard let process = place(id).pointee, process._withUnsafeGuaranteedRef({ $0.id == id }) else { return nil }
        return process
    }

    func note(_ process: ActiveProcess) {
        place(process.cell).pointee = Unmanaged.passUnretained(process)
        place(process.id).pointee = Unmanaged.passUnretained(process)
    }

    func forget(_ process: ActiveProcess) {
        let unmanaged = Unmanaged.passUnretained(process)
        if place(process.cell).pointee?.toOpaque() == unmanaged.toOpaque() { place(process.cell).pointee = nil }
        if place(process.id).pointee?.toOpaque() == unmanaged.toOpaque() { place(process.id).pointee = nil }
    }
}
