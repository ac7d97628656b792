// A host's events as lines of JSON, and how they leave the host: what there is, and then what happens, until the time is
// up, the reader is gone, or the host has ended.
//
// The log has no waiting of its own: it is looked at in turns, with pauses that grow with the silence, from 1 to 25 ms.
// That takes a lock and asks nothing of the world.

import FoundationEssentials
import Synchronization
import World

/// One line: an event with the name and version of its form.
package struct EventLine: Codable, Sendable {
    package static let schema = "keyvm.events"

    package var event: WorldEvent

    private enum Head: String, CodingKey { case schema, version }

    package init(_ event: WorldEvent) { self.event = event }

    package init(from decoder: any Decoder) throws {
        let head = try decoder.container(keyedBy: Head.self)
        let schema = try head.decode(String.self, forKey: .schema)
        guard schema == Self.schema else {
            throw DecodingError.dataCorruptedError(
                forKey: .schema, in: head, debugDescription: "'\(schema)' is not \(Self.schema)")
        }
        event = try WorldEvent(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        var head = encoder.container(keyedBy: Head.self)
        try head.encode(Self.schema, forKey: .schema)
        try head.encode(1, forKey: .version)
        try event.encode(to: encoder)
    }
}

/// The events that a reader asked for.
struct EventStream: StreamedBody {
    let log: EventLog
    let since: UInt64
    /// How long it goes on after what there is; at most `longestSeconds`, which is some years.
    let seconds: Double
    /// Whether nobody reads any more; from any thread.
    let isGone = Flag()
    /// It may go on for ever, and nothing else tells that nobody reads.
    let needsOpenInput = true

    static let longestSeconds = 1e8

    /// Gives batches of lines to `write`, until there are no more to come. Throws what `write` throws, and
    /// `CancellationError`.
    func deliver(_ write: ([UInt8]) async throws -> Void) async throws -> [(name: String, value: String)] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let begin = ContinuousClock.now
        var quietSince = begin
        var next = since
        while !isGone.isSet {
            let batch = log.events(since: next)
            let now = ContinuousClock.now
            if batch.events.isEmpty {
                if batch.isEnded || now >= begin + .seconds(seconds) { return [] }
                try await Task.sleep(for: min(max((now - quietSince) / 8, .milliseconds(1)), .milliseconds(25)))
                continue
            }
            quietSince = now
            next = batch.next
            var lines: [UInt8] = []
            for event in batch.events {
                lines += try encoder.encode(EventLine(event))
                lines.append(UInt8(ascii: "\n"))
            }
            try await write(lines)
        }
        return []
    }
}

/// A body that is written as it comes to be.
protocol StreamedBody: Sendable {
    /// Whether nobody reads any more; set by whoever writes it out.
    var isGone: Flag { get }
    /// Whether a client that says nothing more is taken to be gone.
    var needsOpenInput: Bool { get }

    /// Gives the body to `write`, piece by piece; returns the trailer. Throws what `write` throws, and what ends it early.
    func deliver(_ write: ([UInt8]) async throws -> Void) async throws -> [(name: String, value: String)]
}

/// Set once, by any thread.
final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
}
