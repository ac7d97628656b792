// The pace of forwarded input, against a process that answers at once and a printer that takes its time.

import Dispatch
import FoundationEssentials
import Glibc
import Synchronization
import Testing
import World
import keyvm

@Suite struct InputForwarderTests {
    /// A process that copies what it is sent to its log, one record each time.
    private final class CopyingProcess: Sendable {
        struct State {
            var sent: [UInt8] = []
            var ends = 0
            var records: UInt64 = 0
            var unprintedBytes = 0
            var mostUnprintedBytes = 0
            var refusals = 0
        }
        let state = Mutex(State())
        let printed = LogPosition()

        /// What `print` has not taken yet is taken.
        func print() {
            let next = state.withLock { state in
                state.unprintedBytes = 0
                return state.records
            }
            printed.move(to: next)
        }

        func ask(_ request: Request) throws(WorldError) -> Answer {
            switch request {
            case .send(_, let data, let ends):
                let isRefused = state.withLock { state in
                    state.refusals += 1
                    if state.refusals % 5 == 0 { return true }
                    state.sent += data
                    state.ends += ends ? 1 : 0
                    state.records += 1
                    state.unprintedBytes += data.count
                    state.mostUnprintedBytes = max(state.mostUnprintedBytes, state.unprintedBytes)
                    return false
                }
                if isRefused { throw WorldError(.bankExhausted, what: "full", why: "full", try: "later") }
                return .done
            case .inspect:
                return decoded(
                    """
                    {"inspect": {"_0": {"process": {"id": 1, "name": "p", "state": "waiting", "gasUsed": 1, "pages": 0,
                    "bank": "root", "meter": "root"}, "callStack": [], "memoryBytes": 0, "memoryPagesWritten": 0,
                    "moduleHash": "", "moduleBytes": 0, "links": [], "registers": [], "arguments": [], "isLoaded": true, "loadGas": 0, "loadGasPaid": 0,
                    "inputBytes": 0, "inputEnded": false,
                    "logBytes": 0, "logLimitBytes": 65536}}}
                    """)
            case .logs:
                let record = #"{"sequence": 0, "stream": "stdout", "data": ""}"#
                let items = state.withLock { $0.unprintedBytes } > 0 ? record : ""
                return decoded(#"{"logs": {"_0": {"items": [\#(items)], "next": 0, "oldest": 0, "ended": false}}}"#)
            default:
                throw WorldError(.failed, what: "not asked for", why: "in this test", try: "another")
            }
        }

        private func decoded(_ json: String) -> Answer {
            do {
                return try JSONDecoder().decode(Answer.self, from: Data(json.utf8))
            } catch {
                preconditionFailure("\(json): \(error)")
            }
        }
    }

    @Test(arguments: [65_536, 1 << 20] as [UInt64]) func givesNoMoreThanTheLogKeepsUnprinted(logBytes: UInt64) throws {
        let shell = try Shell()
        let input = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) }
        try shell.write(input, to: "input")
        let descriptor = open("\(shell.folder)/input", O_RDONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let process = CopyingProcess()
        let printer = DispatchQueue(label: "printer")
        printer.async {
            while process.state.withLock({ $0.ends }) == 0 {
                usleep(2_000)
                process.print()
            }
        }
        InputForwarder(process: "p", descriptor: descriptor, printed: process.printed, logBytes: logBytes) {
            request throws(WorldError) in try process.ask(request)
        }.forward()
        printer.sync {}
        let state = process.state.withLock { $0 }
        let isWhole = state.sent == input
        #expect(isWhole, "\(state.sent.count) of \(input.count) bytes, in order and once")
        #expect(state.ends == 1)
        #expect(state.mostUnprintedBytes <= Int(logBytes / 4))
    }
}
