// A process's linear memory as the kernel reads and writes it, whether the process is loaded or not: by pages of the space. Where it is
// loaded its page tables lead to the same frames (OBJ-2).

import Objects
import Store

/// The memory that an instance defines.
struct ProcessMemory {
    let instance: CellID
    /// How large it is: up to 4 GiB.
    let bytes: UInt64

    func contains(_ address: UInt32, count: Int) -> Bool { UInt64(address) + UInt64(count) <= bytes }
}

extension Kernel {
    /// The memory that instance `number` of a process defines; nil where there is no such instance.
    func memory(of process: CellID, instance number: UInt16) throws -> ProcessMemory? {
        let record = try objects.cell(process)
        let count = record.load(ProcessRecord.instanceCount)
        guard number < count else { return nil }
        // The program itself is the last of them, and mostly the only one.
        let isLast = UInt32(number) == count - 1
        var instance = CellID(rawValue: record.load(isLast ? ProcessRecord.lastInstance : ProcessRecord.firstInstance))
        for _ in 0..<(isLast ? 0 : number) where !instance.isNone {
            instance = try objects.link(instance, InstanceRecord.next)
        }
        guard !instance.isNone else { return nil }
        return ProcessMemory(instance: instance, bytes: try objects.get(instance, InstanceRecord.memoryBytes))
    }

    /// Bytes of the memory, what was never written as its module has it; nil where they reach beyond it, or into a page that is missing.
    func read(_ memory: ProcessMemory, at address: UInt32, count: Int) throws -> [UInt8]? {
        guard memory.contains(address, count: count) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        var isThere = true
        try forEachPiece(at: address, count: count) { page, within, piece in
            guard let source = try readablePage(page, of: memory) else { return isThere = false }
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: source + within, count: piece))
        }
        return isThere ? bytes : nil
    }

    /// Where bytes of the memory can be read that lie in one page; nil where they do not, or it is missing. Good until anything is
    /// written.
    func readablePlace(_ memory: ProcessMemory, at address: UInt32, count: Int) throws -> UnsafeRawPointer? {
        let within = Int(address & 4095)
        guard within + count <= 4096 else { return nil }
        return try readablePage(UInt64(address >> 12), of: memory).map { $0 + within }
    }

    /// Where bytes of the memory can be written that lie in one page; nil where they do not, or it was not bought.
    func writablePlace(
        _ memory: ProcessMemory, at address: UInt32, count: Int
    ) throws -> UnsafeMutableRawPointer? {
        let within = Int(address & 4095)
        guard within + count <= 4096,
            let id = try writablePage(UInt64(address >> 12), of: memory)
        else { return nil }
        return try objects.write(id) + within
    }

    /// Whether all of these bytes can be written: they lie in the memory, in pages that were bought, or are mapped and may be written.
    func isWritable(_ memory: ProcessMemory, at address: UInt32, count: Int) throws -> Bool {
        guard memory.contains(address, count: count) else { return false }
        var isBought = true
        try forEachPiece(at: address, count: count) { page, _, _ in
            if try writablePage(page, of: memory) == nil { isBought = false }
        }
        return isBought
    }

    /// Whether all of these bytes can be written once the memory's own pages of them are bought.
    func couldBeWritten(_ memory: ProcessMemory, at address: UInt32, count: Int) throws -> Bool {
        guard memory.contains(address, count: count) else { return false }
        var isThere = true
        try forEachPiece(at: address, count: count) { page, _, _ in
            switch try source(ofPage: page, of: memory.instance) {
            case .own, .page(_, canWrite: true): break
            case .page, .missing: isThere = false
            }
        }
        return isThere
    }

    /// Buys what was never written of the memory's own pages of a run of bytes that lies in it, all or nothing; what the module's image has
    /// there is in it.
    func buy(_ memory: ProcessMemory, at address: UInt32, count: Int, bank: CellID) throws {
        let space = Space(.memory, of: memory.instance)
        var missing: [UInt64] = []
        try forEachPiece(at: address, count: count) { page, _, _ in
            guard try source(ofPage: page, of: memory.instance) == .own else { return }
            if try objects.page(page, of: space) == nil { missing.append(page) }
        }
        guard !missing.isEmpty else { return }
        try objects.buy(bytes: missing.map { ($0 << 12, 4096) }, of: space, bank: bank)
        let module = try objects.link(memory.instance, InstanceRecord.module)
        for page in missing {
            guard let image = try objects.page(page, of: Space(.memoryImage, of: module)),
                let own = try objects.page(page, of: space)
            else { continue }
            let target = try objects.write(own)
            target.copyMemory(from: try objects.read(image), byteCount: 4096)
        }
    }

    /// Writes bytes where `isWritable` says that it can be done.
    func write(_ bytes: UnsafeRawBufferPointer, to memory: ProcessMemory, at address: UInt32) throws {
        var done = 0
        try forEachPiece(at: address, count: bytes.count) { page, within, piece in
            guard let id = try writablePage(page, of: memory) else {
                preconditionFailure("pages are bought before they are written")
            }
            let target = UnsafeMutableRawBufferPointer(start: try objects.write(id) + within, count: piece)
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[done..<done + piece]))
            done += piece
        }
    }

    private func readablePage(_ page: UInt64, of memory: ProcessMemory) throws -> UnsafeRawPointer? {
        switch try source(ofPage: page, of: memory.instance) {
        case .own: break
        case .page(let id, _): return try objects.read(id)
        case .missing: return nil
        }
        if let own = try objects.page(page, of: Space(.memory, of: memory.instance)) { return try objects.read(own) }
        let module = try objects.link(memory.instance, InstanceRecord.module)
        if let image = try objects.page(page, of: Space(.memoryImage, of: module)) { return try objects.read(image) }
        return objects.zeros
    }

    /// A page that can be written; nil where it was not bought, is missing, or may not be.
    private func writablePage(_ page: UInt64, of memory: ProcessMemory) throws -> PageID? {
        switch try source(ofPage: page, of: memory.instance) {
        case .own: return try objects.page(page, of: Space(.memory, of: memory.instance))
        case .page(let id, let canWrite): return canWrite ? id : nil
        case .missing: return nil
        }
    }

    /// Calls `body` with each page that bytes lie in, where in it they begin, and how many there are.
    private func forEachPiece(
        at address: UInt32, count: Int, _ body: (_ page: UInt64, _ within: Int, _ piece: Int) throws -> Void
    ) rethrows {
        var place = UInt64(address)
        var left = count
        while left > 0 {
            let within = Int(place & 4095)
            let piece = min(4096 - within, left)
            try body(place >> 12, within, piece)
            place += UInt64(piece)
            left -= piece
        }
    }
}
