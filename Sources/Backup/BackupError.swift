// What can be wrong with a stream, and where.

/// Why a stream is not taken.
package enum BackupError: Error, Equatable {
    /// It does not begin as one.
    case notABackup
    /// It was made by a later program.
    case formatTooNew(found: UInt32, known: UInt32)
    /// It ends here, and should not.
    case cut(byte: UInt64)
    /// From this byte on it is not what was written.
    case altered(byte: UInt64, String)
    /// Something is behind its end.
    case goesOn(byte: UInt64)
    /// The operating system does not let it be read on.
    case unreadable(byte: UInt64, errno: Int32)
}

extension BackupError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notABackup: "it does not begin as one"
        case .formatTooNew(let found, let known): "it has format \(found), this program knows \(known)"
        case .cut(let byte): "it ends at byte \(byte), before its end"
        case .altered(let byte, let text): "at byte \(byte): \(text)"
        case .goesOn(let byte): "it goes on behind its end, at byte \(byte)"
        case .unreadable(let byte, _): "it cannot be read on at byte \(byte)"
        }
    }
}
