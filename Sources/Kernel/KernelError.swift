// What the kernel refuses, as values: what was asked for and why not. The world's face turns them into words. What
// fails below it passes through as `ObjectsError`.

import Objects

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
    /// A purchase that a bank's limit does not allow; nil: of a bank that was made for the purchase and is gone again.
    case bankExhausted(path: String?, BankRefusal)
    /// A path whose last part cannot be a name, or that is the root's own.
    case invalidPath(String)
    case invalidMeterPath(String)
    case bankExists(path: String)
    case meterExists(path: String)
    case reserveAboveLimit(path: String, reservePages: UInt64, limitPages: UInt64)
    /// More pages than a world can ever have.
    case reserveTooLarge(path: String, reservePages: UInt64)
    /// Nobody is above the root to reserve anything from.
    case rootReserves
    case meterUnlimited(path: String)
    /// More gas than any meter can hold is asked for a new one.
    case gasTooLarge(UInt64)
    /// More gas than a meter can hold.
    case meterFull(path: String, gasLeft: UInt64, asked: UInt64)
    /// The root bank, or the root meter, cannot be destroyed. `kind`: which.
    case rootStays(kind: String)
    case notStopped(process: String, state: RunState)
    /// A key that designates nothing, or nothing of the kind that is asked.
    case keyIsVoid
    /// A key to a bank without the right that an order needs.
    case noRight(path: String, right: BankRights)
}
