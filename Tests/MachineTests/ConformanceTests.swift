// The standard's own test suite in a world's own processes: what its modules compute, where they trap, what does not link,
// and what is refused; in one go, and frozen, written out and read back on the way.

import ConformanceSuite
import Foundation
import Testing

struct ConformanceTests {
    /// Assertions for a runtime that reads the binary format.
    private static let expected = [
        "assert_return": 21_361, "assert_trap": 2_354, "assert_invalid": 1_475, "assert_malformed": 736,
        "assert_unlinkable": 83, "assert_uninstantiable": 34, "assert_exhaustion": 15,
    ]

    /// Those of it that execute something.
    private static let executing = ["assert_return", "assert_trap", "assert_uninstantiable", "assert_exhaustion"]

    @Test func theStandardsSuiteHoldsInAWorld() async throws {
        guard let held = try await Self.play(.whole) else { return print(ConformanceSuite.skipNote) }
        let total = Self.expected.values.reduce(0, +)
        print("conformance: \(Self.expected.keys.reduce(0) { $0 + held[$1, default: 0] }) of \(total)")
        for (type, count) in Self.expected { #expect(held[type] == count, "\(type)") }
    }

    /// KEYVM_RELOAD_ALL=1 goes on reloading to the end of every call, which takes long: some recurse a million deep.
    private static let cuttings: [WorldCutting] =
        ProcessInfo.processInfo.environment["KEYVM_RELOAD_ALL"] == nil
        ? [.firstReloads(every: 1, atMost: 30), .firstReloads(every: 7, atMost: 300), .reloads(every: 1_000)]
        : [.reloads(every: 1_000), .reloads(every: 7), .reloads(every: 1)]

    @Test(arguments: cuttings) func theSuiteHoldsWhereverItIsFrozenAndReloaded(cutting: WorldCutting) async throws {
        guard let held = try await Self.play(cutting) else { return print(ConformanceSuite.skipNote) }
        for type in Self.executing { #expect(held[type] == Self.expected[type], "\(type)") }
    }

    /// What held, by type of assertion; nil where there is no suite. Each script has a world of its own, so that they are played
    /// side by side.
    private static func play(_ cutting: WorldCutting) async throws -> [String: Int]? {
        guard let suite = try ConformanceSuite.converted() else { return nil }
        return try await withThrowingTaskGroup(of: (held: [String: Int], reloads: Int).self) { group in
            for name in suite.names {
                group.addTask {
                    let script = try suite.script(name)
                    let player = try ConformancePlayer(script, name: name, suite: suite, cutting: cutting)
                    for command in script.commands { try player.play(command) }
                    return (player.held, player.reloads)
                }
            }
            var held: [String: Int] = [:]
            var reloads = 0
            for try await played in group {
                held.merge(played.held, uniquingKeysWith: +)
                reloads += played.reloads
            }
            if reloads > 0 { print("conformance, \(cutting): \(reloads) times written out and reloaded") }
            return held
        }
    }
}
