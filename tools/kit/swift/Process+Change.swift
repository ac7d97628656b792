// What changes a process: its registers and memory, whether it runs, and what it lives on.

extension Process {
    /// A register of the process holds the key too. `right`; `value`: no such register, or it has exited.
    func store(_ key: some Key, in number: Int) throws(Refusal) {
        try call(Message(6, word(number), keys: [key.register]))
    }

    /// A register of the process is void. `right`; `value`.
    func drop(_ number: Int) throws(Refusal) { try call(Message(6, word(number))) }

    /// Bytes of the memory that an instance defines, all or nothing. `right`; `itself`; `value`; `address`; `space`.
    func write(_ bytes: [UInt8], instance: Int = 0, address: Int) throws(Refusal) {
        try call(Message(8, word(instance), word(address), bytes: bytes))
    }

    /// It goes on where it stood. `right`; `value`: it is not stopped.
    func start() throws(Refusal) { try call(Message(10)) }

    /// `right`; `itself`; `value`: it is over.
    func stop() throws(Refusal) { try call(Message(11)) }

    /// Its memory and its stack are gone; its code is 137. `right`; `itself`; `value`: it has exited.
    func end() throws(Refusal) { try call(Message(12)) }

    /// Its registers, its log and its code are gone too. `right`; `value`: it is not over.
    func remove() throws(Refusal) { try call(Message(13)) }

    /// Another bank, with allocate, pays for it. `right`; `itself`; `key`; `value`; `space`.
    func setBank(_ bank: Bank) throws(Refusal) { try call(Message(15, keys: [bank.register])) }

    /// It runs on another meter, with run. `right`; `key`; `value`: it has exited.
    func setMeter(_ meter: Meter) throws(Refusal) { try call(Message(16, keys: [meter.register])) }

    /// Who is told what it cannot go on for, by a start key; nobody by `nil`. Who was it goes into a register. `right`; `key`.
    func setKeeper(_ keeper: Start?, previousInto register: Register? = nil) throws(Refusal) {
        try call(Message(17, keys: [keeper?.register]), into: [register])
    }

    /// The same, of accesses outside of the memory that an instance defines. `right`; `key`; `value`: it defines none.
    func setMemoryKeeper(_ keeper: Start?, instance: Int = 0, previousInto register: Register? = nil) throws(Refusal) {
        try call(Message(17, word(instance) &+ 1, keys: [keeper?.register]), into: [register])
    }

    /// Gives the memory that an instance defines so many times 65,536 bytes more, and says how many it had. `right`; `itself`; `value`;
    /// `space`.
    @discardableResult
    func grow(instance: Int = 0, by units: Int) throws(Refusal) -> UInt64 {
        try call(Message(18, word(instance), word(units))).words[0]
    }

    /// A page with read lies at a page of the memory that an instance defines. `right`; `value`; `key`; `address`; `space`.
    func map(_ mapped: Page, instance: Int = 0, at page: Int) throws(Refusal) {
        try call(Message(19, word(instance), word(page), keys: [mapped.register]))
    }

    /// Nothing lies there: whoever reads or writes it faults. `right`; `value`; `address`; `space`.
    func mapNothing(instance: Int = 0, at page: Int) throws(Refusal) {
        try call(Message(19, word(instance), word(page), 1))
    }

    /// The memory's own page lies there again; the key to what was mapped goes into a register, or is dropped. `right`; `value`; `address`;
    /// `space`.
    func unmap(instance: Int = 0, at page: Int, into register: Register? = nil) throws(Refusal) {
        try call(Message(20, word(instance), word(page)), into: [register])
    }

    /// It is stopped at its beginning: all that it computed is gone, its registers stay. `right`; `itself`.
    func begin() throws(Refusal) { try call(Message(21)) }

    /// A stream of its console. `right`; `value`.
    func console(_ stream: Stream, into register: Register) throws(Refusal) -> Console {
        try call(Message(22, stream.rawValue), into: [register])
        return Console(register)
    }
}
