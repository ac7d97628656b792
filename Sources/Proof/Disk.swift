// What a disk may hold after a crash: for each file and folder what is durable for certain, and the changes that may be there or
// not (specs/proof.md, What a crash leaves).
//
// PROOF-1  A change is certain when a sync of its file or folder ended well that began after it.
// PROOF-2  Changes that are there are there in the order in which they were made.

/// The bytes of a file; behind `bytes` there are zeros up to `size`.
struct FileContents: Equatable {
    private(set) var bytes: [UInt8] = []
    private(set) var size = 0

    mutating func write(_ data: ArraySlice<UInt8>, at offset: Int) {
        let end = offset + data.count
        if bytes.count < end { bytes += repeatElement(0, count: end - bytes.count) }
        bytes.replaceSubrange(offset..<end, with: data)
        size = max(size, end)
    }

    mutating func resize(_ size: Int) {
        if bytes.count > size { bytes.removeLast(bytes.count - size) }
        self.size = size
    }

    mutating func grow(_ size: Int) { self.size = max(self.size, size) }
}

/// A change of a file's bytes.
enum FileChange {
    case write(offset: Int, ArraySlice<UInt8>)
    case resize(Int)
    case grow(Int)
}

/// A change of folders, made as one: what is under a name from then on.
struct FolderChange {
    var entries: [(folder: Int, name: String, node: Int?)]
}

/// A change that was made, and whether it is certain.
struct Made<Change> {
    /// Counts the changes of the whole disk.
    let number: Int
    let change: Change
    var isCertain = false
    /// A sync failed that began after it: no later one makes it certain.
    var isForsaken = false
}

/// How a disk keeps what it promises.
enum DiskKind: String {
    /// A sync that ended well is one.
    case honest
    /// No sync makes anything certain.
    case withoutSyncs
    /// The sync of the store's pages makes nothing certain, before the page that says that they are there.
    case halfCommits
    /// What is written to the journal is never made certain by whoever writes it.
    case withoutJournalSyncs
    /// Nor by whoever opens a world whose last host was killed.
    case withoutOpeningSyncs
    /// No sync of a folder makes anything certain.
    case withoutFolderSyncs
}

struct Disk {
    private(set) var files: [Int: FileContents] = [:]
    /// Changes that are not part of `files` yet, by file.
    private(set) var changes: [Int: [Made<FileChange>]] = [:]
    /// What is in which folder for certain.
    private(set) var folders: [Int: [String: Int]] = [0: [:]]
    private(set) var folderChanges: [Made<FolderChange>] = []
    /// Counts changes, and changes that became certain: equal numbers, equal disks.
    private(set) var version = 0

    private let root: String
    private var made = 0
    /// How programs see it.
    private var seen: [Int: [String: Int]] = [0: [:]]
    private var open: [Int32: Int] = [:]
    private var syncs: [UInt64: (node: Int, last: Int, isForData: Bool)] = [:]
    /// The name under which a file was opened last.
    private var names: [Int: String] = [:]
    private var nodes = 1
    private let kind: DiskKind
    private var halves: Set<Int> = []

    /// An empty folder `root`.
    init(root: String, kind: DiskKind = .honest) {
        self.root = root
        self.kind = kind
    }

    /// What a crash left, for certain.
    init(root: String, holding image: CrashImage) throws {
        self.init(root: root)
        for path in image.folders.sorted(by: { $0.utf8.count < $1.utf8.count }) {
            let (folder, name) = try place(root + path)
            seen[folder]?[name] = nodes
            seen[nodes] = [:]
            nodes += 1
        }
        for (path, contents) in image.files {
            let (folder, name) = try place(root + path)
            seen[folder]?[name] = nodes
            files[nodes] = contents
            nodes += 1
        }
        folders = seen
    }

    /// Changes that may be there or not.
    var uncertain: Int {
        folderChanges.count { !$0.isCertain } + changes.values.reduce(0) { $0 + $1.count { !$0.isCertain } }
    }

    private func place(_ path: String) throws -> (folder: Int, name: String) {
        var parts = path.dropFirst(root.count).split(separator: "/").map(String.init)
        guard path.hasPrefix(root), let name = parts.popLast() else {
            throw TraceError(description: "\(path) is not below \(root)")
        }
        var folder = 0
        for part in parts {
            guard let next = seen[folder]?[part] else { throw TraceError(description: "\(path) is in no folder") }
            folder = next
        }
        return (folder, name)
    }

    private func node(_ path: String) throws -> Int? {
        if path == root { return 0 }
        let (folder, name) = try place(path)
        return seen[folder]?[name]
    }

    private mutating func change(_ entries: (folder: Int, name: String, node: Int?)...) {
        for entry in entries { seen[entry.folder]?[entry.name] = entry.node }
        made += 1
        folderChanges.append(Made(number: made, change: FolderChange(entries: entries)))
        version += 1
    }

    private mutating func change(_ file: Int, _ change: FileChange, isCertain: Bool = false) {
        made += 1
        changes[file, default: []].append(Made(number: made, change: change, isCertain: isCertain))
        version += 1
        if isCertain { settle(file) }
    }

