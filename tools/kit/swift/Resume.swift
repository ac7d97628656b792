// Resume keys: whoever holds one answers a call (specs/keys/resume.md).

/// Answers one call. The first copy that is invoked is the answer, and all are void then.
struct Resume: Key {
    let register: Register
    init(_ register: Register) { self.register = register }

    /// Answers, and keeps no key to do it by. Whether there was still somebody to be answered. A reply that the kernel refuses, since it has
    /// too many bytes, is answered with the code of that.
    @discardableResult
    func answer(_ reply: Reply) -> Bool {
        var code = send(reply)
        if code != 0 && code != Refusal.void.code { code = send(Reply(code: code)) }
        clear()
        reply.clearGiven()
        return code == 0
    }

    private func send(_ reply: Reply) -> Int32 {
        reply.message.withRaw { raw in kernelSend(UInt32(register.number), raw) }
    }

    @discardableResult
    func refuse(_ refusal: Refusal) -> Bool { answer(Reply(code: refusal.code)) }
}
