// Comparing a kept checkpoint with a later one, or with what is so now.

import Objects
import Store

extension World {
    /// Compares, here and now, while no boot runs.
    func difference(_ request: DifferenceRequest) throws -> DifferenceAnswer {
        let place = try place(of: request)
        if place.to != nil {
            return try Self.difference(place, request, of: store, at: directory, policies: policies, stop: nil)
        }
        let past = try store.past(place.from)
        defer { past.abandon() }
        let before = try World(
            directory: directory, access: .reader, store: past, budgetPages: Self.pastFrames, policies: policies)
        defer { before.abandon() }
        if access == .host { try machine.saveAll() }
        let changed = Set(try store.changes(since: place.from)).union(objects.changedPages)
        var difference = try StateDifference(before, self, from: try Self.answer(past), to: nil, request)
        return try difference.compared(changed.sorted())
    }

    /// Has it compared by the thread of the past; with what is so now when that is durable.
    func askDifference(
        _ request: DifferenceRequest, _ stop: StopFlag,
        _ reply: @escaping @Sendable (Result<Answer, WorldError>) -> Void
    ) {
        let place: DifferencePlace
        do {
            place = try self.place(of: request)
        } catch {
            return reply(.failure(WorldError(error, directory: directory)))
        }
        askSettled(place.to == nil, stop, reply) { [store, directory, policies] in
            .difference(
                try Self.difference(place, request, of: store, at: directory, policies: policies, stop: stop))
        }
    }

    private struct DifferencePlace: Sendable {
        var from: Epoch
        var to: Epoch?
    }

    private func place(of request: DifferenceRequest) throws -> DifferencePlace {
        let kept = try keptCheckpoints()
        let from = try find(request.from, in: kept)
        let to = try request.to.map { try find($0, in: kept) }
        if let to, to.epoch <= from.epoch {
            throw WorldError(
                .usage, what: "\(from.title) is not before \(to.title)",
                why: "an earlier checkpoint is compared with a later one",
                try: from.epoch == to.epoch
                    ? "keyvm checkpoint ls -w \(quotedForShell(directory))"
                    : "keyvm checkpoint diff -w \(quotedForShell(directory)) \(to.title) \(from.title)")
        }
        return DifferencePlace(from: from.epoch, to: to?.epoch)
    }

    private static func answer(_ past: Store) throws -> CheckpointAnswer {
        guard let record = try past.checkpoint(past.epoch) else {
            throw StoreError.notKept(path: past.path, past.epoch)
        }
        return CheckpointAnswer(record)
    }

    private static func difference(
        _ place: DifferencePlace, _ request: DifferenceRequest, of store: Store, at directory: String,
        policies: Policies, stop: StopFlag?
    ) throws -> DifferenceAnswer {
        let stores = (try store.past(place.from), try place.to.map { try store.past($0) } ?? store.committed())
        defer {
            stores.0.abandon()
            stores.1.abandon()
        }
        func world(_ past: Store) throws -> World {
            try World(
                directory: directory, access: .reader, store: past, budgetPages: pastFrames, policies: policies,
                stop: stop)
        }
        let (before, after) = (try world(stores.0), try world(stores.1))
        defer {
            before.abandon()
            after.abandon()
        }
        var difference = try StateDifference(
            before, after, from: try answer(stores.0), to: place.to == nil ? nil : try answer(stores.1), request)
        return try difference.compared(try stores.1.changes(since: place.from))
    }
}
