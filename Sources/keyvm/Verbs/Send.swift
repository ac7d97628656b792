// `keyvm send`: puts bytes into a process's standard input.

import ArgumentParser
import Control
import FoundationEssentials
import Glibc
import World

struct SendVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Send text or standard input to a process's standard input.")

    static let examples = [
        Example("keyvm send cat hello", "a line: the text and a line break"),
        Example("keyvm send cat - < file", "standard input as it is"),
        Example("keyvm send cat --eof", "the end of its input"),
        Example("keyvm send cat -- -x", "a text that begins with a dash"),
    ]

    @Argument(
        help: ArgumentHelp("Name, id, or unique prefix of either.", valueName: "proc"),
        completion: LiveNames.processes)
    var process: String

    @Argument(help: "A line to send, or - for standard input as it is.")
    var text: String?

    @Flag(help: "End the process's input, after the text if there is one.")
    var eof = false

    @OptionGroup var world: WorldOption

    var wantsJSON: Bool { world.json }

    func validate() throws {
        if text == nil && !eof { throw ValidationError("there is nothing to send: a text, - or --eof is missing") }
    }

    func run() throws {
        var sent = 0
        switch text {
        case "-": sent = try sendStandardInput()
        case let text?:
            let data = Data((text + "\n").utf8)
            try send(data, ends: eof)
            sent = data.count
        case nil: try send(Data(), ends: true)
        }
        guard world.json else { return }
        try StandardStreams.print(
            JSONValue.envelope(
                "send",
                [
                    .init("process", .string(process)), .init("bytes", JSONValue(sent)), .init("eof", JSONValue(eof)),
                ]
            ).text + "\n")
    }

    private func send(_ data: Data, ends: Bool) throws(WorldError) {
        _ = try Reach(directory: world.directory).ask(.send(process: process, data: data, ends: ends))
    }

    /// Sends standard input as it comes. Returns how many bytes the world has taken.
    private func sendStandardInput() throws(WorldError) -> Int {
        let reach = Reach(directory: world.directory)
        guard case .inspect(let answer) = try reach.ask(.inspect(process: process)) else {
            throw reach.mismatch(.inspect(process: process))
        }
        let sender = PatientSender(reach: reach, process: process)
        // A piece larger than the queue would never be taken.
        var chunk = [UInt8](repeating: 0, count: Int(min(answer.logLimitBytes, UInt64(InputForwarder.chunkBytes))))
        while true {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw .system("standard input cannot be read", path: "standard input", errno: errno)
            }
            if count == 0 {
                if eof || sender.sent == 0 { try send(Data(), ends: eof) }
                return sender.sent
            }
            try sender.send(Data(chunk[..<count]))
        }
    }
}
