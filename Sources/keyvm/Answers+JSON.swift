// Answers as the command line's JSON: every field of the contract, `null` where there is nothing.

import FoundationEssentials
import World

extension StatusAnswer {
    var members: [JSONValue.Member] {
        [
            .init("state", .string(state.rawValue)), .init("pid", JSONValue(pid)),
            .init("gasClock", .unsigned(gasClock)), .init("processes", JSONValue(processes)),
            .init(
                "checkpoint",
                .object([
                    .init("id", .unsigned(checkpoint.id)), .init("ageSeconds", .real(checkpoint.ageSeconds)),
                    .init("dirtyPages", JSONValue(checkpoint.dirtyPages)),
                ])),
            .init(
                "journal",
                .object([
                    .init("records", .unsigned(journal.records)), .init("replayed", JSONValue(journal.replayed)),
                    .init("replaySeconds", journal.replaySeconds.map(JSONValue.real) ?? .null),
                ])),
            .init("pendingBanks", JSONValue(pendingBanks)),
        ]
    }
}

extension InfoAnswer {
    var members: [JSONValue.Member] {
        [
            .init("world", .string(world)), .init("branch", JSONValue(branch)), .init("format", JSONValue(format)),
            .init("fileBytes", .unsigned(fileBytes)), .init("mapBytes", .unsigned(mapBytes)),
            .init("livePages", .unsigned(livePages)), .init("oldPages", .unsigned(oldPages ?? 0)),
            .init("slots", .unsigned(slots)),
            .init("segments", .unsigned(segments)), .init("deltaEntries", JSONValue(deltaEntries)),
            .init("residentPages", JSONValue(residentPages)), .init("dirtyPages", JSONValue(dirtyPages)),
            .init("dirtyBudgetPages", JSONValue(dirtyBudgetPages)), .init("pageIns", .unsigned(pageIns)),
            .init("rootLimitBytes", JSONValue(rootLimitBytes)), .init("rootUsedBytes", .unsigned(rootUsedBytes)),
            .init("loadedProcesses", .unsigned(loadedProcesses)), .init("loadedInstances", .unsigned(loadedInstances)),
            .init("loadedBytes", .unsigned(loadedBytes)),
            .init("loadedInstanceLimit", .unsigned(loadedInstanceLimit)),
            .init("loadedByteLimit", .unsigned(loadedByteLimit)),
            .init("loadedProcessLimit", .unsigned(loadedProcessLimit)), .init("memoryBytes", .unsigned(memoryBytes)),
            .init("quantumGas", .unsigned(quantumGas)),
        ]
    }
}

extension BankAnswer {
    var members: [JSONValue.Member] {
        [
            .init("path", .string(path)), .init("limitBytes", JSONValue(limitBytes)),
            .init("usedBytes", .unsigned(usedBytes)), .init("availableBytes", JSONValue(availableBytes)),
            .init("ownBytes", .unsigned(ownBytes)), .init("reserveBytes", .unsigned(reserveBytes)),
            .init("pages", .unsigned(pages)), .init("cells", .unsigned(cells)),
            .init("ownCells", .unsigned(ownCells)), .init("limitCells", JSONValue(limitCells)),
            .init("availableCells", JSONValue(availableCells)), .init("processes", .unsigned(processes)),
        ]
    }
}

extension MeterAnswer {
    var members: [JSONValue.Member] {
        [
            .init("path", .string(path)), .init("gasLeft", JSONValue(gasLeft)),
            .init("gasUsed", .unsigned(gasUsed)), .init("gasAvailable", JSONValue(gasAvailable)),
            .init("weight", .unsigned(UInt64(weight))), .init("processes", .unsigned(processes)),
        ]
    }
}

extension ProcessAnswer {
    var members: [JSONValue.Member] {
        [
            .init("id", .unsigned(id)), .init("name", .string(name)), .init("state", .string(state.rawValue)),
            .init("gasUsed", .unsigned(gasUsed)), .init("gasLeft", JSONValue(gasLeft)),
            .init("pages", .unsigned(pages)), .init("bank", .string(bank)), .init("meter", JSONValue(meter)),
            .init("exitCode", JSONValue(exitCode)),
        ]
    }
}

