// What can go wrong on the way to a running world and back. A refusal by the world itself is `.refused` and passes
// through unchanged; everything else is about the way.

import Glibc
import World

/// A failure of the control interface, on either side.
package enum ControlFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The world's folder is not there, or not a folder.
    case noFolder(path: String, errno: Int32)
    /// The operating system refuses the folder or the socket.
    case noAuthority(path: String, errno: Int32)
    /// Nobody accepts connections; nothing was sent, so nothing was done.
    case notListening(socket: String, errno: Int32)
    /// The host could not put its socket in place.
    case cannotListen(socket: String, step: String, errno: Int32)
    /// The server ended although nobody stopped it.
    case serverEnded(socket: String, cause: String)
    /// The world answered with an error.
    case refused(WorldError)
    /// The connection broke and nobody can say whether the request was performed.
    case outcomeUnknown(id: RequestID, request: String, cause: String)
    /// The request is larger than the interface takes.
    case tooLarge(bytes: Int, limitBytes: Int)
    /// The other side does not speak this interface.
    case notUnderstood(socket: String, status: UInt, text: String)

    package var description: String { asWorldError(directory: ".").description }

    /// The error in the three lines of the command line; `directory` is the world's, for the command to try.
    package func asWorldError(directory: String) -> WorldError {
        let status = "keyvm status -w \(quotedForShell(directory))"
        switch self {
        case .noFolder(let path, let errno):
            return WorldError(
                .noSuchThing, what: "no world at \(path)", why: "the folder cannot be opened: \(errorText(errno))",
                try: "keyvm init \(quotedForShell(path))")
        case .noAuthority(let path, let errno):
            return WorldError(
                .noAuthority, what: "no access to \(path)", why: "the operating system refuses: \(errorText(errno))",
                try: "ls -ld \(quotedForShell(path))")
        case .notListening(let socket, let errno):
            return WorldError(
                .worldInUse, what: "the world takes no requests now",
                why: "a host holds it, but \(socket) accepts no connection: \(errorText(errno))", try: status)
        case .cannotListen(let socket, let step, let errno):
            return WorldError(
                errno == EACCES || errno == EPERM ? .noAuthority : .failed,
                what: "the control socket \(socket) cannot be opened", why: "\(step): \(errorText(errno))",
                try: "ls -ld \(quotedForShell(directory))")
        case .serverEnded(let socket, let cause):
            return WorldError(.failed, what: "the control socket \(socket) was lost", why: cause, try: status)
        case .refused(let error):
            return error
        case .outcomeUnknown(let id, let request, let cause):
            return WorldError(
                .failed, what: "outcome unknown: \(request)",
                why: "\(cause); whether request \(id) was performed cannot be learnt", try: status)
        case .tooLarge(let bytes, let limitBytes):
            return WorldError(
                .failed, what: "the request is too large",
                why: "it is \(bytes) bytes, a running world takes \(limitBytes)",
                try: "keyvm halt -w \(quotedForShell(directory))")
        case .notUnderstood(let socket, let code, let text):
            return WorldError(
                .failed, what: "the host at \(socket) answers in another language",
                why: "status \(code): \(text)", try: status)
        }
    }
}

/// The system's text for an errno value.
package func errorText(_ code: Int32) -> String { String(cString: strerror(code)) }
