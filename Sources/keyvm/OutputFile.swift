// A file that a verb writes as a whole.

import Glibc
import World

enum OutputFile {
    /// Over what is there. Throws a `WorldError` with what the system says.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o666) throws(WorldError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .system("the file cannot be written", path: path, errno: errno) }
        defer { close(descriptor) }
        do throws(OutputLost) {
            try StandardStreams.write(bytes, to: descriptor)
        } catch {
            throw .system("the file cannot be written", path: path, errno: error.errno)
        }
    }
}
