// Work beside a world that runs, on a thread of its own, which is not to take more of the machine than the world can spare: two threads
// of one processor core slow each other down, whatever each of them does.

import Glibc

struct Pacing {
    /// Of the time that it works, for so much it rests as long as others of this process are busy.
    private static let rest = 0.6

    /// Says that nobody waits for it any more; nil: no world runs beside it.
    private let stop: StopFlag?
    private var last = Pacing.read()

    init(until stop: StopFlag?) { self.stop = stop }

    private struct Clocks {
        var wall: Double
        var thread: Double
        var process: Double
    }

    private static func read() -> Clocks {
        func seconds(_ clock: clockid_t) -> Double {
            var time = timespec()
            clock_gettime(clock, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        return Clocks(
            wall: seconds(CLOCK_MONOTONIC), thread: seconds(CLOCK_THREAD_CPUTIME_ID),
            process: seconds(CLOCK_PROCESS_CPUTIME_ID))
    }

    /// Rests between two pieces of work; for the thread that works. Throws `PastAbandoned`.
    mutating func pause() throws {
        guard let stop else { return }
        if stop.isSet { throw PastAbandoned() }
        let now = Self.read()
        let worked = now.thread - last.thread
        let others = now.process - last.process - worked
        if others > (now.wall - last.wall) / 2 {
            usleep(useconds_t(min(worked * Self.rest, 0.2) * 1e6))
        }
        last = Self.read()
    }
}
