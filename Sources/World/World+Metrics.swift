// The figures that monitoring asks for. What has to be counted first is counted a piece at a time between quanta, so that
// a world with many processes goes on meanwhile; from then on an answer costs the same however many there are.

import Kernel
import Objects

extension World {
    /// Records that are looked at between two quanta: microseconds where they are in memory, some 20 ms where each has to be
    /// brought in from a slow disk.
    static let surveyBatch = 64

    /// Answers those who wait for metrics, when everything has been counted.
    func answerScrapers() throws {
        guard !scrapers.isEmpty else { return }
        let result: Result<Answer, WorldError>
        do throws(WorldError) {
            let answer = try WorldError.translating(directory) {
                try kernel.survey(atMost: Self.surveyBatch) ? Answer.metrics(try metrics()) : nil
            }
            guard let answer else { return }
            result = .success(answer)
        } catch {
            // Who asked is told; the world is no worse for that it was asked.
            result = .failure(error)
        }
        let waiting = scrapers
        scrapers = []
        for reply in waiting { reply(result) }
    }

    /// All of it, here and now, after a count where there was none yet.
    func metrics() throws -> MetricsAnswer {
        while try !kernel.survey(atMost: .max) {}
        let banks = try kernel.administeredBanks(atMost: MetricsAnswer.treeBound, depth: MetricsAnswer.depthBound)
        let meters = try kernel.administeredMeters(atMost: MetricsAnswer.treeBound, depth: MetricsAnswer.depthBound)
        let states: [(ProcessState, RunState)] = [
            (.ready, .ready), (.waiting, .waiting), (.frozenGas, .frozenGas), (.frozenSpace, .frozenSpace),
            (.stopped, .stopped), (.faulted, .faulted), (.exited, .exited),
        ]
        return MetricsAnswer(
            status: try status(), info: try info(),
            lastCheckpoint: try store.newestCheckpoint().map(CheckpointAnswer.init),
            checkpointsSinceBoot: cycle.settledCount,
            processes: states.map { .init(state: $0.0, processes: kernel.countProcesses($0.1)) },
            banks: banks.figures.map(BankAnswer.init), omittedBanks: banks.omitted,
            meters: meters.figures.map(MeterAnswer.init), omittedMeters: meters.omitted)
    }
}
