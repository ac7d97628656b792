// WASI preview 1's error numbers, as far as anything here answers them.

enum Errno: UInt64 {
    case success = 0
    case again = 6  // EAGAIN
    case badDescriptor = 8  // EBADF
    case fault = 21  // EFAULT
    case invalid = 28  // EINVAL
    case noDevice = 43  // ENODEV
    case notDirectory = 54  // ENOTDIR
    case notSocket = 57  // ENOTSOCK
    case notSupported = 58  // ENOTSUP
    case illegalSeek = 70  // ESPIPE
    case notCapable = 76  // ENOTCAPABLE
}
