// What a request is called in messages.

import World

extension Request {
    /// The verb that asks it, and of what.
    package var name: String {
        switch self {
        case .status: "status"
        case .info: "info"
        case .metrics: "metrics"
        case .processes: "ps"
        case .inspect(let process): "inspect \(process)"
        case .logs(let process, _, _): "logs \(process)"
        case .run(let program): "run \(program.name ?? program.defaultName)"
        case .send(let process, let data, _): "send \(process) (\(data.count) bytes)"
        case .kill(let process): "kill \(process)"
        case .remove(let process): "rm \(process)"
        case .checkpoint: "checkpoint create"
        case .removeCheckpoint(let reference): "checkpoint rm \(reference)"
        case .holdCheckpoint(let reference): "checkpoint hold \(reference)"
        case .releaseCheckpoint(let reference): "checkpoint release \(reference)"
        case .retainCheckpoints, .retention: "checkpoint set"
        case .checkpoints: "checkpoint ls"
        case .rollback(let reference, _): "rollback \(reference)"
        case .rollbackPreview(let reference, _): "rollback -n \(reference)"
        case .past(let reference, let steps, let request):
            "at \(reference) \(steps.map { "--steps \($0) " } ?? "")-- \(request.name)"
        case .stop(let process): "stop \(process)"
        case .resume(let process): "resume \(process)"
        case .banks(let path, _): "bank ls \(path)"
        case .bank(let path): "bank show \(path)"
        case .createBank(let path, _): "bank create \(path)"
        case .setBank(let path, _): "bank set \(path)"
        case .moveProcess(let process, let bank): "bank move \(process) \(bank)"
        case .ending(let process): "kill -n \(process)"
        case .removal(let process): "rm -n \(process)"
        case .meterDestruction(let path): "meter destroy -n \(path)"
        case .destruction(let path, _): "bank destroy -n \(path)"
        case .destroyBank(let path, let disposition): "bank destroy \(path) --\(disposition.rawValue)"
        case .consumers(let path, _): "bank top \(path)"
        case .meters(let path, _): "meter ls \(path)"
        case .meter(let path): "meter show \(path)"
        case .createMeter(let request): "meter create \(request.path)"
        case .refillMeter(let path, _): "meter refill \(path)"
        case .setMeter(let path, _): "meter set \(path)"
        case .moveToMeter(let process, let meter): "meter move \(process) \(meter)"
        case .destroyMeter(let path): "meter destroy \(path)"
        case .grantKey(let process, let register, let key): "key grant \(process) \(register)=\(key)"
        case .revokeKey(let process, let register): "key revoke \(process) \(register)"
        case .holders(let object, _): "key holders \(object)"
        case .graph(let request): "graph\(request.around.map { " \($0)" } ?? "")"
        case .moment(let reference, let until): "at \(reference) --until '\(until)'"
        case .difference(let request): "checkpoint diff \(request.from)\(request.to.map { " \($0)" } ?? "")"
        case .fork(let reference, let target): "fork \(reference) \(target)"
        case .backup: "backup"
        case .fsck: "fsck"
        case .hash: "hash"
        case .halt: "halt"
        }
    }
}
