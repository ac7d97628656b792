// How the layers' errors become the three lines that a person reads. Everything that can go wrong below the world's face
// has its text and exit code here.

import Kernel
import Machine
import Objects
import Store

extension WorldError {
    /// Runs `body`; whatever it throws becomes a `WorldError` about the world at `directory`.
    static func translating<T>(_ directory: String, _ body: () throws -> T) throws(WorldError) -> T {
        do { return try body() } catch { throw WorldError(error, directory: directory) }
    }

    init(_ error: any Error, directory: String) {
        let directory = quotedForShell(directory)
        switch error {
        case let error as WorldError: self = error
        case let error as StoreError: self.init(store: error)
        case let error as ObjectsError: self.init(objects: error, directory: directory)
        case let error as KernelError: self.init(kernel: error, directory: directory)
        case let error as MachineError: self.init(machine: error)
        case let error as ReplayDivergence:
            self.init(
                .failed, what: "the world does not come to where its journal says that it was",
                why: "\(error.record); this time \(error.found)", try: "keyvm boot -w \(directory) --without-journal")
        case let error as PastUnreadable:
            self.init(error.cause, directory: directory)
            if case StoreError.journalRefused(let path, let refusal) = error.cause {
                why = "\(path) \(refusal); what is behind it cannot be seen"
            }
            remedy = "keyvm checkpoint ls -w \(directory)"
        case let error as UncommittedWorld:
            let breach = error.breach
            self.init(
                .failed, what: "the world broke an invariant, and was not committed",
                why: "\(breach.object): \(breach.text) (\(breach.invariant)); the last checkpoint stands",
                try: "keyvm fsck -w \(directory)")
        default: self.init(.failed, what: "the world failed", why: "\(error)", try: "keyvm fsck -w \(directory)")
        }
    }

    private init(store error: StoreError) {
        let code: Code
        switch error {
        case .missing, .notAWorld, .notKept: code = .noSuchThing
        case .exists, .diskFull, .pageSize, .mapFull, .publicationsStopped, .sourceFailed, .ioError: code = .failed
        case .formatTooNew: code = .formatTooNew
        case .truncated, .damaged, .journalRefused: code = .storeDamaged
        case .inUse, .openedTwice: code = .worldInUse
        case .permission: code = .noAuthority
        }
        self.init(code, what: error.what, why: error.why, try: error.suggestion)
    }

    private init(objects error: ObjectsError, directory: String) {
        switch error {
        case .store(let error): self.init(store: error)
        case .damaged(let invariant, let object, let text):
            self.init(
                .storeDamaged, what: "the world is damaged", why: "\(object): \(text) (\(invariant))",
                try: "keyvm fsck -w \(directory)")
        case .bankExhausted(let refusal): self.init(refusal: refusal, path: nil, directory: directory)
        }
    }

    /// `path` nil: the bank was made for what was refused, and is gone again.
    private init(refusal: BankRefusal, path: String?, directory: String) {
        let (factor, unit): (UInt64, String) =
            switch refusal.unit {
            case .pages: (4096, "bytes")
            case .cells: (1, "objects")
            }
        if refusal.isByPolicy {
            self.init(
                .bankExhausted, what: "the bank \(path ?? "of the process's own") may not sell so much",
                why: "a policy of the host refuses \(Self.product(refusal.asked, factor)) \(unit); limit "
                    + "\(Self.product(refusal.limit, factor)), used \(Self.product(refusal.used, factor))",
                try: path.map { "keyvm bank top -w \(directory) \($0)" } ?? "keyvm bank ls -w \(directory) -r")
            return
        }
        self.init(
            .bankExhausted, what: path.map { "the bank \($0) is exhausted" } ?? "the process's own bank is too small",
            why: "limit \(Self.product(refusal.limit, factor)), used \(Self.product(refusal.used, factor)), "
                + "asked \(Self.product(refusal.asked, factor)) \(unit)",
            try: path.map { "keyvm bank set -w \(directory) \($0) \(Self.largerTerm(refusal))" }
                ?? "keyvm run -w \(directory) --\(Self.largerTerm(refusal).replacing("=", with: " ")) FILE")
    }

