// What happens in a simulation: a world's figures, and one step a line. What a seed makes, what is shrunk, and what a file has.

/// One thing that happens.
enum Step: Hashable {
    /// How something is asked for.
    enum Manner: String, Hashable {
        /// The next step waits for the answer.
        case awaited = ""
        /// It does not.
        case unawaited = "& "
        /// Nobody runs the world yet; where somebody does, as `awaited`.
        case halted = "@ "
    }

    case order(Order, Manner)
    case checkpoint(Manner)
    /// Lets programs run for so many turns, or until nothing runs.
    case turns(UInt64)
    /// Lets programs run until nothing moves, and compares everything with the model.
    case look
    /// Halts the world and opens it again.
    case halt
    /// `kill -9`, after so many steps of the run loop; nil: when everything is acknowledged. `torn`: bytes behind what was durable
    /// are there in part.
    case crash(after: Int?, torn: UInt64?)
    /// Opens the world and kills it when so many pages and turns were asked for, or when it is open.
    case recover(Int)

    var line: String {
        switch self {
        case .order(let order, let manner): manner.rawValue + order.line
        case .checkpoint(let manner): manner.rawValue + "checkpoint"
        case .turns(let count): "turns \(count)"
        case .look: "look"
        case .halt: "halt"
        case .crash(let after, let torn):
            "crash" + (after.map { " after=\($0)" } ?? "") + (torn.map { " torn=\($0)" } ?? "")
        case .recover(let count): "recover \(count)"
        }
    }

    init?(_ line: String) {
        var words = line.split(separator: " ").map(String.init)[...]
        var manner = Manner.awaited
        if let first = words.first, let found = Manner(rawValue: first + " ") {
            manner = found
            words.removeFirst()
        }
        let number = words.count == 2 ? words.last.flatMap { Int($0) } : nil
        switch (words.first, number, words.count) {
        case ("checkpoint", nil, 1): self = .checkpoint(manner)
        case ("turns", let count?, 2): self = .turns(UInt64(clamping: count))
        case ("look", nil, 1): self = .look
        case ("halt", nil, 1): self = .halt
        case ("recover", let count?, 2): self = .recover(count)
        case ("crash", _, _):
            var settings = Settings(Array(words))
            self = .crash(after: settings.number("after").map { Int(clamping: $0) }, torn: settings.number("torn"))
            guard settings.isUsedUp else { return nil }
        default:
            guard let order = Order(words) else { return nil }
            self = .order(order, manner)
        }
    }

    /// Whether it is a text that is sent.
    var sendsText: Bool {
        if case .order(.send(_, let text, _), _) = self { !text.isEmpty } else { false }
    }

    var isRecovery: Bool { if case .recover = self { true } else { false } }

    /// Whether whoever runs the world is at an end with it.
    var endsLife: Bool {
        switch self {
        case .halt, .crash, .recover: true
        case .order, .checkpoint, .turns, .look: false
        }
    }
}

/// A world, and what happens to it.
struct Script: Equatable {
    /// Of the world's entropy.
    var seed: UInt64
    /// The root bank's; nil: none.
    var limitBytes: UInt64?
    var quantumGas: UInt64
    /// Milliseconds between checkpoints that nobody asks for.
    var every: Int
    /// Pages that may be in memory and not durable.
    var budgetPages: Int
    var steps: [Step]

    var text: String {
        let limit = limitBytes.map { " limit=\($0)" } ?? ""
        let world = "world seed=\(seed)\(limit) quantum=\(quantumGas) every=\(every) budget=\(budgetPages)"
        return ([world] + steps.map(\.line)).joined(separator: "\n")
    }

    struct Broken: Error, CustomStringConvertible { let description: String }

    init(text: String) throws {
        let lines = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
        var settings = Settings((lines.first ?? "").split(separator: " ").map(String.init))
        guard lines.first?.hasPrefix("world ") == true, let seed = settings.number("seed"),
            let quantum = settings.number("quantum"), let every = settings.number("every"),
            let budget = settings.number("budget")
        else { throw Broken(description: "a script begins with: world seed=N quantum=N every=N budget=N") }
        let limit = settings.number("limit")
        guard settings.isUsedUp else { throw Broken(description: "not of a world: \(lines[0])") }
        let steps = try lines.dropFirst().map { line in
            guard let step = Step(line) else { throw Broken(description: "no step: \(line)") }
            return step
        }
        self.init(
            seed: seed, limitBytes: limit, quantumGas: quantum, every: Int(clamping: every),
            budgetPages: Int(clamping: budget), steps: steps)
    }

    init(seed: UInt64, limitBytes: UInt64?, quantumGas: UInt64, every: Int, budgetPages: Int, steps: [Step]) {
        self.seed = seed
        self.limitBytes = limitBytes
        self.quantumGas = quantumGas
        self.every = every
        self.budgetPages = budgetPages
        self.steps = steps
    }
}
