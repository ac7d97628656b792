// What the kernel refuses, as values: what was asked for and why not. The world's face turns them into words. What
// fails below it passes through as `ObjectsError`.

package enum KernelError: Error, Sendable {
    case noSuchProcess(String)
    /// A prefix that fits several; the first few names.
    case ambiguousProcess(String, candidates: [String])
    case noSuchBank(String)
    case noSuchMeter(String)
    case invalidName(String)
    case nameTaken(String)
    /// Unread input would exceed the bound of the process's input, in bytes.
    case inputFull(process: String, boundBytes: UInt64, unreadBytes: UInt64, askedBytes: UInt64)
    case inputEnded(process: String)
    /// The process is over, and what was asked needs one that is not.
    case processOver(String)
    case processRuns(String)
    case launchTooLarge(bytes: Int, boundBytes: Int)
    case treeTooDeep(bound: UInt32)
}
