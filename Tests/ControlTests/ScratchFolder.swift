// A folder for one test, gone with all it holds when the value ends.

import Glibc

final class ScratchFolder: Sendable {
    let path: String

    /// Makes the folder; with `depthBytes` inside others, so that its path is at least so long.
    init(pathBytes: Int = 0) throws {
        var template = Array("/tmp/keyvm-test-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard var path = made else { throw Failed(step: "mkdtemp", errno: errno) }
        while path.utf8.count < pathBytes {
            path += "/" + String(repeating: "d", count: 60)
            guard mkdir(path, 0o700) == 0 else { throw Failed(step: "mkdir", errno: errno) }
        }
        self.path = path
    }

    deinit {
        let root = path.split(separator: "/").prefix(2).joined(separator: "/")
        remove("/\(root)")
    }

    struct Failed: Error {
        var step: String
        var errno: Int32
    }

    private func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != "." && name != ".." { remove("\(path)/\(name)") }
            }
            closedir(folder)
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
