// What a process asks for when it invokes a key, and how far that has come.

/// How a key is invoked. Raw values are the format's.
@usableFromInline package enum InvocationKind: UInt8, Sendable {
    /// The invoker waits for the reply.
    case call = 1
    /// It goes on.
    case send = 2
    /// It becomes available.
    case `return` = 3

    /// Whether something is received by it.
    @inlinable package var receives: Bool { if case .send = self { false } else { true } }
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
    /// It cannot go on, and stands in the queue of its keeper, which is not available.
    case beforeKeeper = 5
    /// It cannot go on, and waits for its keeper's answer.
    case kept = 6
    /// It waits until all that came before it is durable, in the journal or in a checkpoint.
    case untilDurable = 7
    /// It waits until that is in a checkpoint.
    case untilCheckpoint = 8

    /// Whether it has its keeper to go on.
    package var isKept: Bool { self == .beforeKeeper || self == .kept }
    /// Whether it waits until something is durable.
    package var isUntilDurable: Bool { self == .untilDurable || self == .untilCheckpoint }
    /// Whether it stands in the queue of another process.
    package var isQueued: Bool { self == .queued || self == .beforeKeeper }
    /// Whether it waits for an answer by a resume key.
    package var isAnswered: Bool { self == .called || self == .kept }
}

/// An invocation, by what the program passed.
@usableFromInline package struct Invocation: Sendable, Hashable {
    @usableFromInline package var kind: InvocationKind
    /// 0 to 31; 255 of a return to nobody.
    @usableFromInline package var register: UInt8
    /// Addresses in the memory of `instance`.
    @usableFromInline package var message: UInt32
    @usableFromInline package var received: UInt32
    /// The instance that defines the memory.
    @usableFromInline package var instance: UInt16

    @inlinable package init(
        _ kind: InvocationKind, register: UInt8, message: UInt32, received: UInt32, instance: UInt16
    ) {
        self.kind = kind
        self.register = register
        self.message = message
        self.received = received
        self.instance = instance
    }

    /// Stands for no register.
    @inlinable package static var noRegister: UInt8 { 255 }

    /// Whether there is a register of this number.
    @inlinable package static func isRegister(_ number: UInt8) -> Bool { Int(number) < ProcessRecord.registerCount }

    @inlinable package var isToNobody: Bool {
        if case .return = kind { register == Self.noRegister } else { false }
    }
}

extension Objects {
    /// The invocation that a process stands in; nil: none.
    package func invocation(of process: CellID) throws(ObjectsError) -> Invocation? {
        try cell(process).invocation
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
        try mutableCell(process).setInvocation(invocation, phase)
    }

    /// The number of a process's last call.
    package func call(of process: CellID) throws(ObjectsError) -> UInt64 { try cell(process).call }
}

extension UnsafeRawPointer {
    /// Of a process's record: the invocation that it stands in; nil: none.
    package var invocation: Invocation? {
        guard let kind = InvocationKind(rawValue: load(ProcessRecord.invocationKind)) else { return nil }
        return Invocation(
            kind, register: load(ProcessRecord.invokedRegister), message: load(ProcessRecord.messageAddress),
            received: load(ProcessRecord.receivedAddress), instance: load(ProcessRecord.messageInstance))
    }

    /// Of a process's record: the number of its last call.
    package var call: UInt64 {
        UInt64(load(ProcessRecord.callLow)) | UInt64(load(ProcessRecord.callHigh)) << 32
    }
}

extension UnsafeMutableRawPointer {
    /// Of a process's record: it stands in this invocation from now on; nil: in none.
    package func setInvocation(_ invocation: Invocation?, _ phase: InvocationPhase) {
        store(invocation?.kind.rawValue ?? 0, ProcessRecord.invocationKind)
        store(invocation?.register ?? 0, ProcessRecord.invokedRegister)
        store(invocation?.message ?? 0, ProcessRecord.messageAddress)
        store(invocation?.received ?? 0, ProcessRecord.receivedAddress)
        store(invocation?.instance ?? 0, ProcessRecord.messageInstance)
        store(phase.rawValue, ProcessRecord.invocationPhase)
    }

    /// Of a process's record, likewise.
    package var call: UInt64 {
        get { UnsafeRawPointer(self).call }
        nonmutating set {
            store(UInt32(truncatingIfNeeded: newValue), ProcessRecord.callLow)
            store(UInt16(truncatingIfNeeded: newValue >> 32), ProcessRecord.callHigh)
        }
    }
}
