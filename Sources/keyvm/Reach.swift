// Asks a world wherever it is: through its control socket where a host runs it, else by opening it under its lock.
//
// Invariant: a request is performed once. It is sent again only where nothing was sent, or nothing was opened.

import Control
import Glibc
import World

/// The way to one world.
struct Reach: Sendable {
    let directory: String
    /// The kept checkpoint that is asked in place of the world as it is; nil: none.
    var past = PastView.chosen

    /// How long a world is waited for that somebody holds who takes no requests (a host that starts, a verb at work).
    static let patience = Duration.seconds(10)

    /// Performs the request. Throws what the world says, and `.worldInUse` when its holder takes no requests in time.
    func ask(_ request: Request, wait: LogWait? = nil) throws(WorldError) -> Answer {
        guard past != nil, let view = PastView.chosen else { return try askPatiently(request, wait: wait) }
        var steps = view.steps
        if let until = view.until {
            let moment = try self.moment(view.checkpoint, until: until)
            steps = moment.steps
            StandardStreams.say("at \(view.checkpoint) --steps \(steps), gas clock \(moment.gasClock)")
            PastView(checkpoint: view.checkpoint, steps: steps).choose()
        }
        return try askPatiently(.past(checkpoint: view.checkpoint, steps: steps, request: request), wait: wait)
    }

    /// Where something holds first behind a kept checkpoint.
    func moment(_ checkpoint: String, until: String) throws(WorldError) -> MomentAnswer {
        let request = Request.moment(checkpoint: checkpoint, until: until)
        let answer = try withProgress("looking for it") { () throws(WorldError) in try askPatiently(request) }
        guard case .moment(let moment) = answer else { throw mismatch(request) }
        return moment
    }

    private func askPatiently(_ request: Request, wait: LogWait? = nil) throws(WorldError) -> Answer {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do throws(Unreached) {
                return try askOnce(request, wait: wait)
            } catch {
                switch error {
                case .refused(let refusal): throw refusal
                case .busy(let refusal):
                    guard ContinuousClock.now < deadline else { throw refusal }
                    usleep(20_000)
                }
            }
        }
    }

    /// Asks the host that runs the world, and waits for one that opens it as long as that takes; nil where no host holds it.
    func askHost(_ request: Request, wait: LogWait?) throws(WorldError) -> Answer? {
        precondition(past == nil, "nobody waits for what the past does next")
        while isHeldByHost {
            do throws(ControlFailure) {
                return try askHostOnce(request, wait: wait)
            } catch {
                guard case .notListening = error else { throw error.asWorldError(directory: directory) }
                usleep(20_000)
            }
        }
        return nil
    }

    /// A host holds the world, and nobody takes requests at its socket.
    enum Unreached: Error {
        case refused(WorldError)
        case busy(WorldError)
    }

    /// Whether a host holds the world; readers of a halted one do not count.
    var isHeldByHost: Bool {
        if case .inUse(.some) = World.condition(at: directory) { true } else { false }
    }

    /// Performs the request if the world can be reached at this moment.
    func askOnce(_ request: Request, wait: LogWait? = nil) throws(Unreached) -> Answer {
        if isHeldByHost {
            do throws(ControlFailure) {
                return try askHostOnce(request, wait: wait)
            } catch {
                if case .notListening = error { throw .busy(error.asWorldError(directory: directory)) }
                if case .outcomeUnknown(let id, _, _) = error, let found = outcomeInJournal(of: id) {
                    return try refusing(found)
                }
                throw .refused(error.asWorldError(directory: directory))
            }
        }
        do throws(WorldError) {
            return try askHere(request)
        } catch {
            throw error.code == .worldInUse ? .busy(error) : .refused(error)
        }
    }

    /// Asks the host that runs the world now.
    private func askHostOnce(_ request: Request, wait: LogWait?) throws(ControlFailure) -> Answer {
        let client = try ControlClient(directory: directory)
        let result: Result<Answer, ControlFailure> = awaited {
            let result: Result<Answer, ControlFailure>
            do throws(ControlFailure) {
                result = .success(try await client.ask(request, wait: wait))
            } catch {
                result = .failure(error)
            }
            return result
        }
        return try result.get()
    }

    /// What became of a request whose host is gone, by the journal that it left, or by the host that has taken it in again; nil where
    /// neither knows.
    private func outcomeInJournal(of id: RequestID) -> Result<Answer, WorldError>? {
        // One that is killed goes piece by piece.
        let deadline = ContinuousClock.now + .seconds(2)
        while ContinuousClock.now < deadline {
            switch World.condition(at: directory) {
            case .crashed: if case .success(let outcome) = replayedOutcome(of: id) { return outcome }
            case .inUse: if let outcome = rememberedOutcome(of: id) { return outcome }
            case .halted, .absent, .notAWorld: return nil
            }
            usleep(20_000)
        }
        return nil
    }

    /// What the journal knows of it. Fails where it cannot be asked, as when another host has begun to open the world.
    private func replayedOutcome(of id: RequestID) -> Result<Result<Answer, WorldError>?, WorldError> {
        Result { () throws(WorldError) in
            let world = try World.open(at: directory, as: .reader)
            let found = world.replayedRequests.last { $0.id == id.text }
            try world.close()
            return found?.result
        }
    }

    private func rememberedOutcome(of id: RequestID) -> Result<Answer, WorldError>? {
        let asked: Result<Outcome, ControlFailure> = awaited { [directory] in
            do throws(ControlFailure) {
                return .success(try await ControlClient(directory: directory).outcome(of: id))
            } catch {
                return .failure(error)
            }
        }
        guard case .success(let outcome) = asked, outcome.state == .done else { return nil }
        return outcome.result
    }

    private func refusing(_ result: Result<Answer, WorldError>) throws(Unreached) -> Answer {
        switch result {
        case .success(let answer): return answer
        case .failure(let refusal): throw .refused(refusal)
        }
    }

    /// Opens the world, performs the request, and lets go of it.
    private func askHere(_ request: Request) throws(WorldError) -> Answer {
        let world: World
        let question: Request
        if case .past(let checkpoint, let steps, let asked) = request {
            (world, question) = (try World.open(at: directory, asOf: checkpoint, steps: steps ?? 0), asked)
        } else {
            (world, question) = (try World.open(at: directory, as: request.isReading ? .reader : .host), request)
        }
        let result: Result<Answer, WorldError>
        do throws(WorldError) {
            result = .success(try world.perform(question))
        } catch {
            result = .failure(error)
        }
        try world.close()
        return try result.get()
    }

    /// Whether no host runs the world, after giving one that ends ten seconds to do so.
    func hasHalted() -> Bool {
        let deadline = ContinuousClock.now + Self.patience
        while isHeldByHost {
            guard ContinuousClock.now < deadline else { return false }
            usleep(20_000)
        }
        return true
    }

    /// A world that answers with another kind of answer than the request's is a bug of ours, said clearly.
    func mismatch(_ request: Request) -> WorldError {
        WorldError(
            .failed, what: "the world's answer to '\(request.name)' is of another kind",
            why: "the host may be another version of keyvm", try: "keyvm --version")
    }
}
