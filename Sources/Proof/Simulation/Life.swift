// One life of a world in a process of its own: from its opening to a halt or to `kill -9`, along a script. What comes in comes from the
// run loop's own thread, between two of its steps, so that the same script does the same again.

import FoundationEssentials
import Glibc
import World

/// What the host does wrong on purpose; the simulation has to find it.
enum Wrong: String {
    /// The first text that is sent is acknowledged and never arrives.
    case forget
    /// It arrives twice.
    case twice
}

final class Life {
    /// What is waited for between two steps of the run loop.
    private enum Doing {
        /// The next step of the script.
        case nothing
        /// A letter was posted: it is to be taken, and answered.
        case asking
        /// Everything is to be answered, checkpoints too.
        case waitingForAll
        /// Turns up to this one.
        case running(until: UInt64)
        /// Until nothing moves; then somebody looks.
        case settling
        /// The lists are asked for, then the texts.
        case looking(Look, areTextsAsked: Bool)
        /// `kill -9` after so many calls.
        case dying(after: Int)
        case halting
    }

    private let script: Script
    private let modules: ProofModules
    private let wrong: Wrong?
    private let letters: Letters
    private let world: World
    private var index: Int
    private var doing = Doing.nothing
    /// From this step on it is told which hashes the world has: where a kill may leave it.
    private let firstHashed: Int
    private var last: WorldPosition?
    private var turnSeen: UInt64 = 0
    private var hasLookedAtEnd = false
    private var hasBegun = false

    private var telling: Telling { letters.telling }

    /// Lives from the `first` step of the script on; returns how the process is to end.
    static func live(
        _ script: Script, from first: Int, at directory: String, _ modules: ProofModules, _ wrong: Wrong?,
        _ telling: Telling
    ) -> Int32 {
        do {
            if World.condition(at: directory) == .absent {
                try World.create(at: directory, limitBytes: script.limitBytes, seed: script.seed)
            }
            var policies = World.Policies()
            let isRecovery = script.steps.indices.contains(first) && script.steps[first].isRecovery
            if case .recover(let count)? = isRecovery ? script.steps[first] : nil {
                let deadline = Deadline(count)
                policies = World.Policies(bank: deadline, quantum: deadline)
                telling.tell("dying")
            }
            let world = try World.open(
                at: directory, as: .host, policies: policies, budgetPages: script.budgetPages)
            let life = Life(script, first, world, modules, wrong, telling)
            try life.tellHash("opened")
            if isRecovery { kill(getpid(), SIGKILL) }
            try life.run()
            return 0
        } catch {
            telling.tell("fault \("\(error)".replacing("\n", with: "; "))")
            return 1
        }
    }

    private init(
        _ script: Script, _ first: Int, _ world: World, _ modules: ProofModules, _ wrong: Wrong?, _ telling: Telling
    ) {
        self.script = script
        self.world = world
        self.modules = modules
        self.wrong = wrong
        letters = Letters(telling)
        index = first
        // What was acknowledged last before the end is where a kill leaves the world at least.
        let end = script.steps[first...].firstIndex(where: \.endsLife) ?? script.steps.endIndex
        let lastAwaited = script.steps[first..<end].lastIndex {
            if case .order(_, .awaited) = $0 { true } else { false }
        }
        firstHashed = (lastAwaited ?? first - 1) + 1
    }

    private func tellHash(_ word: String) throws {
        guard case .hash(let answer) = try world.perform(.hash) else { return }
        tell(word, try world.position, answer.hash)
    }

    private func tell(_ word: String, _ position: WorldPosition, _ hash: String) {
        telling.tell("\(word) \(position.turn) \(position.records) \(position.gasClock) \(hash)")
    }

    private func run() throws {
        while index < script.steps.endIndex, case .order(let order, .halted) = script.steps[index] {
            let result = Result { () throws(WorldError) in try world.perform(order.request(modules)) }
            telling.tell(Letters.line(index, result))
            index += 1
        }
        world.observer = { [unowned self] position, hash in try lookOn(position, hash) }
        try world.boot(World.Boot(every: .milliseconds(script.every), quantumGas: script.quantumGas))
        world.observer = nil
        try tellHash("halted")
        try world.close()
    }

    /// Between two steps of the run loop.
    private func lookOn(_ position: WorldPosition, _ hash: () throws -> String) throws {
        // At first the boot has not made durable yet what a halted world was asked.
        guard hasBegun else {
            hasBegun = true
            return tell("hash", position, try hash())
        }
        // A kill leaves the world behind a record, at the end of the turn that it came in in; or where a checkpoint was begun.
        let isPlace = position.records != last?.records || position.turn == last?.turn || mayCheckpoint
        let isTold = index >= firstHashed && position != last && isPlace
        if isTold { tell("hash", position, try hash()) }
        last = position
        while try advance(position) {}
        // One that was asked for just now is begun here.
        if !isTold && index >= firstHashed && mayCheckpoint { tell("hash", position, try hash()) }
    }

    /// Whether a checkpoint may be begun here, because somebody asked for one, or by itself.
    private var mayCheckpoint: Bool {
        !letters.areCheckpointsDurable || script.every < 1_000 || script.budgetPages < 1_024
    }

