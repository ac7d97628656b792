// A world for tests of the way to it: it answers what it is asked and remembers what it performed.

import Control
import FoundationEssentials
import Synchronization
import World

final class RecordingWorld: Sendable {
    private struct State {
        var performed: [Request] = []
        var records: [LogRecord] = []
        var state = ProcessState.ready
        var isHeld = false
    }
    private let state = Mutex(State())

    /// Every request that was performed, in order.
    var performed: [Request] { state.withLock { $0.performed } }

    /// While held, `checkpoint` does not answer, and `metrics` is refused.
    func hold(_ held: Bool) { state.withLock { $0.isHeld = held } }

    /// The process writes a line.
    func write(_ text: String) {
        state.withLock { state in
            var record: LogRecord = decoded(#"{"sequence": 0, "stream": "stdout", "data": ""}"#)
            record.sequence = UInt64(state.records.count)
            record.data = Data(text.utf8)
            state.records.append(record)
        }
    }

    /// The process changes its state.
    func become(_ process: ProcessState) { state.withLock { $0.state = process } }

    var perform: PerformRequest {
        { [self] request async throws(WorldError) in
            state.withLock { $0.performed.append(request) }
            switch request {
            case .send(let process, _, _) where process == "nobody":
                throw WorldError(.noSuchThing, what: "no process 'nobody'", why: "it is not there", try: "keyvm ps")
            case .send, .kill, .halt: return .done
            case .run(let program): return .run(made(id: program.module.count, name: program.defaultName))
            case .hash: return .hash(recordedHash)
            case .checkpoint:
                // A world goes on where whoever asked is cancelled.
                while state.withLock({ $0.isHeld }) {
                    await Task.detached { try? await Task.sleep(for: .milliseconds(5)) }.value
                }
                return .done
            case .logs(_, let since, _):
                return state.withLock { state in
                    var logs = noRecords(ended: state.state == .exited)
                    logs.items = state.records.filter { $0.sequence >= since }
                    logs.next = UInt64(state.records.count)
                    return .logs(logs)
                }
            case .metrics:
                guard !state.withLock({ $0.isHeld }) else {
                    throw WorldError(.failed, what: "the world is on hold", why: "the test says so", try: "later")
                }
                return .metrics(recordedMetrics)
            case .inspect: return .inspect(state.withLock { Self.inspected($0.state) })
            default: throw WorldError(.failed, what: "not in this test", why: "it is not asked", try: "keyvm --help")
            }
        }
    }

    private static func inspected(_ state: ProcessState) -> InspectAnswer {
        decoded(
            """
            {"process": {"id": 1, "name": "p", "state": "\(state.rawValue)", "gasUsed": 1, "pages": 0, "bank": "root",
            "meter": "root"}, "callStack": [], "memoryBytes": 0, "memoryPagesWritten": 0, "moduleHash": "",
            "moduleBytes": 0, "links": [], "arguments": [], "registers": [],
            "isLoaded": true, "loadGas": 0, "loadGasPaid": 0, "inputBytes": 0, "inputEnded": false, "logBytes": 0, "logLimitBytes": 0}
            """)
    }
}

/// A value of the wire's form; the world's answers cannot be made otherwise outside it.
func decoded<Value: Decodable>(_ json: String, as type: Value.Type = Value.self) -> Value {
    do {
        return try JSONDecoder().decode(type, from: Data(json.utf8))
    } catch {
        preconditionFailure("\(json): \(error)")
    }
}

/// The answer to `hash` of every `RecordingWorld`.
let recordedHash: HashAnswer = decoded(#"{"hash": "abab", "gasClock": 7}"#)

/// The answer to `metrics`.
let recordedMetrics: MetricsAnswer = decoded(
    #"""
    {"status": {"state": "running", "pid": 1, "gasClock": 18446744073709551615, "processes": 4,
      "checkpoint": {"id": 3, "ageSeconds": 1.5, "dirtyPages": 2}, "journal": {"records": 0},
      "pendingBanks": 0},
    "info": {"world": "", "format": 3, "fileBytes": 1, "mapBytes": 2, "livePages": 3, "slots": 4, "segments": 5,
      "deltaEntries": 6, "residentPages": 7, "dirtyPages": 8, "dirtyBudgetPages": 9, "pageIns": 10, "rootUsedBytes": 11,
      "loadedProcesses": 12, "loadedInstances": 13, "loadedBytes": 14, "loadedInstanceLimit": 15,
      "loadedByteLimit": 16, "loadedProcessLimit": 17, "memoryBytes": 18, "quantumGas": 100000},
    "checkpointsSinceBoot": 19, "processes": [{"state": "frozen-gas", "processes": 4}],
    "banks": [{"path": "root/a\"b\\c\nd", "usedBytes": 4096, "ownBytes": 0, "reserveBytes": 0, "pages": 1,
      "cells": 0, "ownCells": 0, "processes": 0}], "omittedBanks": 3,
    "meters": [{"path": "root", "gasUsed": 5, "weight": 1, "processes": 0},
      {"path": "root/m", "gasLeft": 9, "gasUsed": 5, "weight": 1, "processes": 0}], "omittedMeters": 0}
    """#)

/// The answer to `run`.
func made(id: Int, name: String) -> RunAnswer { decoded(#"{"id": \#(id), "name": "\#(name)"}"#) }

/// An answer to `logs` without records.
func noRecords(ended: Bool) -> LogsAnswer { decoded(#"{"items": [], "next": 0, "oldest": 0, "ended": \#(ended)}"#) }
