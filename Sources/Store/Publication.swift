// Owns what goes into a publication and what comes out of it.

/// One page to be published: its id and its 4,096 bytes.
package struct PublishedPage {
    /// The page's id.
    package let id: PageID
    /// 4,096 bytes, unchanged until `publish` returns.
    package let content: UnsafeRawPointer

    /// Makes a page of its parts.
    package init(id: PageID, content: UnsafeRawPointer) {
        self.id = id
        self.content = content
    }
}

/// All that one checkpoint changes. May cross to the background thread: its pages are frozen until it is published.
package struct Publication: @unchecked Sendable {
    /// Its number; greater than that of the last publication.
    package let epoch: Epoch
    /// The dirty pages, in any order, no id twice.
    package let pages: [PublishedPage]
    /// Ids that are no more, in any order; may hold ids that were never written, and ids of `pages`, which go too.
    package let freed: [PageRun]
    /// Opaque bytes of the layers above, at most 3,072.
    package let attributes: [UInt8]
    /// What to say of the checkpoint.
    package let checkpoint: CheckpointNote

    /// Makes a publication of its parts.
    package init(
        epoch: Epoch, pages: [PublishedPage], freed: [PageRun], attributes: [UInt8], checkpoint: CheckpointNote
    ) {
        self.epoch = epoch
        self.pages = pages
        self.freed = freed
        self.attributes = attributes
        self.checkpoint = checkpoint
    }
}

/// What one publication did, counted and measured.
package struct PublicationStatistics: Sendable, Equatable {
    /// Pages of the publication that were written.
    package var pagesWritten = 0
    /// Pages that collection moved.
    package var pagesMoved = 0
    /// Pages that were freed and had been there.
    package var pagesFreed: UInt64 = 0
    /// Segments that were written.
    package var segmentsWritten = 0
    /// Segments whose live pages were moved away.
    package var segmentsCollected = 0
    /// Segments that are gone, collected ones included.
    package var segmentsDropped = 0
    /// Segments that cannot be collected because a page in them is damaged.
    package var segmentsDamaged = 0
    /// Transactions that staged segments before the publication.
    package var stagedTransactions = 0
    /// Whether the delta was merged into the index.
    package var merged = false
    /// Bytes given to write calls by the publishing thread, by the system's count; that of segments where it has none.
    package var bytesWritten: UInt64 = 0
    /// From the start of the publication to its commit, in microseconds.
    package var commitMicroseconds: UInt64 = 0
}

/// A publication that is durable and that the kernel has not adopted yet. Hand it to `Store.adopt`, once.
package struct Published: ~Copyable, Sendable {
    /// Its epoch.
    package let epoch: Epoch
    /// What it did.
    package let statistics: PublicationStatistics

    let head: HeadRecord
    let overlay: Overlay
    let dropped: [SegmentNumber]
    let moved: [PageID]
}

/// What adopting a publication changes for the kernel.
package struct Adoption: Sendable {
    /// Pages whose content is the same and lies elsewhere now: pointers that `page` gave for them before are to be
    /// asked for anew before the next publication begins.
    package let movedPages: [PageID]
    /// How many segments are gone.
    package let droppedSegments: Int
}

/// The size of the store, as of the kernel's view.
package struct StoreStatistics: Sendable, Equatable {
    /// Length of the file in bytes.
    package let fileBytes: UInt64
    /// Bytes of address space that the map takes.
    package let mapBytes: UInt64
    /// Pages that exist.
    package let livePages: UInt64
    /// Segments, and slots in them.
    package let segments: UInt64
    package let slots: UInt64
    /// Entries and freed runs that `idx` does not know yet.
    package let deltaEntries: UInt64
}