    /// Goes on with what is to be done; false where the run loop has to do something first.
    private func advance(_ position: WorldPosition) throws -> Bool {
        switch doing {
        case .nothing: try begin(position)
        case .asking:
            guard letters.areTaken else { return knock() }
            letters.wait()
            doing = .nothing
        case .waitingForAll:
            guard letters.isEmpty else { return knock() }
            doing = .nothing
        case .running(let turn):
            guard position.turn < turn, position.turn != turnSeen else {
                doing = .nothing
                return true
            }
            turnSeen = position.turn
            return knock()
        case .settling: return settle(position)
        case .looking(let look, let areTextsAsked): return try self.look(look, areTextsAsked)
        case .dying(let count):
            if count <= 0 { die() }
            doing = .dying(after: count - 1)
            return knock()
        case .halting: return false
        }
        return true
    }

    /// The run loop comes by once more.
    private func knock() -> Bool {
        letters.knock(at: world)
        return false
    }

    private func die() -> Never {
        telling.tell("dying")
        kill(getpid(), SIGKILL)
        fatalError("it was killed")
    }

    private func begin(_ position: WorldPosition) throws {
        guard index < script.steps.endIndex else {
            if hasLookedAtEnd { return halt() }
            hasLookedAtEnd = true
            turnSeen = .max
            doing = .settling
            return
        }
        let step = script.steps[index]
        index += 1
        switch step {
        case .order(let order, .unawaited): post(order)
        case .order(let order, _):
            post(order)
            letters.knock(at: world)
            doing = .asking
        case .checkpoint(let manner):
            letters.post(.checkpoint(name: nil), step: index - 1, to: world)
            if manner != .unawaited { doing = .waitingForAll }
        case .turns(let count):
            turnSeen = .max
            doing = .running(until: position.turn + count)
        case .look:
            turnSeen = .max
            doing = .settling
        case .crash(let after?, _): doing = .dying(after: after)
        case .halt, .crash:
            guard letters.isEmpty else {
                index -= 1
                doing = .waitingForAll
                return
            }
            if step == .halt { halt() } else { die() }
        // Whoever opened the world for this did not come so far.
        case .recover: doing = .dying(after: 0)
        }
    }

    private func halt() {
        doing = .halting
        world.stop()
    }

    private func post(_ order: Order) {
        let step = index - 1
        guard let wrong, case .send(let process, let text, let ends) = order, !text.isEmpty,
            script.steps.firstIndex(where: \.sendsText) == step
        else { return letters.post(order.request(modules), step: step, to: world) }
        switch wrong {
        case .forget:
            letters.post(.send(process: process, data: Data(), ends: ends), step: step, to: world)
        case .twice:
            letters.post(.send(process: process, data: Data((text + text).utf8), ends: ends), step: step, to: world)
        }
    }

    // MARK: Looking

    /// Asks whether anything moves, when a step of the run loop has begun no turn.
    private func settle(_ position: WorldPosition) -> Bool {
        guard letters.areTaken else { return knock() }
        letters.wait()
        let answers = letters.takeAnswers()
        if position.turn != turnSeen || !letters.isEmpty {
            turnSeen = position.turn
            return knock()
        }
        let isGoing = answers.contains { if case .status(let status) = $0 { status.pendingBanks > 0 } else { false } }
        if isGoing { return goOn() }
        var waiting: [InspectAnswer] = []
        for answer in answers {
            switch answer {
            case .processes(let found):
                if found.items.contains(where: { $0.state == .ready }) { return goOn() }
                for process in found.items where process.state == .waiting {
                    letters.ask(.inspect(process: "id:\(process.id)"), of: world)
                }
                letters.ask(.info, of: world)
                return knock()
            case .inspect(let found): waiting.append(found)
            case .info:
                // It was asked for behind all of them.
                return waiting.allSatisfy { $0.waitsFor == "input" } ? askForEverything() : goOn()
            default: break
            }
        }
        letters.ask(.processes(), of: world)
        return knock()
    }

    /// Something moves still, and may need time for it.
    private func goOn() -> Bool {
        usleep(100)
        return knock()
    }

    private func askForEverything() -> Bool {
        let requests: [Request] = [
            .processes(), .banks(path: "root", recursive: true), .meters(path: "root", recursive: true), .status,
            .checkpoints(), .fsck,
        ]
        for request in requests { letters.ask(request, of: world) }
        doing = .looking(Look(), areTextsAsked: false)
        return knock()
    }

    private func look(_ look: Look, _ areTextsAsked: Bool) throws -> Bool {
        guard letters.areTaken else { return knock() }
        letters.wait()
        var look = look
        for answer in letters.takeAnswers() { look.take(answer) }
        if areTextsAsked {
            look.texts = letters.takeTexts()
            let data = try JSONEncoder().encode(look)
            telling.tell("look \(index) \(String(decoding: data, as: UTF8.self))")
            doing = .nothing
            return true
        }
        for process in look.processes { letters.askForText(of: process.id, of: world) }
        doing = .looking(look, areTextsAsked: true)
        return knock()
    }
}
