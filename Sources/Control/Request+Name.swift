// What a request is called in messages.

import World

extension Request {
    /// The verb that asks it, and of what.
    package var name: String {
        switch self {
        case .status: "status"
        case .info: "info"
        case .processes: "ps"
        case .inspect(let process): "inspect \(process)"
        case .logs(let process, _, _): "logs \(process)"
        case .run(let program): "run \(program.name ?? program.defaultName)"
        case .send(let process, let data, _): "send \(process) (\(data.count) bytes)"
        case .kill(let process): "kill \(process)"
        case .remove(let process): "rm \(process)"
        case .checkpoint: "checkpoint create"
        case .checkpoints: "checkpoint ls"
        case .fsck: "fsck"
        case .hash: "hash"
        case .halt: "halt"
        }
    }
}
