// The figures of a running world, as a scraper reads them, beside what the verbs say.

import Testing

@Suite struct MetricsTests {
    private func shell() throws -> Shell {
        let shell = try Shell()
        try shell.done("init", "w")
        try shell.done("boot", "-w", "w", "--detach")
        return shell
    }

    private func state(_ shell: Shell, _ process: String) throws -> String? {
        try shell.done("inspect", "-w", "w", process, "--json").json()["state"]?.text
    }

    @Test func figuresAreThoseOfTheOtherVerbs() throws {
        let shell = try shell()
        try shell.done("bank", "create", "-w", "w", "root/guests", "--limit", "8MiB")
        try shell.done("bank", "create", "-w", "w", "root/guests/ann")
        try shell.done("meter", "create", "-w", "w", "root/m", "--gas", "50k")
        try shell.done("run", "-w", "w", "--bank", "root/guests/ann", "cat.wasm")
        try shell.done("run", "-w", "w", "--limit", "1MiB", "--gas", "10M", "--name", "own", "cat.wasm")
        try shell.done("run", "-w", "w", "--meter", "root/m", "spin.wasm")
        for name in ["trap", "hello"] { try shell.done("run", "-w", "w", "\(name).wasm") }
        try shell.done("run", "-w", "w", "--name", "halted", "cat.wasm")
        try shell.done("stop", "-w", "w", "halted")
        let expected = [
            "ready": 0, "waiting": 2, "frozen-gas": 1, "frozen-space": 0, "stopped": 1, "faulted": 1, "exited": 1.0,
        ]
        try shell.until("all stand still") {
            let items = try shell.done("ps", "-w", "w", "--json").json()["items"]?.items ?? []
            return expected.allSatisfy { state, count in
                Double(items.count { $0["state"]?.text == state }) == count
            }
        }
        try shell.done("checkpoint", "create", "-w", "w")
        let scrape = try shell.scrape()
        for (state, count) in expected {
            #expect(scrape["keyvm_processes", #"{state="\#(state)"}"#] == count, "\(state)")
        }
        #expect(scrape.families["keyvm_processes"]?.samples.count == 7)
        let status = try shell.done("status", "-w", "w", "--json").json()
        #expect(scrape["keyvm_gas_clock_total"] == status["gasClock"]?.number)
        #expect(scrape["keyvm_dirty_pages"] == status["checkpoint"]?["dirtyPages"]?.number)
        let age = try #require(scrape["keyvm_checkpoint_age_seconds"])
        #expect(age > 0 && age <= status["checkpoint"]?["ageSeconds"]?.number ?? 0)
        for kind in ["bank", "meter"] {
            let (used, left) = kind == "bank" ? ("used_bytes", "limit_bytes") : ("gas_used_total", "gas_left")
            let paths = kind == "bank" ? ["root", "root/guests", "root/guests/ann"] : ["root", "root/m"]
            #expect(
                Set(scrape.families["keyvm_\(kind)_\(used)"]?.samples.keys.map { $0 } ?? [])
                    == Set(paths.map { #"{\#(kind)="\#($0)"}"# }), "those of single processes have none")
            #expect(scrape["keyvm_\(kind)s_omitted"] == 0)
            for path in paths {
                let shown = try shell.done(kind, "show", "-w", "w", path, "--json").json()
                let labels = #"{\#(kind)="\#(path)"}"#
                #expect(
                    scrape["keyvm_\(kind)_\(used)", labels] == shown[kind == "bank" ? "usedBytes" : "gasUsed"]?.number)
                #expect(
                    scrape["keyvm_\(kind)_\(left)", labels] == shown[kind == "bank" ? "limitBytes" : "gasLeft"]?.number)
            }
        }
        let last = try #require(try shell.done("checkpoint", "ls", "-w", "w", "--json").json()["items"]?.items.last)
        #expect(scrape["keyvm_checkpoint_freeze_seconds"] == last["freezeMicroseconds"]?.number.map { $0 / 1e6 })
        #expect(scrape["keyvm_checkpoint_commit_seconds"] == last["commitMilliseconds"]?.number.map { $0 / 1e3 })
        #expect(scrape["keyvm_checkpoint_written_bytes"] == last["bytesWritten"]?.number)
        #expect(scrape["keyvm_checkpoints_total"] ?? 0 >= 1)
        let info = try shell.done("info", "-w", "w", "--json").json()
        for (family, field) in [
            ("store_file_bytes", "fileBytes"), ("store_map_bytes", "mapBytes"), ("store_live_pages", "livePages"),
            ("store_old_pages", "oldPages"),
            ("store_slots", "slots"), ("dirty_limit_pages", "dirtyBudgetPages"),
            ("loaded_processes", "loadedProcesses"),
            ("loaded_instances", "loadedInstances"), ("loaded_bytes", "loadedBytes"),
            ("loaded_processes_limit", "loadedProcessLimit"), ("loaded_instances_limit", "loadedInstanceLimit"),
            ("loaded_limit_bytes", "loadedByteLimit"),
        ] { #expect(scrape["keyvm_\(family)"] == info[field]?.number, "\(family)") }
        #expect(scrape["keyvm_resident_pages"] ?? 0 <= info["residentPages"]?.number ?? 0)
        #expect(scrape["keyvm_page_ins_total"] ?? .infinity <= info["pageIns"]?.number ?? 0)
        let count = try shell.done("events", "-w", "w").text.split(separator: "\n").count
        #expect(scrape["keyvm_events_total"] == Double(count))
    }

    @Test func figuresFollowWhatChanges() throws {
        let shell = try shell()
        try shell.done("run", "-w", "w", "cat.wasm")
        try shell.until("it waits") { try state(shell, "cat") == "waiting" }
        #expect(try shell.scrape()["keyvm_processes", #"{state="waiting"}"#] == 1)
        try shell.done("send", "-w", "w", "cat", "--eof")
        try shell.done("bank", "create", "-w", "w", "root/later", "--limit", "1MiB")
        try shell.until("it has ended") { try state(shell, "cat") == "exited" }
        let after = try shell.scrape()
        #expect(after["keyvm_processes", #"{state="waiting"}"#] == 0)
        #expect(after["keyvm_processes", #"{state="exited"}"#] == 1)
        #expect(after["keyvm_bank_limit_bytes", #"{bank="root/later"}"#] == 1_048_576)
        try shell.done("rm", "-w", "w", "cat")
        #expect(try shell.scrape()["keyvm_processes", #"{state="exited"}"#] == 0)
    }

    @Test(arguments: [
        "a 1", "# TYPE a gauge\na 1\n", "# HELP a x\n# TYPE a gauge\na 1\na 1\n", "# HELP a x\n# TYPE a gauge\nb 1\n",
        "# HELP a x\n# TYPE a counter\na 1\n", "# HELP a x\n# TYPE a gauge\na{b=c} 1\n",
        "# HELP a x\n# TYPE a gauge\na{b=\"c\\d\"} 1\n", "# HELP a x\n# TYPE a gauge\na{b=\"c\"}1\n",
        "# HELP a x\n# TYPE a gauge\na one\n", "# HELP a x\n# TYPE a gauge\n\na 1\n",
        "# HELP a x\n# TYPE a gauge\na{b=\"c\",b=\"d\"} 1\n", "# HELP a x\n# TYPE a number\na 1\n",
    ]) func theTestsOwnReaderIsStrict(text: String) throws {
        #expect(throws: Exposition.Malformed.self) { try Exposition(text) }
    }
}
