// Whole files, by the system's own calls: no library's buffers or temporary files stand between a proof and what it writes.

import Glibc

/// What the system refused.
struct SystemError: Error, CustomStringConvertible {
    let description: String

    init(_ call: String, _ path: String) {
        description = "\(call) \(path): \(String(cString: strerror(errno)))"
    }
}

func contents(of path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError("fstat", path) }
    let size = Int(status.st_size)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        while count < size, let start = buffer.baseAddress {
            let got = read(descriptor, start + count, size - count)
            if got <= 0 { break }
            count += got
        }
    }
}

/// Makes a file of these bytes, and zeros behind them up to `size`.
func writeFile(_ path: String, _ bytes: [UInt8], size: Int? = nil) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SystemError("open", path) }
    defer { close(descriptor) }
    var done = 0
    while done < bytes.count {
        let count = bytes[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { throw SystemError("write", path) }
        done += count
    }
    guard ftruncate(descriptor, off_t(max(size ?? 0, bytes.count))) == 0 else { throw SystemError("ftruncate", path) }
}

/// Makes a folder, where it is not there.
func makeFolder(_ path: String) throws {
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw SystemError("mkdir", path) }
}

/// The names in a folder, in order; nil where it is no folder.
func names(in path: String) -> [String]? {
    guard let listing = opendir(path) else { return nil }
    defer { closedir(listing) }
    var found: [String] = []
    while let entry = readdir(listing) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { found.append(name) }
    }
    return found.sorted()
}

/// Removes a file, or a folder with all that is in it.
func removeAll(_ path: String) {
    for name in names(in: path) ?? [] { removeAll(path + "/" + name) }
    if unlink(path) != 0 { rmdir(path) }
}
