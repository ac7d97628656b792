// How fast inputs become durable: the journal beside a plain file that the same bytes are appended to and synced as often. Both by
// turns in one run.

import Glibc
import Store
import Synchronization

enum JournalBench {
    private static let inputBytes = 64
    private static let batch = 100
    private static let batches = 200
    private static let rounds = 7

    static func run(in directory: String) throws {
        let folder = "\(directory)/journal-bench-\(getpid())"
        guard mkdir(folder, 0o755) == 0 else { throw Failed(call: "mkdir", errno: errno) }
        defer { remove(folder) }
        let journal = Journal(folder)
        defer { journal.writer.end() }
        let file = try PlainFile("\(folder)/plain")
        var plain = (batches: [Double](), singles: [Double]())
        var ours = plain
        for _ in 0..<rounds {
            plain.batches.append(try seconds { for _ in 0..<batches { try file.append(batch) } })
            ours.batches.append(try seconds { for _ in 0..<batches { try journal.append(batch) } })
            for _ in 0..<batches { plain.singles.append(try seconds { try file.append(1) }) }
            for _ in 0..<batches { ours.singles.append(try seconds { try journal.append(1) }) }
        }
        func rate(_ seconds: [Double]) -> Double { Double(batches * batch) / median(seconds) }
        print(
            "batches of \(batch) inputs of \(inputBytes) bytes, inputs a second: file \(Int(rate(plain.batches))), "
                + "journal \(Int(rate(ours.batches))), ratio \(rounded(rate(ours.batches) / rate(plain.batches)))")
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            let (file, journal) = (quantile(plain.singles, share), quantile(ours.singles, share))
            print(
                "one input, to its acknowledgement, \(name): file \(Int(file * 1e6)) us, journal \(Int(journal * 1e6)) us, "
                    + "ratio \(rounded(journal / file))")
        }
    }

    private static func median(_ values: [Double]) -> Double { quantile(values, 0.5) }

    private static func quantile(_ values: [Double], _ share: Double) -> Double {
        values.sorted()[min(values.count - 1, Int(Double(values.count) * share))]
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

    private static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let duration = try ContinuousClock().measure(body)
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    private static func remove(_ folder: String) {
        unlink("\(folder)/plain")
        _ = Result { try JournalFolder(directory: folder).remove() }
        rmdir(folder)
    }

    private struct Failed: Error {
        let call: String
        let errno: Int32
    }

    /// A journal by itself, and who waits for it.
    private final class Journal {
        let writer: JournalWriter
        private let told = Told()
        private let input = [UInt8](repeating: 7, count: JournalBench.inputBytes)

        init(_ folder: String) {
            writer = JournalWriter(
                directory: folder, worldID: WorldID(low: 1, high: 2), lastNumber: 0, lastSerial: 0)
            _ = writer.begin(epoch: Epoch(rawValue: 1))
        }

        func append(_ count: Int) throws {
            var last: UInt64 = 0
            for _ in 0..<count { last = writer.append(.request, gasClock: 1, turn: 1, contents: input) }
            writer.whenDurable(last) { [told] error in told.tell(error) }
            if let error = told.wait() { throw error }
        }
    }

    /// One thread waits for another.
    private final class Told: @unchecked Sendable {
        private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        private let error = Mutex<StoreError?>(nil)

        init() { sem_init(semaphore, 0, 0) }

        deinit {
            sem_destroy(semaphore)
            semaphore.deallocate()
        }

        func tell(_ error: StoreError?) {
            self.error.withLock { $0 = error }
            sem_post(semaphore)
        }

        func wait() -> StoreError? {
            while sem_wait(semaphore) != 0 {}
            return error.withLock { $0 }
        }
    }

    /// A file that was allocated, and that inputs are appended to.
    private final class PlainFile {
        private let descriptor: Int32
        private var end: off_t = 0
        private let inputs = [UInt8](repeating: 7, count: JournalBench.inputBytes * JournalBench.batch)

        init(_ path: String) throws {
            descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o644)
            guard descriptor >= 0 else { throw Failed(call: "open", errno: errno) }
            let code = posix_fallocate(descriptor, 0, 64 << 20)
            guard code == 0, fsync(descriptor) == 0 else { throw Failed(call: "posix_fallocate", errno: code) }
        }

        deinit { close(descriptor) }

        func append(_ count: Int) throws {
            let bytes = count * JournalBench.inputBytes
            guard pwrite(descriptor, inputs, bytes, end) == bytes else { throw Failed(call: "pwrite", errno: errno) }
            end += off_t(bytes)
            guard fdatasync(descriptor) == 0 else { throw Failed(call: "fdatasync", errno: errno) }
        }
    }
}