    /// A limit under which what was refused has room.
    private static func largerTerm(_ refusal: BankRefusal) -> String {
        let needed = refusal.used.addingReportingOverflow(refusal.asked).partialValue
        return switch refusal.unit {
        case .pages: "limit=\(Proposal.size(limit: refusal.limit &* 4096, needed: needed &* 4096))"
        case .cells: "cells=\(Proposal.count(limit: refusal.limit, needed: needed))"
        }
    }

    private static func name(_ right: BankRights) -> String {
        switch right {
        case .allocate: "allocate"
        case .query: "query"
        case .setLimits: "set limits"
        case .destroy: "destroy"
        default: "all of it"
        }
    }

    /// A figure in its unit; what is no limit or more than 64 bits hold is said so.
    private static func product(_ number: UInt64, _ factor: UInt64) -> String {
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return number == .max ? "none" : overflow ? "over 2^64" : "\(product)"
    }

    private init(kernel error: KernelError, directory: String) {
        switch error {
        case .bankExhausted(let path, let refusal): self.init(refusal: refusal, path: path, directory: directory)
        case .invalidPath(let path):
            self.init(
                .usage, what: "'\(path)' cannot be a new path",
                why: "a path is root/…/NAME, a name 1 to 64 of letters, digits, '.', '_', '-', not beginning with '-'",
                try: "keyvm bank create -w \(directory) root/guests")
        case .invalidMeterPath(let path):
            self.init(
                .usage, what: "'\(path)' cannot be a new path",
                why: "a path is root/…/NAME, a name 1 to 64 of letters, digits, '.', '_', '-', not beginning with '-'",
                try: "keyvm meter create -w \(directory) root/batch")
        case .reserveTooLarge(let path, let reserve):
            self.init(
                .usage, what: "\(path) cannot reserve so much",
                why: "reserve \(Self.product(reserve, 4096)) bytes, and a world has 2^53 at most",
                try: "keyvm bank ls -w \(directory) -r")
        case .bankExists(let path):
            self.init(
                .usage, what: "there is a bank \(path)", why: "names are unique below a bank",
                try: "keyvm bank show -w \(directory) \(path)")
        case .meterExists(let path):
            self.init(
                .usage, what: "there is a meter \(path)", why: "names are unique below a meter",
                try: "keyvm meter show -w \(directory) \(path)")
        case .reserveAboveLimit(let path, let reserve, let limit):
            self.init(
                .usage, what: "\(path) cannot reserve more than its limit",
                why: "reserve \(Self.product(reserve, 4096)), limit \(Self.product(limit, 4096)) bytes",
                try: "keyvm bank set -w \(directory) \(path) limit=none reserve=SIZE")
        case .rootReserves:
            self.init(
                .usage, what: "root cannot reserve anything", why: "no bank is above it that would keep it",
                try: "keyvm bank set -w \(directory) root limit=SIZE")
        case .rootStays(let kind):
            self.init(
                .usage, what: "the root \(kind) cannot be destroyed", why: "the world itself is in its keeping",
                try: "keyvm \(kind) ls -w \(directory) -r")
        case .meterUnlimited(let path):
            self.init(
                .failed, what: "the meter \(path) cannot be refilled", why: "it is unlimited",
                try: "keyvm meter show -w \(directory) \(path)")
        case .gasTooLarge(let asked):
            self.init(
                .usage, what: "no meter holds so much gas",
                why: "asked \(asked), at most 2^64 - 2; one for which no gas is named is unlimited",
                try: "keyvm meter show -w \(directory) root")
        case .meterFull(let path, let left, let asked):
            self.init(
                .usage, what: "the meter \(path) cannot hold so much",
                why: "\(left) left, \(asked) more, at most 2^64 - 2",
                try: "keyvm meter show -w \(directory) \(path)")
        case .notStopped(let name, let state):
            let (why, suggestion) =
                switch state {
                case .frozenGas: ("it is frozen for want of gas", "keyvm inspect -w \(directory) \(name)")
                case .frozenSpace: ("it is frozen for want of space", "keyvm inspect -w \(directory) \(name)")
                case .exited, .faulted: ("it is over", "keyvm logs -w \(directory) \(name)")
                case .ready, .waiting, .stopped: ("it goes on by itself", "keyvm stop -w \(directory) \(name)")
                }
            self.init(.failed, what: "the process '\(name)' is not stopped", why: why, try: suggestion)
        case .keyIsVoid:
            self.init(
                .noSuchThing, what: "the key designates nothing", why: "what it led to is gone, or of another kind",
                try: "keyvm bank ls -w \(directory) -r")
        case .noRight(let path, let right):
            self.init(
                .noAuthority, what: "the key to \(path) does not allow it",
                why: "it has no right to \(Self.name(right))",
                try: "keyvm bank show -w \(directory) \(path)")
        case .noSuchProcess(let name):
            self.init(
                .noSuchThing, what: "no such process", why: "nothing is named or numbered '\(name)'",
                try: "keyvm ps -w \(directory)")
        case .ambiguousProcess(let prefix, let candidates):
            self.init(
                .usage, what: "'\(prefix)' names several processes",
                why: candidates.joined(separator: ", ") + "; id:N is always the id",
                try: "keyvm ps -w \(directory)")
        case .noSuchBank(let path):
            self.init(
                .noSuchThing, what: "no such bank", why: "there is no \(path)",
                try: "keyvm bank ls -w \(directory) -r")
        case .noSuchMeter(let path):
            self.init(
                .noSuchThing, what: "no such meter", why: "there is no \(path)",
                try: "keyvm meter ls -w \(directory) -r")
        case .invalidName(let name):
            self.init(
                .usage, what: "'\(name)' cannot be a name",
                why: "names are 1 to 64 of letters, digits, '.', '_', '-', and do not begin with '-'",
                try: "keyvm run --name hello-1 -w \(directory) FILE")
        case .nameTaken(let name):
            self.init(
                .usage, what: "the name '\(name)' is taken", why: "names are unique in a world",
                try: "keyvm run -w \(directory) --name \(name.prefix(60))-2 FILE")
        case .inputFull(let process, let bound, let unread, let asked):
            self.init(
                .bankExhausted, what: "the input of '\(process)' is full",
                why: "limit \(bound), unread \(unread), sent \(asked) bytes",
                try: "keyvm inspect -w \(directory) \(process)")
        case .inputEnded(let process):
            self.init(
                .failed, what: "the input of '\(process)' has ended", why: "an end was sent before",
                try: "keyvm inspect -w \(directory) \(process)")
        case .processOver(let name):
            self.init(
                .failed, what: "the process '\(name)' is over", why: "it has exited or faulted",
                try: "keyvm logs -w \(directory) \(name)")
        case .processRuns(let name):
            self.init(
                .failed, what: "the process '\(name)' is not over", why: "only what has ended can be removed",
                try: "keyvm kill -w \(directory) \(name)")
        case .launchTooLarge(let bytes, let bound):
            self.init(
                .usage, what: "arguments and environment are too large", why: "\(bytes) bytes, of at most \(bound)",
                try: "keyvm run -w \(directory) --stdin FILE PROGRAM.wasm")
        case .treeTooDeep(let bound):
            self.init(
                .failed, what: "the tree is too deep", why: "banks and meters nest at most \(bound) deep",
                try: "keyvm bank ls -w \(directory) -r")
        }
    }

