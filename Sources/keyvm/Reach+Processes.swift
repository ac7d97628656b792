// The processes of a world, a page at a time: the first are shown at once however many there are, and no request holds the
// world up for long. The one place that knows how they are asked for.

import World

extension Reach {
    /// Calls `body` with the processes, oldest first, in pages. Each is of the moment at which it was asked for; the first is
    /// empty where there are none.
    func forEachPage(_ body: ([ProcessAnswer]) throws -> Void) throws {
        var after: UInt64 = 0
        // The first page is on the screen soon, the others make few requests.
        var limit = 256
        while true {
            let page = try page(after: after, limit: limit)
            try body(page.items)
            guard let next = page.next else { return }
            after = next
            limit = 4096
        }
    }

    /// Every process, oldest first. O(processes).
    func allProcesses() throws(WorldError) -> [ProcessAnswer] {
        var found: [ProcessAnswer] = []
        var after: UInt64? = 0
        while let id = after {
            let page = try page(after: id, limit: 4096)
            found += page.items
            after = page.next
        }
        return found
    }

    private func page(after id: UInt64, limit: Int) throws(WorldError) -> ProcessesAnswer {
        let request = Request.processes(after: id, limit: limit)
        guard case .processes(let page) = try ask(request) else { throw mismatch(request) }
        return page
    }
}
