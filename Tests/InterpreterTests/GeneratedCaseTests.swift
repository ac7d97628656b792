// Made-up modules: what was found with them once, and that the maker of modules keeps what the comparison with other
// engines and the fuzzer of the engine take for granted.

import EngineTrials
import Interpreter
import Testing
import WebAssembly

struct GeneratedCaseTests {
    /// The module of a seed.
    private func module(_ seed: UInt64, bytes count: Int = 1_000) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        var choices = Choices(&generator, count: count)
        return ModuleMaker.module(&choices)
    }

    @Test func whatWasFoundOnceIsTheSameInSlices() throws {
        for (index, found) in generatedCases.enumerated() {
            let validated = try ValidatedModule(bytes: found.bytes)
            for seed in 0..<8 as Range<UInt64> {
                var trial = CutTrial()
                trial.seed = seed
                do throws(CutDifference) {
                    try trial.run(validated, bytes: found.bytes)
                } catch {
                    Issue.record("case \(index), seed \(seed): \(error)")
                }
            }
        }
    }

    @Test func modulesAreValidAndDoTheSameInSlices() throws {
        var calls = 0
        var used: Set<Instruction> = []
        for seed in 1...150 as ClosedRange<UInt64> {
            let bytes = module(seed, bytes: seed % 3 == 0 ? 3_000 : 600)
            let validated = try ValidatedModule(bytes: bytes)
            var trial = CutTrial()
            trial.seed = seed
            do throws(CutDifference) {
                calls += try trial.run(validated, bytes: bytes)
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
            used.formUnion(instructions(of: validated.module, bytes))
        }
        #expect(calls > 1_000, "most modules can be instantiated and called")
        #expect(Set(Instruction.allCases).subtracting(used) == [], "every instruction is used")
    }

    @Test func aModuleDependsOnItsSeedAlone() {
        #expect(module(7) == module(7))
        #expect(module(7) != module(8))
    }

    /// A trial that does not notice a difference would be worth nothing: a state that is changed between the calls of
    /// one of the two instances is a difference.
    @Test func aStateThatIsNotTheSameIsADifference() throws {
        let bytes = module(7)
        let trials = try (0..<2).map { _ in try Trial(ValidatedModule(bytes: bytes), bytes: bytes) }
        for trial in trials { try trial.instantiate() }
        let function = trials[0].module.importedFunctionCount + trials[0].module.functions.count - 1
        let calm = trials.map { $0.call(function, [], limit: 1_000) }
        #expect(calm[0] == calm[1])
        let activation = try #require(trials[1].instance).activation
        activation.droppedSegments()[0] ^= 1
        #expect(trials[0].call(function, [], limit: 1_000) != trials[1].call(function, [], limit: 1_000))
        activation.droppedSegments()[0] ^= 1
        activation.slots[0] ^= 1 << 40
        #expect(trials[0].call(function, [], limit: 1_000) != trials[1].call(function, [], limit: 1_000))
    }

    private func instructions(of module: Module, _ bytes: [UInt8]) -> Set<Instruction> {
        bytes.withUnsafeBufferPointer { bytes in
            var found: Set<Instruction> = []
            for body in module.functions {
                var reader = InstructionReader(bytes, in: body.code)
                while let next = try? reader.next() { found.insert(next.instruction) }
            }
            return found
        }
    }
}
