// Keepers: what a process is told that keeps others (specs/keepers.md). It answers 0 where it mended it: the process tries again; any other
// code leaves it to the next keeper.
//
// The keeper of a memory that gets 64 KiB more whenever its program reaches beyond its end:
//
//     serve(receiving: [8], answering: 9) { order throws(Refusal) in
//         guard case .access(let access)? = order.halt, access.why == .outside else { throw .order }
//         try Process(8).grow(instance: access.instance, by: 1)
//         return Reply()
//     }

/// What a process cannot go on for.
enum Halt {
    /// By its number. Key 0: the process.
    case trap(UInt64)
    /// Key 0: the process.
    case access(Access)
    /// A bank sells it no page. Key 0: the bank; of a process's keeper the process.
    case space
    /// Its meter is dry. Key 0: the meter.
    case gas

    struct Access {
        /// The first byte outside of the memory, or the address of the page.
        var address: UInt64
        /// The instance that defines the memory.
        var instance: Int
        /// `nil`: for what this kit does not know.
        var why: Why?
    }

    enum Why: UInt64 {
        /// Beyond the memory.
        case outside = 5
        /// Nothing lies there, or what did is gone.
        case missing = 11
        /// It is written, and its key has no right to that.
        case readOnly = 12
    }
}

extension Order {
    /// What a keeper is told by it; `nil`: it is no such order.
    var halt: Halt? {
        switch code {
        case 1: .trap(words[0])
        case 2:
            .access(
                Halt.Access(
                    address: words[0], instance: Int(truncatingIfNeeded: words[1]), why: Halt.Why(rawValue: words[2])))
        case 3: .space
        case 4: .gas
        default: nil
        }
    }
}
