// Sends a running world inputs at a pace, and kills its host a second after a checkpoint: what a restart then has to do.

import FoundationEssentials
import Glibc
import Store
import Synchronization
import World

enum Inputs {
    private static let clients = 50
    private static let line = Data(repeating: UInt8(ascii: "x"), count: 64)

    /// Sends `count` inputs of 64 bytes, `pace` a second, to a process of the world, which has a checkpoint every 5 seconds; goes on
    /// until its last checkpoint is a second old, and then is killed.
    static func send(_ count: Int, to process: String, of directory: String, pace: Int) async throws {
        let world = try World.open(at: directory, as: .host)
        let isReady = Atomic(false)
        let thread = BackgroundThread {
            let ended = Result { () throws(WorldError) in
                try world.boot(World.Boot(every: .seconds(5))) { isReady.store(true, ordering: .releasing) }
            }
            if case .failure(let error) = ended { print(error) }
            exit(1)
        }
        while !isReady.load(ordering: .acquiring) { usleep(1_000) }
        let begin = ContinuousClock.now
        let sent = Count()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    while true {
                        let number = sent.next()
                        let due = begin + .nanoseconds(Int64(number) * 1_000_000_000 / Int64(pace))
                        if due > .now { try? await Task.sleep(until: due, clock: .continuous) }
                        if number >= count {
                            let status = await status(world)
                            if age(of: status) > 1 { kill(getpid(), SIGKILL) }
                        }
                        // A full input refuses; it is asked again with the next.
                        _ = try? await world.submit(.send(process: process, data: line, ends: false))
                    }
                }
            }
        }
        thread.join()
    }

    /// Counts for several at once.
    private final class Count: Sendable {
        private let value = Atomic(0)
        func next() -> Int { value.add(1, ordering: .relaxed).newValue }
    }

    private static func status(_ world: World) async -> StatusAnswer? {
        guard case .status(let status)? = try? await world.submit(.status) else { return nil }
        return status
    }

    /// Seconds since the last checkpoint, where that was not long ago.
    private static func age(of status: StatusAnswer?) -> Double {
        guard let age = status?.checkpoint.ageSeconds, age < 1.2 else { return 0 }
        return age
    }
}
