// What a process asks for when it invokes a key, and how far that has come.

/// How a key is invoked. Raw values are the format's.
package enum InvocationKind: UInt8, Sendable {
    /// The invoker waits for the reply.
    case call = 1
    /// It goes on.
    case send = 2
    /// It becomes available.
    case `return` = 3

    /// Whether something is received by it.
    package var receives: Bool { self != .send }
}

/// How far the invocation of a process has come that stands in one. Raw values are the format's.
package enum InvocationPhase: UInt8, Sendable {
    case none = 0
    /// It stands in the queue of a process that is not available, its message not delivered.
    case queued = 1
    /// It waits for the reply to its call.
    case called = 2
    /// It waits until its start key is invoked.
    case available = 3
    /// What it waited for has happened: it goes on at its next turn.
    case done = 4
}

/// An invocation, by what the program passed.
package struct Invocation: Sendable, Hashable {
    package var kind: InvocationKind
    /// 0 to 31; 255 of a return to nobody.
    package var register: UInt8
    /// Addresses in the memory of `instance`.
    package var message: UInt32
    package var received: UInt32
    /// The instance that defines the memory.
    package var instance: UInt16

    package init(_ kind: InvocationKind, register: UInt8, message: UInt32, received: UInt32, instance: UInt16) {
        self.kind = kind
        self.register = register
        self.message = message
        self.received = received
        self.instance = instance
    }

    /// Stands for no register.
    package static let noRegister: UInt8 = 255

    package var isToNobody: Bool { kind == .return && register == Self.noRegister }
}

extension Objects {
    /// The invocation that a process stands in; nil: none.
    package func invocation(of process: CellID) throws(ObjectsError) -> Invocation? {
        let record = try cell(process)
        guard let kind = InvocationKind(rawValue: record.load(ProcessRecord.invocationKind)) else { return nil }
        return Invocation(
            kind, register: record.load(ProcessRecord.invokedRegister),
            message: record.load(ProcessRecord.messageAddress), received: record.load(ProcessRecord.receivedAddress),
            instance: record.load(ProcessRecord.messageInstance))
    }

    package func invocationPhase(of process: CellID) throws(ObjectsError) -> InvocationPhase {
        let raw = try get(process, ProcessRecord.invocationPhase)
        guard let phase = InvocationPhase(rawValue: raw) else {
            throw .damaged(
                invariant: "INVOKE-1", object: "\(process)",
                text: "its invocation is in phase \(raw), which there is not")
        }
        return phase
    }

    package func setInvocationPhase(of process: CellID, to phase: InvocationPhase) throws(ObjectsError) {
        try set(process, ProcessRecord.invocationPhase, phase.rawValue)
    }

    /// The process stands in this invocation from now on; nil: in none.
    package func setInvocation(
        of process: CellID, to invocation: Invocation?, _ phase: InvocationPhase
    ) throws(ObjectsError) {
        let record = try mutableCell(process)
        record.store(invocation?.kind.rawValue ?? 0, ProcessRecord.invocationKind)
        record.store(invocation?.register ?? 0, ProcessRecord.invokedRegister)
        record.store(invocation?.message ?? 0, ProcessRecord.messageAddress)
        record.store(invocation?.received ?? 0, ProcessRecord.receivedAddress)
        record.store(invocation?.instance ?? 0, ProcessRecord.messageInstance)
        record.store(phase.rawValue, ProcessRecord.invocationPhase)
    }

    /// The number of a process's last call.
    package func call(of process: CellID) throws(ObjectsError) -> UInt64 {
        let record = try cell(process)
        return UInt64(record.load(ProcessRecord.callLow)) | UInt64(record.load(ProcessRecord.callHigh)) << 32
    }

    package func setCall(of process: CellID, to call: UInt64) throws(ObjectsError) {
        let record = try mutableCell(process)
        record.store(UInt32(truncatingIfNeeded: call), ProcessRecord.callLow)
        record.store(UInt16(truncatingIfNeeded: call >> 32), ProcessRecord.callHigh)
    }
}
