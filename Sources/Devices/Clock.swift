// The clock device. What the host's clock says is an input: it is sampled at most once in a quantum, at its first read,
// and the sample is kept in the world page, so whatever reads it in the same quantum reads the same. The world's
// monotonic clock stands still while no host runs it.

import Glibc
import Objects

/// Where the time comes from.
package protocol TimeSource: AnyObject {
    /// Nanoseconds since 1970.
    var realtime: UInt64 { get }
    /// Nanoseconds since some moment of this host.
    var monotonic: UInt64 { get }
}

/// The host's clocks.
package final class HostTime: TimeSource {
    package init() {}
    package var realtime: UInt64 { Self.read(CLOCK_REALTIME) }
    package var monotonic: UInt64 { Self.read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// Why the clock is asked.
package enum ClockInput: Sendable {
    /// A program reads it, for the first time in a quantum.
    case sample
    /// A timer has run out.
    case tick
}

/// What it said, in nanoseconds: since 1970, and of the world's monotonic clock.
package struct ClockSample: Sendable, Equatable {
    package var realtime: UInt64
    package var monotonic: UInt64

    package init(realtime: UInt64, monotonic: UInt64) {
        self.realtime = realtime
        self.monotonic = monotonic
    }
}

/// Where what the clock says is written down, and taken from again.
package protocol ClockJournal: AnyObject {
    /// What it said here the first time; nil where nothing is replayed. Throws where it said nothing here.
    func replayed(_ input: ClockInput) throws -> ClockSample?
    func record(_ input: ClockInput, _ sample: ClockSample) throws
}

package final class Clock {
    private let objects: Objects
    private let source: any TimeSource
    /// The source's monotonic time when this host began, and the world's then.
    private var anchor: (host: UInt64, world: UInt64)
    package weak var journal: (any ClockJournal)?

    package init(objects: Objects, source: any TimeSource) throws {
        self.objects = objects
        self.source = source
        anchor = (source.monotonic, try objects.world(WorldPage.clockMonotonic))
    }

    /// The world's monotonic nanoseconds, now; no input, so not for programs.
    package var monotonicNow: UInt64 { anchor.world + (source.monotonic - anchor.host) }

    /// Samples the source if this quantum has not yet; nanoseconds since 1970 and of the world's monotonic clock.
    package func sample() throws -> (realtime: UInt64, monotonic: UInt64) {
        if try objects.world(WorldPage.clockSampled) == 0 { try resample(.sample) }
        return (try objects.world(WorldPage.clockRealtime), try objects.world(WorldPage.clockMonotonic))
    }

    /// Keeps how far the monotonic clock has come, so that the next host goes on from there. Between quanta, when nobody
    /// can see it. Returns it, in nanoseconds.
    package func keep() throws -> UInt64 {
        let now = monotonicNow
        try keep(now)
        return now
    }

    /// Keeps what it had come to when a host ended.
    package func keep(_ monotonic: UInt64) throws { try objects.setWorld(WorldPage.clockMonotonic, monotonic) }

    /// Takes a new sample as an input: at a quantum's first read, and when a timer has run out.
    package func resample(_ input: ClockInput) throws {
        let now = ClockSample(realtime: source.realtime, monotonic: monotonicNow)
        let sample = try journal?.replayed(input) ?? now
        try objects.setWorld(WorldPage.clockSampled, 1)
        try objects.setWorld(WorldPage.clockRealtime, sample.realtime)
        try objects.setWorld(WorldPage.clockMonotonic, sample.monotonic)
        try objects.setWorld(WorldPage.nextInput, try objects.world(WorldPage.nextInput) + 1)
        try journal?.record(input, sample)
    }

    /// From now on the world's clock goes on from where the world's state has it: after inputs were taken in again.
    package func goOn() throws { anchor = (source.monotonic, try objects.world(WorldPage.clockMonotonic)) }
}
