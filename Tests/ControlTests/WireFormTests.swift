// Requests as `specs/control.md` writes them, read from JSON that a person could have typed.

import Control
import FoundationEssentials
import Testing
import World

@Suite struct WireFormTests {
    @Test(arguments: [
        (#"{"status": {}}"#, Request.status), (#"{"processes": {}}"#, .processes()),
        (#"{"processes": {"after": 3, "limit": 4}}"#, .processes(after: 3, limit: 4)),
        (#"{"logs": {"process": "p", "since": 0, "limitBytes": 9}}"#, .logs(process: "p", since: 0, limitBytes: 9)),
        (#"{"checkpoints": {}}"#, .checkpoints()), (#"{"checkpoints": {"use": true}}"#, .checkpoints(use: true)),
        (#"{"checkpoint": {}}"#, .checkpoint(name: nil)), (#"{"checkpoint": {"name": "a"}}"#, .checkpoint(name: "a")),
        (#"{"removeCheckpoint": {"checkpoint": "@a"}}"#, .removeCheckpoint(checkpoint: "@a")),
        (#"{"holdCheckpoint": {"checkpoint": "7"}}"#, .holdCheckpoint(checkpoint: "7")),
        (#"{"releaseCheckpoint": {"checkpoint": "7"}}"#, .releaseCheckpoint(checkpoint: "7")),
        (#"{"retainCheckpoints": {"keep": 5}}"#, .retainCheckpoints(keep: 5, keepForSeconds: nil)),
        (#"{"retention": {}}"#, .retention),
        (#"{"rollback": {"checkpoint": "@a", "overHeld": false}}"#, .rollback(checkpoint: "@a", overHeld: false)),
        (
            #"{"rollbackPreview": {"checkpoint": "@a", "overHeld": true}}"#,
            .rollbackPreview(checkpoint: "@a", overHeld: true)
        ),
        (#"{"past": {"checkpoint": "@a", "request": {"hash": {}}}}"#, .past(checkpoint: "@a", request: .hash)),
        (
            #"{"past": {"checkpoint": "@a", "steps": 10, "request": {"bank": {"path": "root"}}}}"#,
            .past(checkpoint: "@a", steps: 10, request: .bank(path: "root"))
        ),
        (#"{"destroyBank": {"path": "root/a", "_1": "reclaim"}}"#, .destroyBank(path: "root/a", .reclaim)),
    ])
    func isReadAsItIsWritten(json: String, request: Request) throws {
        let envelope = try JSONDecoder().decode(
            RequestEnvelope.self, from: Data(#"{"id": "a", "request": \#(json)}"#.utf8))
        #expect(envelope.request == request)
    }
}