extension InspectAnswer {
    /// The members of `ps` and those of the process's inside.
    var members: [JSONValue.Member] {
        process.members + [
            .init("handle", JSONValue(handle)), .init("callStack", .array(callStack.map { .object($0.members) })),
            .init("segment", segment.map { .object($0.members) } ?? .null),
            .init("memoryBytes", .unsigned(memoryBytes)), .init("memoryPagesWritten", .unsigned(memoryPagesWritten)),
            .init("moduleHash", .string(moduleHash)), .init("moduleBytes", .unsigned(moduleBytes)),
            .init("links", .array(links.map { .object($0.members) })),
            .init("arguments", .array(arguments.map { .string($0) })), .init("fault", JSONValue(fault)),
            .init("waitsFor", JSONValue(waitsFor)), .init("lacks", lacks.map { .object($0.members) } ?? .null),
            .init("registers", .array(registers.map { .object($0.members) })), .init("isLoaded", JSONValue(isLoaded)),
            .init("loadGas", .unsigned(loadGas)), .init("loadGasPaid", .unsigned(loadGasPaid)),
            .init("inputBytes", .unsigned(inputBytes)), .init("inputEnded", JSONValue(inputEnded)),
            .init("logBytes", .unsigned(logBytes)),
            .init("logLimitBytes", .unsigned(logLimitBytes)),
        ]
    }
}

extension LackAnswer {
    var members: [JSONValue.Member] {
        [
            .init("kind", .string(kind.rawValue)), .init("path", JSONValue(path)),
            .init("limitBytes", JSONValue(limitBytes)), .init("usedBytes", JSONValue(usedBytes)),
            .init("isByPolicy", JSONValue(isByPolicy)),
        ]
    }

    /// `bank root/guests has sold 1048576 of 1048576 bytes`
    var text: String {
        switch (kind, path) {
        case (.gas, let path?): "meter \(path) has no gas left"
        case (.gas, nil): "its meter was destroyed, or has gas again"
        case (.space, nil): "each of its banks has a page now"
        case (.space, let path?) where isByPolicy: "the policy of this world lets bank \(path) buy nothing now"
        case (.space, let path?):
            "bank \(path) has sold \(usedBytes ?? 0)" + (limitBytes.map { " of \($0) bytes" } ?? " bytes")
        }
    }
}

extension RegisterAnswer {
    var members: [JSONValue.Member] {
        [
            .init("slot", JSONValue(slot)), .init("kind", .string(kind)), .init("name", JSONValue(name)),
            .init("key", JSONValue(key)),
        ]
    }

    /// `1 console output`
    var text: String { "\(slot) \(name ?? key ?? kind)" }
}

extension SegmentAnswer {
    var members: [JSONValue.Member] {
        [.init("kind", .string(kind)), .init("index", JSONValue(index)), .init("link", JSONValue(link))]
    }

    /// `data segment 3`, with ` of math` where that is another module's.
    var text: String { "\(kind) segment \(index)" + (link.map { " of \($0)" } ?? "") }
}

extension PlaceAnswer {
    var members: [JSONValue.Member] {
        [
            .init("function", JSONValue(function)), .init("name", JSONValue(name)), .init("offset", JSONValue(offset)),
            .init("link", JSONValue(link)),
        ]
    }

    /// `main (function 12) at 0x1a2b`, with ` of math` where that is another module's.
    var text: String {
        let place = name.map { "\($0) (function \(function))" } ?? "function \(function)"
        return "\(place) at \(hexadecimal(offset))" + (link.map { " of \($0)" } ?? "")
    }
}

extension ModuleAnswer {
    var members: [JSONValue.Member] {
        [.init("link", JSONValue(link)), .init("hash", .string(hash)), .init("bytes", .unsigned(bytes))]
    }
}

extension LogRecord {
    /// `text` where the bytes are UTF-8, else `null`; `base64` the other way round.
    var members: [JSONValue.Member] {
        let text = String(validating: data, as: UTF8.self)
        return [
            .init("sequence", .unsigned(sequence)), .init("stream", .string(stream.rawValue)),
            .init("text", JSONValue(text)), .init("base64", text == nil ? .string(data.base64EncodedString()) : .null),
        ]
    }
}

extension CheckpointAnswer {
    var members: [JSONValue.Member] {
        [
            .init("id", .unsigned(id)), .init("name", JSONValue(name)), .init("time", .real(time)),
            .init("gasClock", .unsigned(gasClock)), .init("dirtyPages", JSONValue(dirtyPages)),
            .init("bytesWritten", JSONValue(bytesWritten)), .init("freezeMicroseconds", .real(freezeMicroseconds)),
            .init("commitMilliseconds", commitMilliseconds.map { .real($0) } ?? .null), .init("held", JSONValue(held)),
            .init("kept", JSONValue(kept)), .init("usedBytes", JSONValue(usedBytes)),
        ]
    }
}

