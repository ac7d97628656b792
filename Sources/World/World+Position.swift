// Where a world stands, and who may look on while it moves: for the proof that a world which was killed is the one that it was.

import Objects

/// Where a world stands: what it is follows from what it was and the inputs up to here (JRNL-1).
package struct WorldPosition: Sendable, Hashable {
    package let turn: UInt64
    /// Records of the journal that came in.
    package let records: UInt64
    package let gasClock: UInt64

    package init(turn: UInt64, records: UInt64, gasClock: UInt64) {
        self.turn = turn
        self.records = records
        self.gasClock = gasClock
    }
}

/// Is shown each position at which the world may be found after a kill, and may ask for the hash of its state there.
package typealias WorldObserver = (WorldPosition, _ hash: () throws -> String) throws -> Void

extension World {
    package var position: WorldPosition {
        get throws(WorldError) { try WorldError.translating(directory) { try standing } }
    }

    var standing: WorldPosition {
        get throws {
            WorldPosition(
                turn: try objects.world(WorldPage.turn), records: try journal.lastNumber,
                gasClock: try objects.world(WorldPage.gasClock))
        }
    }

    /// Shows the world to whoever looks on, between two steps of the run loop.
    func observe() throws {
        guard let observer else { return }
        try observer(try standing) { try hash().hash }
    }

    /// From any thread, the observer's too: as `submit`, but `reply` is called when the answer is durable. False where nobody takes
    /// requests.
    package func post(
        _ request: Request, id: String = "", reply: @escaping @Sendable (Result<Answer, WorldError>) -> Void
    ) -> Bool {
        mailbox.post(Letter(request: request, id: id, reply: reply))
    }
}
