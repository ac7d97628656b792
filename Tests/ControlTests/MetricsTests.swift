// A world's figures over the socket, as a scraper gets them.

import Control
import Testing
import World

@Suite struct MetricsTests {
    /// Serves `world` with five events in `folder` while `body` asks.
    private func serving(
        _ world: RecordingWorld, _ body: (String, ControlClient) async throws -> Void
    ) async throws {
        let folder = try ScratchFolder()
        let log = EventLog()
        for number in 0..<5 { log.record(WorldEvent(.meterMade, time: 1, gasClock: 2, name: "m\(number)")) }
        let server = try ControlServer(directory: folder.path, events: log, perform: world.perform)
        try await server.start()
        let client = try ControlClient(directory: folder.path)
        let result: Result<Void, any Error>
        do { result = .success(try await body(folder.path, client)) } catch { result = .failure(error) }
        await server.stop()
        try result.get()
    }

    private func scrape(_ directory: String) async throws -> String {
        try await RawConnection(to: directory).exchange("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    }

    @Test func figuresAreServedInPrometheusForm() async throws {
        try await serving(RecordingWorld()) { directory, client in
            let reply = try await scrape(directory)
            #expect(reply.hasPrefix("HTTP/1.1 200 "), "\(reply)")
            #expect(reply.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"), "\(reply)")
            for line in [
                "keyvm_gas_clock_total 18446744073709551615", #"keyvm_processes{state="frozen-gas"} 4"#,
                #"keyvm_bank_used_bytes{bank="root/a\"b\\c\nd"} 4096"#,
                #"keyvm_meter_gas_left{meter="root/m"} 9"#, "keyvm_banks_omitted 3", "keyvm_events_total 5",
                "keyvm_quantum_gas 100000",
                "keyvm_checkpoint_age_seconds 1.5",
            ] { #expect(reply.contains("\n\(line)\n"), "\(line): \(reply)") }
            for absent in [
                "\nkeyvm_bank_limit_bytes{", "\nkeyvm_meter_gas_left{meter=\"root\"}",
                "\nkeyvm_checkpoint_commit_seconds ",
            ] { #expect(!reply.contains(absent), "what there is not has no sample: \(absent)") }
            let answer = try await client.ask(.metrics)
            #expect(answer == .metrics(recordedMetrics), "and as a request like others")
        }
    }

    @Test func aWorldThatDoesNotAnswerIsUnavailable() async throws {
        let world = RecordingWorld()
        world.hold(true)
        try await serving(world) { directory, _ in
            let reply = try await scrape(directory)
            #expect(reply.hasPrefix("HTTP/1.1 503 ") && reply.contains("on hold"), "\(reply)")
        }
    }
}