extension RollbackAnswer {
    var members: [JSONValue.Member] {
        [
            .init("checkpoint", .object(checkpoint.members)), .init("left", left.map { .object($0.members) } ?? .null),
            .init("gasClock", .unsigned(gasClock)), .init("pages", .unsigned(pages)),
            .init("later", .array(later.map { .object($0.members) })),
        ]
    }
}

extension BackupAnswer {
    var members: [JSONValue.Member] {
        [
            .init("world", .string(world)), .init("checkpoint", .unsigned(checkpoint)), .init("name", JSONValue(name)),
            .init("since", JSONValue(since)), .init("gasClock", .unsigned(gasClock)), .init("pages", .unsigned(pages)),
            .init("freed", .unsigned(freed)), .init("bytes", .unsigned(bytes)),
        ]
    }
}

extension RestoreAnswer {
    var members: [JSONValue.Member] {
        [
            .init("directory", .string(directory)), .init("world", .string(world)),
            .init("checkpoint", .unsigned(checkpoint)), .init("name", JSONValue(name)),
            .init("since", JSONValue(since)),
            .init("gasClock", .unsigned(gasClock)), .init("pages", .unsigned(pages)),
        ]
    }
}

extension ForkAnswer {
    var members: [JSONValue.Member] {
        [
            .init("directory", .string(directory)), .init("world", .string(world)),
            .init("checkpoint", .object(checkpoint.members)), .init("pages", .unsigned(pages)),
        ]
    }
}

extension RetentionAnswer {
    var members: [JSONValue.Member] {
        [.init("keep", .unsigned(keep)), .init("keepForSeconds", .unsigned(keepForSeconds))]
    }
}

extension DestructionItem {
    var members: [JSONValue.Member] {
        [
            .init("kind", .string(kind.rawValue)), .init("id", JSONValue(id)), .init("name", .string(name)),
            .init("pages", .unsigned(pages)),
        ]
    }

    /// `process 7 hello, 12 pages`
    var text: String {
        "\(kind.rawValue) \(id.map { "\($0) " } ?? "")\(printable(name)), \(pages) page\(pages == 1 ? "" : "s")"
    }
}

extension DestructionAnswer {
    /// The items are given apart, in the order that is asked for.
    func members(_ items: [DestructionItem]?) -> [JSONValue.Member] {
        [
            .init("dryRun", JSONValue(dryRun)), .init("path", .string(path)),
            .init("disposition", .string(disposition.rawValue)),
            .init("items", items.map { .array($0.map { .object($0.members) }) } ?? .null),
            .init("pages", .unsigned(pages)), .init("bytes", .unsigned(pages &* 4096)),
            .init("cells", .unsigned(cells)), .init("stranded", stranded.map(JSONValue.unsigned) ?? .null),
            .init("pending", JSONValue(pending)),
        ]
    }
}

extension ConsumerAnswer {
    var members: [JSONValue.Member] {
        [
            .init("kind", .string(kind.rawValue)), .init("name", .string(name)), .init("bank", .string(bank)),
            .init("pages", .unsigned(pages)), .init("bytes", .unsigned(pages &* 4096)),
            .init("users", .unsigned(users)), .init("process", process.map { .string($0) } ?? .null),
        ]
    }
}

extension FsckAnswer {
    var members: [JSONValue.Member] {
        [
            .init(
                "problems",
                .array(
                    problems.map { problem in
                        .object([
                            .init("invariant", .string(problem.invariant)), .init("object", .string(problem.object)),
                            .init("text", .string(problem.text)),
                        ])
                    })),
            .init(
                "pending",
                .array(
                    pending.map { left in
                        .object([
                            .init("bank", .string(left.bank)), .init("pages", .unsigned(left.pages)),
                            .init("cells", .unsigned(left.cells)),
                        ])
                    })),
            .init(
                "unreachable",
                .array(
                    unreachable.map { object in
                        .object([
                            .init("object", .string(object.object)), .init("bank", .string(object.bank)),
                            .init("pages", .unsigned(object.pages)),
                        ])
                    })),
            .init("unreachableCount", .unsigned(unreachableCount)),
            .init("pages", .unsigned(pages)), .init("cells", .unsigned(cells)), .init("keys", .unsigned(keys)),
            .init("banks", .unsigned(banks)),
        ]
    }
}
