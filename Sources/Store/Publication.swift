// Owns what goes into a publication and what comes out of it.

import CLMDB

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

/// Where pages come from that do not lie in memory all at once.
package protocol PageSource: AnyObject {
    /// The ids of its pages, ascending, none of them among the publication's others.
    var ids: [PageRun] { get }

    /// Puts the 4,096 bytes of a page into `place`. Asked once for each, by ascending id, on the publishing thread. What is thrown ends
    /// the publication.
    func copy(_ id: PageID, to place: UnsafeMutableRawPointer) throws(StoreError)
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
    /// What of the past is kept from now on.
    package let keeping: Keeping
    /// Further pages.
    package let source: (any PageSource)?

    /// Which states can be read later.
    package struct Keeping: Sendable, Equatable {
        /// Whether that of this publication can.
        package var keepsThis: Bool
        /// Those of these cannot any more: kept checkpoints, in any order, none twice. Their records go, too.
        package var released: [Epoch]
        /// Kept checkpoints that are held from now on, and that are not any more.
        package var held: [Epoch: Bool]

        /// Makes one of its parts.
        package init(keepsThis: Bool = false, released: [Epoch] = [], held: [Epoch: Bool] = [:]) {
            self.keepsThis = keepsThis
            self.released = released
            self.held = held
        }
    }

    /// Makes a publication of its parts.
    package init(
        epoch: Epoch, pages: [PublishedPage], freed: [PageRun], attributes: [UInt8], checkpoint: CheckpointNote,
        keeping: Keeping = Keeping(), source: (any PageSource)? = nil
    ) {
        self.epoch = epoch
        self.pages = pages
        self.freed = freed
        self.attributes = attributes
        self.checkpoint = checkpoint
        self.keeping = keeping
        self.source = source
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
    /// Old pages that collection moved, of those that it moved.
    package var oldPagesMoved = 0
    /// Pages that undo records name from now on, and did not before.
    package var pagesKept = 0
    /// Pages that they named before, and do not any more.
    package var pagesReleased = 0
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
    let madePast: MDB_dbi?
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
    /// Pages that exist in kept states only.
    package let oldPages: UInt64
    /// Segments, and slots in them.
    package let segments: UInt64
    package let slots: UInt64
    /// Entries and freed runs that `idx` does not know yet.
    package let deltaEntries: UInt64
}
