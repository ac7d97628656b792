// Pictures by Graphviz's `dot`.

import Subprocess
import World

enum Graphviz {
    /// Bytes of a picture at most.
    private static let pictureBytes = 256 << 20

    /// What became of it.
    private enum Drawing: Sendable {
        case picture([UInt8])
        case refused(String)
        case missing(String)
        case tooLong
    }

    /// The picture of a text in Graphviz's language. Throws a `WorldError` where `dot` is not there, does not take the text, or takes
    /// longer than it may.
    /// `fewer`: the command that draws less.
    static func draw(
        _ text: String, as form: GraphForm, timeLimit: Duration, fewer: String
    ) throws(WorldError) -> [UInt8] {
        let drawing = awaited {
            await withTaskGroup(of: Drawing.self) { group in
                group.addTask { await run(text, form) }
                group.addTask {
                    _ = try? await Task.sleep(for: timeLimit)
                    return .tooLong
                }
                // The first that is over decides; a program that still draws is ended.
                let first = await group.next() ?? .tooLong
                group.cancelAll()
                return first
            }
        }
        switch drawing {
        case .picture(let bytes): return bytes
        case .refused(let complaint):
            throw WorldError(
                .failed, what: "dot does not draw the graph", why: complaint, try: "keyvm graph --dot -o graph.dot")
        case .missing(let why):
            throw WorldError(
                .failed, what: "pictures are drawn by Graphviz's dot, which is not there", why: why,
                try: "apt-get install graphviz")
        case .tooLong:
            throw WorldError(
                .failed, what: "dot takes too long", why: "it was to draw the graph in \(timeLimit)",
                try: fewer)
        }
    }

    private static func run(_ text: String, _ form: GraphForm) async -> Drawing {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .milliseconds(200))]
        do {
            let result = try await Subprocess.run(
                .name("dot"), arguments: ["-T\(form.rawValue)"], platformOptions: options, input: .string(text),
                output: .bytes(limit: pictureBytes), error: .string(limit: 64 << 10))
            guard result.terminationStatus.isSuccess, !result.standardOutput.isEmpty else {
                let complaint = result.standardError.split(whereSeparator: \.isNewline).first.map(String.init)
                return .refused(complaint ?? "it \(result.terminationStatus)")
            }
            return .picture(result.standardOutput)
        } catch let error as SubprocessError where error.code == .executableNotFound {
            return .missing("no folder of PATH has it")
        } catch {
            return .refused("\(error)")
        }
    }
}
