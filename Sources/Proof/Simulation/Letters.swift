// What is asked of a world that runs, and answered on other threads: how much is still on its way, and what was answered. It is
// told through a pipe at once, so that it is known of a host that was killed a moment later.

import Dispatch
import FoundationEssentials
import Glibc
import Synchronization
import World

/// Tells lines, from any thread.
final class Telling: Sendable {
    private let descriptor: Int32
    private let lock = Mutex(())

    init(descriptor: Int32) { self.descriptor = descriptor }

    func tell(_ line: String) {
        lock.withLock { _ in
            var bytes = Array((line + "\n").utf8)[...]
            while !bytes.isEmpty {
                let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                // Whoever listens is gone, and with it the reason to live.
                if count <= 0 { _exit(1) }
                bytes = bytes.dropFirst(count)
            }
        }
    }
}

/// Letters on their way.
final class Letters: Sendable {
    private struct State {
        /// Orders and questions, which are answered whatever the run loop does once it has taken them.
        var outstanding = 0
        /// Checkpoints, for which it has to come by.
        var checkpoints = 0
        /// Letters that were posted; those up to the last knock; and those that the run loop has taken for certain.
        var posted = 0
        var knocked = 0
        var taken = 0
        var answers: [Answer] = []
        var texts: [UInt64: String] = [:]
    }

    private let state = Mutex(State())
    private let answered = DispatchSemaphore(value: 0)
    let telling: Telling

    init(_ telling: Telling) { self.telling = telling }

    /// Nothing is asked that was not answered.
    var isEmpty: Bool { state.withLock { $0.outstanding == 0 && $0.checkpoints == 0 } }
    var areCheckpointsDurable: Bool { state.withLock { $0.checkpoints == 0 } }
    /// The run loop has taken all letters.
    var areTaken: Bool { state.withLock { $0.taken == $0.posted } }

    /// Asks; the answer to a step is told.
    func post(_ request: Request, step: Int, to world: World) {
        let isCheckpoint = if case .checkpoint = request { true } else { false }
        begin(isCheckpoint: isCheckpoint)
        let isPosted = world.post(request, id: "s\(step)") { [self] result in
            telling.tell(Self.line(step, result))
            end(isCheckpoint: isCheckpoint)
        }
        if !isPosted { telling.tell("fault nobody takes a request") }
    }

    /// Asks; the answer is kept.
    func ask(_ request: Request, of world: World) {
        ask(request, of: world) { $0.answers.append($1) }
    }

    /// Asks for all that a process wrote.
    func askForText(of process: UInt64, of world: World) {
        ask(.logs(process: "id:\(process)", since: 0, limitBytes: 1 << 20), of: world) { state, answer in
            guard case .logs(let logs) = answer else { return }
            state.texts[process] = String(decoding: logs.items.flatMap { Array($0.data) }, as: UTF8.self)
        }
    }

    private func ask(_ request: Request, of world: World, _ keep: @escaping @Sendable (inout State, Answer) -> Void) {
        begin()
        _ = world.post(request) { [self] result in
            switch result {
            case .success(let answer): state.withLock { keep(&$0, answer) }
            case .failure(let error): telling.tell("fault \(request) is refused: \(error.what), \(error.why)")
            }
            end()
        }
    }

    /// A letter behind all others, where none is: when it is answered, the run loop has taken them. Where nothing runs it lets the loop
    /// come by once more.
    func knock(at world: World) {
        let number: Int? = state.withLock { state in
            if state.knocked == state.posted && state.taken < state.posted { return nil }
            state.posted += 1
            state.knocked = state.posted
            return state.posted
        }
        guard let number else { return }
        _ = world.post(.status) { [self] result in
            state.withLock {
                $0.taken = number
                if case .success(let answer) = result { $0.answers.append(answer) }
            }
        }
    }

    /// Waits until all that was taken is answered: another thread does it.
    func wait() {
        while state.withLock({ $0.outstanding > 0 }) { answered.wait() }
    }

    /// What was answered to `askForText`, by process id.
    func takeTexts() -> [UInt64: String] {
        state.withLock { state in
            defer { state.texts = [:] }
            return state.texts
        }
    }

    /// What was answered to `ask` and `knock`, since this was asked last.
    func takeAnswers() -> [Answer] {
        state.withLock { state in
            defer { state.answers = [] }
            return state.answers
        }
    }

    private func begin(isCheckpoint: Bool = false) {
        state.withLock {
            $0.posted += 1
            if isCheckpoint { $0.checkpoints += 1 } else { $0.outstanding += 1 }
        }
    }

    private func end(isCheckpoint: Bool = false) {
        state.withLock { if isCheckpoint { $0.checkpoints -= 1 } else { $0.outstanding -= 1 } }
        answered.signal()
    }

    /// `answer STEP CODE`, and of a process that was made its number and name.
    static func line(_ step: Int, _ result: Result<Answer, WorldError>) -> String {
        switch result {
        case .success(.run(let made)): "answer \(step) 0 \(made.id) \(made.name)"
        case .success(.checkpoint(let made)): "answer \(step) 0 \(made.id)"
        case .success: "answer \(step) 0"
        case .failure(let error): "answer \(step) \(error.code.rawValue)"
        }
    }
}
