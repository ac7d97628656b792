// Tasks on an event loop's thread: a request is read, taken and answered there, without a change of threads in between.

import NIOCore

/// Runs the tasks that prefer it on the thread of one event loop, between its events. The loop is never shut down.
final class LoopExecutor: TaskExecutor {
    let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
