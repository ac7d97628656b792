// The error that the library's users and the command line see: a code, and three short lines. Typed errors of the
// layers below are turned into it in `WorldError+Sources.swift`, at the world's face and nowhere else.

/// What went wrong, why (object, limit, used), and what to try: the three lines of the command line.
public struct WorldError: Error, Hashable, Codable, Sendable, CustomStringConvertible {
    /// The command line's exit codes, `cli.md`.
    public enum Code: Int, Codable, Sendable, CaseIterable {
        case failed = 1
        case noSuchThing = 3
        case noAuthority = 4
        case bankExhausted = 5
        case gasExhausted = 6
        case worldInUse = 7
        case storeDamaged = 8
        case formatTooNew = 9
        case usage = 64
        case interrupted = 130
    }

    public var code: Code
    public var what: String
    public var why: String
    /// A command to try next; `try` in JSON.
    public var remedy: String
    /// The world was never asked: nothing was done, and another host, or nobody, may be asked instead. nil: it was.
    public var wasNotTaken: Bool?

    enum CodingKeys: String, CodingKey {
        case code, what, why, wasNotTaken
        case remedy = "try"
    }

    /// A request that a host did not take any more.
    static func notTaken(what: String, why: String, try remedy: String) -> WorldError {
        var error = WorldError(.failed, what: what, why: why, try: remedy)
        error.wasNotTaken = true
        return error
    }

    public init(_ code: Code, what: String, why: String, try remedy: String) {
        self.code = code
        self.what = what
        self.why = why
        self.remedy = remedy
    }

    public var description: String { "\(what)\n\(why)\ntry: \(remedy)" }
}
