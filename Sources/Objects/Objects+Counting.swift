// How many pages a process or a module has: a counter in its record, so that nobody has to look for them.
//
// COUNT-1  A process's record counts the pages of its spaces and of its instances', a module's those of its own.

import Store

extension Objects {
    /// Adds to the count of whoever a strip belongs to; a negative number wraps around. Strips of single pages are nobody's.
    func addCount(_ pages: UInt64, of owner: CellID) throws(ObjectsError) {
        guard !owner.isNone, pages != 0, let (record, field) = try counter(of: owner) else { return }
        try set(record, field, try get(record, field) &+ pages)
    }

    /// Where the pages of an owner are counted; nil for an instance that is no process's yet, and for what counts none.
    private func counter(of owner: CellID) throws(ObjectsError) -> (CellID, Field<UInt64>)? {
        let record = try cell(owner)
        switch CellKind(rawValue: record.load(CellHeader.kind)) {
        case .process: return (owner, ProcessRecord.pages)
        case .module: return (owner, ModuleRecord.pages)
        case .instance:
            let process = CellID(rawValue: record.load(InstanceRecord.process))
            return process.isNone ? nil : (process, ProcessRecord.pages)
        case .node, .forwarder, .bank, .meter, nil: return nil
        }
    }
}