    /// A name that can stand in a command as it is; nil for others.
    private static func plain(_ name: String) -> String? { Kernel.isValid(name: name) ? name : nil }

    /// The first names, and how many more there are.
    private static func few(_ names: [String]) -> String {
        let shown = names.prefix(8).map { $0.count > 200 ? "\($0.prefix(200))…" : $0 }.joined(separator: ", ")
        return names.count > 8 ? "\(shown), and \(names.count - 8) more" : shown
    }

    private init(machine error: MachineError) {
        switch error {
        case .malformed(let text, let offset):
            self.init(
                .failed, what: "this is no WebAssembly module", why: "\(text), at byte \(offset)",
                try: "tools/cc FILE.c -o FILE.wasm")
        case .invalid(let text, let offset, let function):
            self.init(
                .failed, what: "the module is not valid",
                why: "\(text), at byte \(offset)" + (function.map { " in function \($0)" } ?? ""),
                try: "wasm-validate FILE.wasm")
        case .missingImports(let names, let module):
            let isThere = module.hasPrefix("wasi_") || names.contains { $0.hasSuffix("(not exported)") }
            let library = "--link \(Self.plain(module) ?? "NAME")=LIBRARY.wasm"
            let isLater = names.contains { $0.hasSuffix("(linked after it)") }
            self.init(
                .failed, what: "the module imports what is not there",
                why: Self.few(names) + (isLater ? "; a module imports from those that are linked before it" : ""),
                try: isLater
                    ? "keyvm run \(library) --link USER=USER.wasm FILE.wasm"
                    : isThere ? "wasm-objdump -x FILE.wasm" : "keyvm run \(library) FILE.wasm")
        case .importType(let name, let exported, let asked):
            self.init(
                .failed, what: "the module imports \(name) with another type",
                why: "it is \(exported), the module wants \(asked)", try: "wasm-objdump -x FILE.wasm")
        case .importKind(let name, let exported, let asked):
            self.init(
                .failed, what: "the module imports \(name) as something else",
                why: "it is \(exported), the module wants \(asked)", try: "wasm-objdump -x FILE.wasm")
        case .link(let name, let error):
            self.init(machine: error)
            what = "linking to '\(name)': \(what)"
        case .linkedTwice(let name):
            self.init(
                .usage, what: "two modules are linked as '\(name)'", why: "a program imports from one of a name",
                try: "keyvm run --link \(Self.plain(name) ?? "NAME")=LIBRARY.wasm --link OTHER=OTHER.wasm FILE.wasm")
        case .noExport(let name, let exports, let other):
            self.init(
                .failed, what: "the module exports no function '\(name)'",
                why: exports.isEmpty ? "it exports no function" : "it exports \(Self.few(exports))",
                try: "keyvm run --invoke \(other.flatMap(Self.plain) ?? "NAME") FILE.wasm")
        case .tooMuchCode(let bytes, let bound):
            self.init(
                .failed, what: "the program is too large for this world",
                why: "loaded, its modules take at least \(bytes) bytes, of at most \(bound) here",
                try: "keyvm init DIR --memory SIZE")
        case .entryType(let name, let type):
            self.init(
                .failed, what: "'\(name)' cannot be invoked",
                why: "its type is \(type.text); it must take nothing",
                try: "wasm-objdump -x FILE.wasm")
        case .entryOfHost(let name):
            self.init(
                .failed, what: "'\(name)' cannot be invoked",
                why: "the host performs it, the module imports and exports it only",
                try: "wasm-objdump -x FILE.wasm")
        case .initializeType(let type):
            self.init(
                .failed, what: "the module cannot be initialized",
                why: "its _initialize is of type \(type.text); it must take and return nothing",
                try: "wasm-objdump -x FILE.wasm")
        case .segmentOutside(let segment, let index):
            self.init(
                .failed, what: "the module cannot be instantiated", why: "\(segment) \(index) does not fit",
                try: "wasm-objdump -x FILE.wasm")
        case .tooLarge(let what, let bound, let found):
            self.init(
                .failed, what: "the module is too large", why: "\(found) \(what), of at most \(bound)",
                try: "wasm-objdump -h FILE.wasm")
        }
    }
}
