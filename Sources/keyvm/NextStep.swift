// What a person may type next about a process that does not go on by itself.

import Control
import World

struct NextStep {
    /// A whole command.
    let command: String

    /// nil where the process goes on by itself.
    init?(_ answer: InspectAnswer, directory: String) {
        let name = answer.process.name
        let lacks = answer.lacks?.path
        let text: String
        switch answer.process.state {
        case .ready: return nil
        case .waiting:
            guard answer.waitsFor?.contains("input") == true else { return nil }
            text = answer.inputEnded ? "keyvm kill \(name)" : "keyvm send \(name) TEXT"
        case .frozenGas:
            text =
                lacks.map { "keyvm meter refill \($0) \(Proposal.gas(used: answer.process.gasUsed))" }
                ?? "keyvm meter move \(name) root"
        case .frozenSpace:
            let bank = lacks ?? answer.process.bank
            if let limit = answer.lacks?.limitBytes, answer.lacks?.isByPolicy == false {
                // A page and its map at least.
                let needed = (answer.lacks?.usedBytes ?? 0) + 2 * 4096
                text = "keyvm bank set \(bank) limit=\(Proposal.size(limit: limit, needed: needed))"
            } else {
                text = "keyvm bank show \(bank)"
            }
        case .stopped: text = "keyvm resume \(name)"
        case .faulted: text = "keyvm logs \(name)"
        case .exited: text = answer.logBytes > 0 ? "keyvm logs \(name)" : "keyvm rm \(name)"
        }
        command = "\(text) -w \(quotedForShell(directory))"
    }
}
