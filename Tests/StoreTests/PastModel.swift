// Owns the model of kept states: what pages each had, beside that of the present.

import Store
import Testing

/// A world beside models of all its kept states.
struct PastModel {
    var world: ModelWorld
    /// What each kept checkpoint had: pages, and the epochs in which they were written.
    var kept: [Epoch: [PageID: UInt64]] = [:]
    var held: Set<Epoch> = []
    /// Pages that were written, made or freed since.
    private(set) var changed: [Epoch: Set<PageID>] = [:]

    /// The next publication, with what becomes of kept states.
    mutating func step(_ keeping: Publication.Keeping) -> (publication: Publication, buffer: PageBuffer) {
        let before = world.pages
        let (plain, buffer) = world.step()
        let touched = Set(plain.pages.map(\.id)).union(
            before.keys.filter { id in plain.freed.contains { $0.contains(id) } }
        )
        .filter { before[$0] != nil || world.pages[$0] != nil }
        for epoch in kept.keys { changed[epoch, default: []].formUnion(touched) }
        for epoch in keeping.released {
            kept[epoch] = nil
            held.remove(epoch)
        }
        for (epoch, isHeld) in keeping.held { if isHeld { held.insert(epoch) } else { held.remove(epoch) } }
        if keeping.keepsThis { kept[plain.epoch] = world.pages }
        let publication = Publication(
            epoch: plain.epoch, pages: plain.pages, freed: plain.freed, attributes: plain.attributes,
            checkpoint: plain.checkpoint, keeping: keeping)
        return (publication, buffer)
    }

    /// The next publication, keeping every third state and some of those.
    mutating func plannedStep() -> (publication: Publication, buffer: PageBuffer) {
        let old = kept.keys.sorted()
        return step(.init(keepsThis: world.epoch % 3 == 0, released: old.count > 4 ? [old[1]] : []))
    }

    /// Pages that are there for kept states only, each version once.
    var oldPages: UInt64 {
        var versions: Set<[UInt64]> = []
        for pages in kept.values {
            for (id, epoch) in pages where world.pages[id] != epoch { versions.insert([id.rawValue, epoch]) }
        }
        return UInt64(versions.count)
    }

    /// Pages that only this one has.
    func alone(_ epoch: Epoch) -> UInt64 {
        guard let pages = kept[epoch] else { return 0 }
        return UInt64(
            pages.count { id, written in
                world.pages[id] != written && !kept.contains { $0.key != epoch && $0.value[id] == written }
            })
    }
}

/// Compares the present and all kept states with the model.
func expectEqual(_ store: Store, _ model: PastModel, _ comment: Comment) throws {
    try expectEqual(store, model.world, comment)
    let records = try store.checkpoints()
    #expect(Set(records.filter(\.isKept).map(\.epoch)) == Set(model.kept.keys), comment)
    #expect(Set(records.filter(\.held).map(\.epoch)) == model.held, comment)
    #expect(try store.statistics().oldPages == model.oldPages, comment)
    let alone = try store.pagesKeptAlone()
    for (epoch, pages) in model.kept {
        let past = try store.past(epoch)
        #expect(past.epoch == epoch && past.attributes == attributes(epoch.rawValue), comment)
        for (id, written) in pages {
            guard let content = try past.page(id), matches(content, id: id, epoch: written) else {
                Issue.record("page \(id.rawValue) of epoch \(written), as of \(epoch.rawValue); \(comment)")
                try past.close()
                return
            }
        }
        var listed: [PageID] = []
        try past.forEachPage(in: PageID(rawValue: 0)...PageID(rawValue: .max)) { id in
            listed.append(id)
            return true
        }
        #expect(listed == pages.keys.sorted(), "as of \(epoch.rawValue); \(comment)")
        #expect(try past.verify { _, _ in } == [], comment)
        try past.close()
        #expect(Set(try store.changes(since: epoch)) == model.changed[epoch] ?? [], comment)
        #expect(alone[epoch] == model.alone(epoch), "alone, \(epoch.rawValue); \(comment)")
    }
}
