// WASI preview 1's error numbers, as far as anything here answers them.

enum Errno: UInt64 {
    case success = 0
    case badDescriptor = 8  // EBADF
    case fault = 21  // EFAULT
    case invalid = 28  // EINVAL
    case notSupported = 58  // ENOTSUP
    case illegalSeek = 70  // ESPIPE
    case notCapable = 76  // ENOTCAPABLE
}
