// The last events of a host, for whoever wants to read them from any thread: numbered, bounded, and in the host's memory
// only, so that no program and no hash can tell whether anybody reads.
//
// EVENT-1  Events are kept in the order of their numbers, which leave none out; the oldest go first, where there would be
//          more than `bound` of them or more than `textBound` bytes of their texts.

import Synchronization

/// The last events of a host.
public final class EventLog: Sendable {
    /// Events that are kept, and bytes of their names, paths and faults.
    package static let bound: UInt64 = 8_192
    package static let textBound = 4 << 20

    /// Events from a number on.
    public struct Batch: Sendable, Hashable {
        /// Begins with one of kind `eventsDropped` where the first that were asked for are gone.
        public var events: [WorldEvent]
        /// The number to ask for next.
        public var next: UInt64
        /// The host runs the world no longer, and there is nothing beyond `next`.
        public var isEnded: Bool
    }

    private struct State {
        /// By number modulo `bound`.
        var places: [WorldEvent?] = []
        var oldest: UInt64 = 0
        var next: UInt64 = 0
        var textBytes = 0
        var isEnded = false
    }
    private let state = Mutex(State())

    package init() {}

    /// From now on events happen.
    package func begin() { state.withLock { $0.isEnded = false } }

    /// No more happen.
    package func end() { state.withLock { $0.isEnded = true } }

    /// Adds an event and numbers it.
    package func record(_ event: WorldEvent) {
        state.withLock { state in
            var event = event
            event.sequence = state.next
            let textBytes = event.textBytes
            while state.next - state.oldest >= Self.bound
                || state.next > state.oldest && state.textBytes + textBytes > Self.textBound
            { Self.dropOldest(&state) }
            let place = Int(state.next % Self.bound)
            if place == state.places.count { state.places.append(event) } else { state.places[place] = event }
            state.textBytes += textBytes
            state.next += 1
        }
    }

    /// How many there were, those among them that are no longer kept.
    package var count: UInt64 { state.withLock { $0.next } }

    /// The events from number `since` on, at most `limit`.
    public func events(since: UInt64, limit: Int = 1_024) -> Batch {
        precondition(limit > 0)
        return state.withLock { state in
            var events: [WorldEvent] = []
            var next = since
            if since < state.oldest, let oldest = state.places[Int(state.oldest % Self.bound)] {
                var gap = WorldEvent(.eventsDropped, time: oldest.time, gasClock: oldest.gasClock)
                gap.sequence = since
                gap.dropped = state.oldest - since
                events.append(gap)
                next = state.oldest
            }
            while next < state.next, events.count < limit, let event = state.places[Int(next % Self.bound)] {
                events.append(event)
                next += 1
            }
            return Batch(events: events, next: next, isEnded: state.isEnded && next >= state.next)
        }
    }

    private static func dropOldest(_ state: inout State) {
        let place = Int(state.oldest % bound)
        state.textBytes -= state.places[place]?.textBytes ?? 0
        state.places[place] = nil
        state.oldest += 1
    }

    /// Whether EVENT-1 holds; for tests.
    package func checkInvariants() -> Bool {
        state.withLock { state in
            let kept = state.places.compactMap(\.self)
            let numbers = Set(kept.map(\.sequence))
            return UInt64(kept.count) == state.next - state.oldest && numbers == Set(state.oldest..<state.next)
                && kept.allSatisfy { state.places[Int($0.sequence % Self.bound)] == $0 }
                && kept.reduce(0) { $0 + $1.textBytes } == state.textBytes
                && (state.textBytes <= Self.textBound || kept.count == 1)
        }
    }
}
