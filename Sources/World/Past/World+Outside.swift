// What is made of a world lies outside of its folder: what is in there is the world's own.

import Glibc

extension World {
    /// Throws where a file or folder at `target` would lie in the folder of the world in `directory`.
    public static func checkIsOutside(_ target: String, of directory: String) throws(WorldError) {
        guard let world = resolved(directory) else { return }
        var path = target
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        // The target itself, where it is there, and the folder that it is to be in.
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        for place in [path, folder].compactMap(resolved) where place == world || place.hasPrefix(world + "/") {
            throw WorldError(
                .usage, what: "this is in the world's own folder", why: "\(target) lies in \(directory)",
                try: "ls \(quotedForShell(directory))/..")
        }
    }

    private static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
