// Devices that the host has, by their keys (`specs/keys/device.md`): clock, entropy, timer; and calls that wait for one.

import Kernel
import Objects

extension Machine {
    func serve(_ device: Device, _ order: DeviceOrder, _ message: Message) throws -> Message {
        switch (device, order) {
        case (.clock, .read):
            let sample = try clock.sample()
            return Message(.ok, sample.realtime, sample.monotonic)
        case (.entropy, .read):
            guard message.words[0] <= Kernel.entropyBound else { return Message(.value) }
            var reply = Message(.ok)
            reply.bytes = try entropy.take(Int(message.words[0]))
            return reply
        case (.timer, .wait): return Message(try clock.sample().monotonic >= message.words[0] ? .ok : .value)
        default: return Message(.order)
        }
    }

    /// What a call waits for before it is made: nil where it does not.
    func wait(before prepared: PreparedInvocation, _ active: ActiveProcess) throws -> Next? {
        guard prepared.invocation.kind == .call, let sent = prepared.sent, sent.order == DeviceOrder.wait.rawValue,
            let key = try kernel.device(invokedBy: prepared.invocation.register, of: active.cell)
        else { return nil }
        switch key.device {
        case .timer:
            let isDue = try clock.sample().monotonic >= sent.words[0]
            return isDue ? nil : .waits(input: false, deadline: sent.words[0])
        case .consoleInput where key.deviceProcess == active.id:
            return try kernel.isThereInput(of: active.cell) ? nil : .waits(input: true, deadline: nil)
        default: return nil
        }
    }
}
