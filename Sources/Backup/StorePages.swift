// The pages of a state that is open, to be published in another store.

import Store

/// All pages of a state that nobody changes meanwhile.
package final class StorePages: PageSource {
    private let store: Store
    package let ids: [PageRun]
    private let progress: (UInt64) throws -> Void
    private var handedOut: UInt64 = 0
    /// What ended the reading, where it was not the publication.
    package private(set) var failure: (any Error)?

    /// `progress` is called with pages that were handed out; what it throws ends the publication. Throws `damaged`.
    package init(_ store: Store, progress: @escaping (UInt64) throws -> Void) throws(StoreError) {
        self.store = store
        self.progress = progress
        ids = try store.pageRuns()
        store.isReadWhole = true
    }

    /// How many there are.
    package var count: UInt64 { ids.pageCount }

    package func copy(_ id: PageID, to place: UnsafeMutableRawPointer) throws(StoreError) {
        do {
            if handedOut % 256 == 0 { try progress(handedOut) }
            guard let content = try store.page(id) else {
                preconditionFailure("a page of a state that nobody changes is there")
            }
            place.copyMemory(from: content, byteCount: 4096)
            handedOut += 1
        } catch {
            failure = error
            throw error as? StoreError ?? .sourceFailed(path: store.path, id)
        }
    }
}
