// What a folder holds, by name.

import Glibc

/// Calls `body` with each name in a folder, in no order; not at all where there is no folder. Throws what the system says.
func forEachName(in path: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) throws(StoreError) {
    guard let listing = opendir(path) else {
        guard errno == ENOENT else { throw .system(errno, path: path, call: "opendir") }
        return
    }
    defer { closedir(listing) }
    while let entry = readdir(listing) {
        withUnsafeBytes(of: &entry.pointee.d_name) { name in
            let bytes = name.bindMemory(to: UInt8.self)
            body(UnsafeBufferPointer(rebasing: bytes.prefix { $0 != 0 }))
        }
    }
}

/// The names in a folder, in no order; none where there is no folder. Throws what the system says.
func namesInFolder(_ path: String) throws(StoreError) -> [String] {
    var names: [String] = []
    try forEachName(in: path) { names.append(String(decoding: $0, as: UTF8.self)) }
    return names
}
