// Waiting at the command line: for something asynchronous, from a thread that has nothing else to do, and with a word
// on the terminal when it takes longer than a second.

import Dispatch
import Glibc
import Synchronization
import World

/// Runs `body` to its end on the concurrency pool while the calling thread, which is not one of it, waits.
func awaited<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
    let box = Box<Value>()
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        let value = await body()
        box.value.withLock { $0 = value }
        done.signal()
    }
    done.wait()
    guard let value = box.value.withLock({ $0 }) else { preconditionFailure("a body that is done left its value") }
    return value
}

private final class Box<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}

/// Waits; signals are heard meanwhile.
func sleep(for duration: Duration) {
    let deadline = ContinuousClock.now + duration
    while true {
        let rest = deadline - ContinuousClock.now
        guard rest > .zero else { return }
        usleep(useconds_t(min(rest / .milliseconds(1), 500) * 1_000) + 1)
    }
}

/// Runs `body`; after a second a terminal shows what is going on, for how long, and how far it has come where that is known; nothing
/// of it stays there.
func withProgress<Value, Failure: Error>(
    _ activity: String, _ body: () throws(Failure) -> Value
) throws(Failure) -> Value {
    guard Terminal.error.takesDrawing else { return try body() }
    let shown = Shown()
    let begin = DispatchTime.now()
    let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "keyvm.progress"))
    timer.setEventHandler {
        let seconds = (DispatchTime.now().uptimeNanoseconds - begin.uptimeNanoseconds) / 1_000_000_000
        shown.show("\(activity) … \(seconds) s" + (World.progress.fraction.map { " \(bar($0))" } ?? ""))
    }
    timer.schedule(deadline: begin + .seconds(1), repeating: .milliseconds(500))
    timer.resume()
    defer {
        timer.cancel()
        shown.end()
    }
    return try body()
}

/// `[########------------] 40 %`
package func bar(_ fraction: Double) -> String {
    let width = 20
    let filled = min(width, max(0, Int(fraction * Double(width))))
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
    return "[\(bar)] \(min(100, max(0, Int(fraction * 100)))) %"
}

/// The line of progress on the terminal.
private final class Shown: Sendable {
    private struct State {
        var isShown = false
        var hasEnded = false
    }
    private let state = Mutex(State())

    func show(_ text: String) {
        state.withLock { state in
            guard !state.hasEnded else { return }
            state.isShown = true
            put("\r\u{1b}[K\(text)")
        }
    }

    func end() {
        state.withLock { state in
            state.hasEnded = true
            if state.isShown { put("\r\u{1b}[K") }
        }
    }

    private func put(_ text: String) {
        do { try StandardStreams.write(Array(text.utf8), to: STDERR_FILENO) } catch { return }
    }
}
