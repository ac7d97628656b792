// Start keys: whoever holds one calls its process (specs/keys/start.md).

/// Invokes a process; all orders are that process's own. See `Key.call` and `Key.send`.
struct Start: Key {
    let register: Register
    init(_ register: Register) { self.register = register }
}