    private func file(_ event: TraceEvent) throws -> Int {
        guard let node = open[event.descriptor] else {
            throw TraceError(description: "descriptor \(event.descriptor) is no open file")
        }
        return node
    }

    /// What a call does to the disk.
    mutating func apply(_ event: TraceEvent) throws {
        switch event.kind {
        case .begin: open = [:]
        case .open:
            let flags = TraceEvent.Flags(rawValue: event.flags)
            if let found = try node(event.path) {
                open[event.descriptor] = found
                names[found] = event.path
                if flags.contains(.emptied) { change(found, .resize(0)) }
                return
            }
            guard flags.contains(.created) else { throw TraceError(description: "\(event.path) was not there") }
            let (folder, name) = try place(event.path)
            files[nodes] = FileContents()
            change((folder, name, nodes))
            open[event.descriptor] = nodes
            names[nodes] = event.path
            if kind == .halfCommits && name == "store.mdb" { halves.insert(nodes) }
            nodes += 1
        case .close: open[event.descriptor] = nil
        case .write:
            let isSynchronous = TraceEvent.Flags(rawValue: event.flags).contains(.synchronous)
            change(
                try file(event), .write(offset: Int(event.offset), event.data),
                isCertain: isSynchronous && kind != .withoutSyncs)
        case .truncate: change(try file(event), .resize(Int(event.offset)))
        case .allocate: change(try file(event), .grow(Int(event.offset)))
        case .syncBegins: syncs[event.offset] = (try file(event), made, event.flags == TraceEvent.dataSync)
        case .syncEnds:
            guard let sync = syncs.removeValue(forKey: event.offset) else {
                throw TraceError(description: "a sync ends that did not begin")
            }
            if event.flags == 0 {
                if !isIgnored(sync.node, sync.isForData) { makeCertain(sync.node, sync.last) }
            } else {
                forsake(sync.node, sync.last)
            }
        case .rename:
            guard let moved = try node(event.path) else { throw TraceError(description: "\(event.path) is not there") }
            let (from, to) = (try place(event.path), try place(event.text))
            change((from.folder, from.name, nil), (to.folder, to.name, moved))
        case .unlink, .removeFolder:
            let (folder, name) = try place(event.path)
            change((folder, name, nil))
        case .makeFolder:
            let (folder, name) = try place(event.path)
            seen[nodes] = [:]
            folders[nodes] = [:]
            change((folder, name, nodes))
            nodes += 1
        case .note, .failed, .unknown: break
        }
    }

    /// Whether this kind of disk does nothing at a sync.
    private func isIgnored(_ node: Int, _ isForData: Bool) -> Bool {
        let isFolder = seen[node] != nil
        let isJournal = !isFolder && names[node]?.contains("/journal/") == true
        return switch kind {
        case .honest: false
        case .withoutSyncs: true
        case .halfCommits: halves.contains(node)
        case .withoutJournalSyncs: isJournal && isForData
        case .withoutOpeningSyncs: isJournal && !isForData && names[node]?.hasSuffix(".log") == true
        case .withoutFolderSyncs: isFolder
        }
    }

    private mutating func makeCertain(_ node: Int, _ last: Int) {
        if seen[node] != nil {
            for index in folderChanges.indices
            where folderChanges[index].number <= last && !folderChanges[index].isForsaken
                && folderChanges[index].change.entries.contains(where: { $0.folder == node })
            {
                folderChanges[index].isCertain = true
                version += 1
            }
            while let first = folderChanges.first, first.isCertain {
                Self.apply(first.change, to: &folders)
                folderChanges.removeFirst()
            }
            return
        }
        guard var list = changes[node] else { return }
        for index in list.indices where list[index].number <= last && !list[index].isForsaken {
            list[index].isCertain = true
        }
        changes[node] = list
        version += 1
        settle(node)
    }

    private mutating func forsake(_ node: Int, _ last: Int) {
        for index in folderChanges.indices where folderChanges[index].number <= last {
            if folderChanges[index].change.entries.contains(where: { $0.folder == node }) {
                folderChanges[index].isForsaken = true
            }
        }
        for index in changes[node, default: []].indices where changes[node]?[index].number ?? 0 <= last {
            changes[node]?[index].isForsaken = true
        }
    }

    /// What is certain from the first change on becomes part of the file.
    private mutating func settle(_ file: Int) {
        guard var list = changes[file]?[...] else { return }
        while let first = list.first, first.isCertain {
            Self.apply(first.change, to: &files[file, default: FileContents()])
            list = list.dropFirst()
        }
        changes[file] = Array(list)
    }

    static func apply(_ change: FileChange, to contents: inout FileContents) {
        switch change {
        case .write(let offset, let data): contents.write(data, at: offset)
        case .resize(let size): contents.resize(size)
        case .grow(let size): contents.grow(size)
        }
    }

    static func apply(_ change: FolderChange, to folders: inout [Int: [String: Int]]) {
        for entry in change.entries { folders[entry.folder]?[entry.name] = entry.node }
    }
}
