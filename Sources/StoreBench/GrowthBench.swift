// Owns the measurement of how much larger than its content a store becomes.

import Glibc
import Store

enum GrowthBench {
    static let pages = 50_000
    static let dirty = 5_000
    static let checkpoints = 200

    static func run(in directory: String) throws {
        let world = try BenchWorld("growth", in: directory, pages: pages, batch: dirty)
        var generator = SeededGenerator(state: 2)
        var bytes: UInt64 = 0
        for round in 1...checkpoints {
            let result = try world.publish(distinct(dirty, of: pages, using: &generator))
            bytes += result.statistics.bytesWritten
            if round % 40 == 0 {
                let statistics = try world.store.statistics()
                let ratio = Double(statistics.fileBytes) / Double(statistics.livePages * 4_096)
                let slots = Double(statistics.slots) / Double(statistics.livePages)
                print(
                    "after \(round): file \(fixed(ratio, 3)) times the live bytes, slots \(fixed(slots, 3)) times the live pages"
                )
            }
        }
        print("bytes per dirty page \(fixed(Double(bytes) / Double(checkpoints * dirty * 4_096), 3)) pages")
        try world.remove()
    }
}
