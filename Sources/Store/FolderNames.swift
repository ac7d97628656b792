// What a folder holds, by name.

import Glibc

/// The names in a folder, in no order; none where there is no folder. Throws what the system says.
func namesInFolder(_ path: String) throws(StoreError) -> [String] {
    guard let listing = opendir(path) else {
        guard errno == ENOENT else { throw .system(errno, path: path, call: "opendir") }
        return []
    }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
        names.append(
            withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            })
    }
    return names
}
