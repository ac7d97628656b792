// A world's figures in Prometheus' text format, version 0.0.4: families of samples, each with its HELP and TYPE once, in
// base units (seconds, bytes; what is counted has no unit). `specs/control.md` lists them.

import World

/// The text that `GET /metrics` answers.
package struct MetricsText {
    package private(set) var text = ""

    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    package init(_ metrics: MetricsAnswer, events: UInt64) {
        let info = metrics.info
        counter("keyvm_gas_clock_total", "Gas that the world has ever used; back to its checkpoint's after a crash.")
        sample(metrics.status.gasClock)
        gauge("keyvm_processes", "Processes by state, those that have ended and were not removed among them.")
        for count in metrics.processes { sample(count.processes, ("state", count.state.rawValue)) }
        writeMeters(metrics)
        writeBanks(metrics)
        writeCheckpoints(metrics)
        gauge("keyvm_dirty_pages", "Pages changed since the last freeze; a page is 4096 bytes.")
        sample(UInt64(info.dirtyPages))
        gauge("keyvm_dirty_limit_pages", "Pages in memory that are not durable at which the world waits for a commit.")
        sample(UInt64(info.dirtyBudgetPages))
        gauge("keyvm_resident_pages", "Pages in memory or in use in the store's map.")
        sample(UInt64(info.residentPages))
        counter("keyvm_page_ins_total", "Pages brought in from the store since this host opened the world.")
        sample(info.pageIns)
        gauge("keyvm_store_file_bytes", "Length of the store's file.")
        sample(info.fileBytes)
        gauge("keyvm_store_map_bytes", "Address space that the store's map takes, the most that the file may grow to.")
        sample(info.mapBytes)
        gauge("keyvm_store_live_pages", "Pages that exist in the store.")
        sample(info.livePages)
        gauge("keyvm_store_old_pages", "Pages that exist for kept checkpoints only.")
        sample(info.oldPages ?? 0)
        gauge("keyvm_store_slots", "Places for pages in the store's segments, those of dead pages among them.")
        sample(info.slots)
        writeWorkingSet(info)
        gauge("keyvm_quantum_gas", "Gas of a quantum, as boot --quantum sets it.")
        sample(info.quantumGas)
        counter("keyvm_events_total", "Events of this host, as keyvm events shows them.")
        sample(events)
    }

    private mutating func writeMeters(_ metrics: MetricsAnswer) {
        counter("keyvm_meter_gas_used_total", "Gas used on a meter and those below it. \(Self.whichTree("meters"))")
        for meter in metrics.meters { sample(meter.gasUsed, ("meter", meter.path)) }
        gauge("keyvm_meter_gas_left", "Gas left on a meter itself; no sample where it is unlimited.")
        for meter in metrics.meters {
            if let left = meter.gasLeft { sample(left, ("meter", meter.path)) }
        }
        gauge("keyvm_meters_omitted", "Meters that an administrator made and that have no samples.")
        sample(UInt64(metrics.omittedMeters))
    }

    private mutating func writeBanks(_ metrics: MetricsAnswer) {
        gauge(
            "keyvm_bank_used_bytes",
            "4096 for each page used of a bank, its own and below it. \(Self.whichTree("banks"))")
        for bank in metrics.banks { sample(bank.usedBytes, ("bank", bank.path)) }
        gauge("keyvm_bank_limit_bytes", "A bank's own limit on pages, in bytes; no sample where it is unlimited.")
        for bank in metrics.banks {
            if let limit = bank.limitBytes { sample(limit, ("bank", bank.path)) }
        }
        gauge("keyvm_banks_omitted", "Banks that an administrator made and that have no samples.")
        sample(UInt64(metrics.omittedBanks))
    }

    private mutating func writeCheckpoints(_ metrics: MetricsAnswer) {
        gauge("keyvm_checkpoint_age_seconds", "Time since the last durable checkpoint was taken.")
        sample(metrics.status.checkpoint.ageSeconds)
        // What nobody knows has no sample: a host that was killed may not have written it down.
        gauge("keyvm_checkpoint_freeze_seconds", "How long the world stood still for the last checkpoint.")
        if let last = metrics.lastCheckpoint { sample(last.freezeMicroseconds / 1e6) }
        gauge("keyvm_checkpoint_commit_seconds", "How long the last checkpoint took to become durable.")
        if let milliseconds = metrics.lastCheckpoint?.commitMilliseconds { sample(milliseconds / 1e3) }
        gauge("keyvm_checkpoint_written_bytes", "Bytes written for the last checkpoint.")
        if let bytes = metrics.lastCheckpoint?.bytesWritten { sample(bytes) }
        counter("keyvm_checkpoints_total", "Checkpoints made durable since this host opened the world.")
        sample(metrics.checkpointsSinceBoot)
    }

    private mutating func writeWorkingSet(_ info: InfoAnswer) {
        gauge("keyvm_loaded_processes", "Processes in the working set.")
        sample(info.loadedProcesses)
        gauge("keyvm_loaded_processes_limit", "Processes that the working set may have.")
        sample(info.loadedProcessLimit)
        gauge("keyvm_loaded_instances", "Module instances in the working set.")
        sample(info.loadedInstances)
        gauge("keyvm_loaded_instances_limit", "Module instances that the working set may have.")
        sample(info.loadedInstanceLimit)
        gauge("keyvm_loaded_bytes", "What the modules in the working set are reckoned to take.")
        sample(info.loadedBytes)
        gauge("keyvm_loaded_limit_bytes", "What the modules in the working set may take.")
        sample(info.loadedByteLimit)
    }

    private static func whichTree(_ things: String) -> String {
        "Of \(things) that an administrator made, at most \(MetricsAnswer.treeBound) and none more than "
            + "\(MetricsAnswer.depthBound) below the root: keyvm_\(things)_omitted counts the others, and those made for "
            + "one process have no samples."
    }

    // MARK: The format

    /// The family whose samples come next.
    private var family = ""

    private mutating func counter(_ name: String, _ help: String) { begin(name, help, type: "counter") }

    private mutating func gauge(_ name: String, _ help: String) { begin(name, help, type: "gauge") }

    private mutating func begin(_ name: String, _ help: String, type: String) {
        family = name
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func sample(_ value: UInt64, _ label: (name: String, value: String)? = nil) {
        write("\(value)", label)
    }

    private mutating func sample(_ value: Double) { write("\(value)", nil) }

    private mutating func write(_ value: String, _ label: (name: String, value: String)?) {
        text += family
        if let label { text += "{\(label.name)=\"\(Self.escaped(label.value))\"}" }
        text += " \(value)\n"
    }

    /// A label's value: backslash, quote and line feed are escaped, all else stands for itself.
    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
