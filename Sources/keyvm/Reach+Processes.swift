// All processes of a world, for verbs that need all of them at once: the one place that knows how they are asked for.

import World

extension Reach {
    /// Every process, oldest first. O(processes), for the world too.
    func allProcesses() throws(WorldError) -> [ProcessAnswer] {
        guard case .processes(let answer) = try ask(.processes) else { throw mismatch(.processes) }
        return answer.items
    }
}
