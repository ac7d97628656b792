// The socket without the libraries: what a test needs to leave a stale one, speak by hand, or break off.

import Dispatch
import FoundationEssentials
import Glibc
import Synchronization

/// A Unix socket address.
private func withAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    precondition(path.utf8.count < MemoryLayout.size(ofValue: address.sun_path))
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}

private func unixSocket() -> Int32 { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }

/// Binds a socket and lets go of it, as a host does that is killed.
func leaveStaleSocket(at path: String) throws {
    let descriptor = unixSocket()
    defer { close(descriptor) }
    guard withAddress(path, { bind(descriptor, $0, $1) }) == 0 else {
        throw ScratchFolder.Failed(step: "bind", errno: errno)
    }
}

/// Reads until a whole HTTP message is there, by its content length, or to the end where it comes in chunks.
private func readMessage(_ descriptor: Int32) -> String { readPieces(descriptor).text }

/// The same, with the number of pieces in which it came.
private func readPieces(_ descriptor: Int32) -> (text: String, count: Int) {
    var bytes: [UInt8] = []
    var pieces = 0
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let text = String(decoding: bytes, as: UTF8.self)
        if let head = text.firstRange(of: "\r\n\r\n") {
            let length = text[..<head.lowerBound].split(separator: "\r\n").compactMap { line in
                line.lowercased().hasPrefix("content-length:")
                    ? Int(line.split(separator: ":")[1].filter(\.isNumber)) : nil
            }.first
            let isChunked = text[..<head.lowerBound].lowercased().contains("transfer-encoding: chunked")
            if text[head.upperBound...].utf8.count >= length ?? (isChunked ? .max : 0) { return (text, pieces) }
        }
        let count = read(descriptor, &chunk, chunk.count)
        guard count > 0 else { return (text, pieces) }
        bytes += chunk[..<count]
        pieces += 1
    }
}

private func writeAll(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
        let count = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
        done += count
    }
}

/// A connection to a world's control socket.
struct RawConnection {
    private let descriptor: Int32

    init(to directory: String) throws {
        let descriptor = unixSocket()
        guard withAddress("\(directory)/control.sock", { connect(descriptor, $0, $1) }) == 0 else {
            throw ScratchFolder.Failed(step: "connect", errno: errno)
        }
        self.descriptor = descriptor
    }

    /// Sends text and returns the first piece of what comes back; closes the connection, whatever may follow.
    func firstPiece(of text: String) -> String {
        writeAll(text, to: descriptor)
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &chunk, chunk.count)
        close(descriptor)
        return String(decoding: chunk[..<max(0, count)], as: UTF8.self)
    }

    func send(_ text: String) { writeAll(text, to: descriptor) }

    func leave() { close(descriptor) }

    /// Sends text, says with `isAll` that nothing more will come, and returns all that comes back until the host closes the
    /// connection.
    func everything(for text: String, isAll: Bool = false) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "raw connection").async {
                writeAll(text, to: descriptor)
                if isAll { shutdown(descriptor, Int32(SHUT_WR)) }
                var bytes: [UInt8] = []
                var chunk = [UInt8](repeating: 0, count: 65_536)
                while case let count = read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
                close(descriptor)
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    /// Sends text and returns the message that comes back; closes the connection. Blocks a thread of its own, not
    /// one that the server needs.
    func exchange(_ text: String) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "raw connection").async {
                writeAll(text, to: descriptor)
                let reply = readMessage(descriptor)
                close(descriptor)
                continuation.resume(returning: reply)
            }
        }
    }
}

/// A host of a script: the n-th request that comes is answered by the n-th step.
final class ScriptedHost: Sendable {
    enum Step: Sendable {
        /// Reads the request and closes the connection without a word.
        case breakOff
        /// Answers with this status and body; `$ID` stands for the request's id.
        case answer(Int, String)
        /// Breaks off when another host's socket lies where its own was.
        case breakOffWhenReplaced
        /// Breaks off and is gone: the socket too.
        case die
    }

    private let seen = Mutex<[String]>([])
    private let counted = Mutex<[Int]>([])
    private let descriptor: Int32

    /// Serves in `directory` until the steps are used up.
    init(in directory: String, _ steps: [Step]) throws {
        let path = "\(directory)/control.sock"
        descriptor = unixSocket()
        guard withAddress(path, { [descriptor] in bind(descriptor, $0, $1) }) == 0, listen(descriptor, 16) == 0 else {
            throw ScratchFolder.Failed(step: "listen", errno: errno)
        }
        let thread = Thread(steps: steps, path: path)
        DispatchQueue(label: "scripted host").async { [self] in run(thread) }
    }

    /// The first line and the id of each request, in order.
    var requests: [String] { seen.withLock { $0 } }

    /// The pieces in which each came.
    var pieces: [Int] { counted.withLock { $0 } }

    private struct Thread: Sendable {
        var steps: [Step]
        var path: String
    }

    private func run(_ thread: Thread) {
        var steps = thread.steps[...]
        while let step = steps.first {
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { return }
            defer { close(connection) }
            let (request, count) = readPieces(connection)
            // A client that only looks whether somebody is there says nothing.
            guard !request.isEmpty else { continue }
            steps = steps.dropFirst()
            let id = Self.id(in: request)
            counted.withLock { $0.append(count) }
            seen.withLock { $0.append("\(request.prefix { $0 != " " }) \(id)") }
            switch step {
            case .breakOff: break
            case .breakOffWhenReplaced:
                let own = Self.inode(thread.path)
                while Self.inode(thread.path) == own { usleep(1_000) }
            case .answer(let status, let body):
                let body = body.split(separator: "$ID", omittingEmptySubsequences: false).joined(separator: id)
                writeAll(
                    "HTTP/1.1 \(status) Fine\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
                    to: connection)
            case .die:
                unlink(thread.path)
                close(descriptor)
                return
            }
        }
    }

    private static func inode(_ path: String) -> UInt {
        var status = stat()
        return lstat(path, &status) == 0 ? UInt(status.st_ino) : 0
    }

    private static func id(in request: String) -> String {
        if request.hasPrefix("GET /v1/requests/") { return String(request.dropFirst(17).prefix { $0 != " " }) }
        guard let mark = request.firstRange(of: "\"id\":\"") else { return "-" }
        return String(request[mark.upperBound...].prefix { $0 != "\"" })
    }
}
