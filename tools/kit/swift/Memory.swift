// Pages in a program's own memory, by the imports `map` and `unmap` (specs/imports.md, "Mapping"). An address is a multiple of 4,096, as
// `UnsafeMutableRawPointer.allocate(byteCount: Page.bytes, alignment: Page.bytes)` gives one.

extension Page {
    /// The page lies at an address: what is read and written there is read and written by everybody who has it mapped. `address`; `key`: it
    /// is no page with read; `space`.
    func map(at address: UnsafeMutableRawPointer) throws(Refusal) {
        try Refusal.check(kernelMap(UInt32(register.number), address))
    }
}

enum Memory {
    /// Nothing lies there: whoever reads or writes it faults, and the memory's keeper is told. `address`; `space`.
    static func mapNothing(at address: UnsafeMutableRawPointer) throws(Refusal) {
        try Refusal.check(kernelMap(UInt32(noRegister), address))
    }

    /// The memory's own page lies there again. The key to what was mapped goes into a register, or is dropped. `address`; `space`.
    static func unmap(at address: UnsafeMutableRawPointer, into register: Register? = nil) throws(Refusal) {
        try Refusal.check(kernelUnmap(UInt32(register?.number ?? noRegister), address))
    }
}
