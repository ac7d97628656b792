// Serves a running world's control interface (`specs/control.md`) on the Unix socket in its folder.
//
// Owns the socket's life: it is bound in a private folder `control.new` inside the world's, made 0600, and renamed to
// `control.sock`, so that it is never there with other rights, a stale one of a crashed host is replaced in one step,
// and whoever finds it finds a host that takes requests. The world's lock makes this host the only one here.
// HTTP is NIO's (decision 0010). Knows of the world only the closures that perform a request.

import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import World

/// The host's end of the control socket.
package final class ControlServer: Sendable {
    private struct Life {
        /// The socket that listens; nil before `start()`.
        var listening: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
    }

    private let folder: WorldFolder
    private let routes: ControlRoutes
    private let openAnswers = OpenAnswers()
    private let life = Mutex(Life())
    private let bodyLimitBytes: Int
    private let executor = LoopExecutor(MultiThreadedEventLoopGroup.singleton.next())

    /// Prepares to serve the world in `directory`, whose host has these events, and took these requests in again when it opened it.
    /// `change` performs what changes the world; nil: `perform` does. `backup` streams it; nil: there are no backups. A request's body has at most `bodyLimitBytes`.
    /// Throws what `WorldFolder` throws.
    package init(
        directory: String, events: EventLog = EventLog(), replayed: [ReplayedRequest] = [],
        bodyLimitBytes: Int = requestBodyLimitBytes, change: PerformChange? = nil, backup: PerformBackup? = nil,
        perform: @escaping PerformRequest
    ) throws(ControlFailure) {
        folder = try WorldFolder(directory)
        self.bodyLimitBytes = bodyLimitBytes
        let either: PerformChange = { request, _ async throws(WorldError) in try await perform(request) }
        routes = ControlRoutes(
            events: events, ledger: RequestLedger(replayed: replayed), backup: backup, perform: perform,
            change: change ?? either)
    }

    /// Binds the socket and returns when it takes requests; they are served until `stop()`.
    /// Throws `.cannotListen` with the step that failed. Call it once.
    package func start() async throws(ControlFailure) {
        try clearBindingFolder()
        guard mkdirat(folder.descriptor, bindingFolder, 0o700) == 0 else {
            throw cannotListen("making \(bindingFolder)")
        }
        let listening = try await bind(folder.shortPath(to: boundSocket))
        life.withLock { $0.listening = listening }
        do throws(ControlFailure) {
            try publish()
        } catch {
            try? await listening.close()
            throw error
        }
    }

    /// Waits until the server has ended; nil where `stop()` ended it. For after `start()`.
    package func ended() async -> ControlFailure? {
        guard let listening = life.withLock({ $0.listening }) else { return nil }
        let cause: String
        do {
            try await listening.closeFuture.get()
            cause = "its socket was closed"
        } catch {
            cause = "\(error)"
        }
        return routes.isStopping.isSet ? nil : .serverEnded(socket: folder.socketPath, cause: cause)
    }

    /// Takes the socket away, lets answers that are under way go out (at most two seconds), and ends the server.
    package func stop() async {
        routes.isStopping.set()
        unlinkat(folder.descriptor, controlSocketName, 0)
        await openAnswers.drained(quiet: .milliseconds(30), within: .seconds(2))
        // The one that listens first: no connection comes after those that are closed then.
        try? await life.withLock({ $0.listening })?.close()
        for connection in life.withLock({ Array($0.connections.values) }) { try? await connection.close() }
    }

    // MARK: The socket

    private func bind(_ path: String) async throws(ControlFailure) -> any Channel {
        do {
            return try await ServerBootstrap(group: executor.loop)
                .serverChannelOption(.backlog, value: 256)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelInitializer { [self] in connect($0) }
                .bind(unixDomainSocketPath: path).get()
        } catch let error as IOError {
            throw .cannotListen(socket: folder.socketPath, step: "binding the socket", errno: error.errnoCode)
        } catch {
            throw .serverEnded(socket: folder.socketPath, cause: "\(error)")
        }
    }

    private func connect(_ channel: any Channel) -> EventLoopFuture<Void> {
        let id = ObjectIdentifier(channel)
        life.withLock { $0.connections[id] = channel }
        channel.closeFuture.whenComplete { [self] _ in life.withLock { $0.connections[id] = nil } }
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(withOutboundHeaderValidation: false)
            try pipeline.addHandler(
                ControlConnection(
                    routes: routes, openAnswers: openAnswers, executor: executor, bodyLimitBytes: bodyLimitBytes))
        }
    }

    /// Gives the bound socket its rights and its name.
    private func publish() throws(ControlFailure) {
        guard fchmodat(folder.descriptor, boundSocket, 0o600, 0) == 0 else {
            throw cannotListen("setting the socket's rights")
        }
        guard renameat(folder.descriptor, boundSocket, folder.descriptor, controlSocketName) == 0 else {
            throw cannotListen("renaming the socket")
        }
        unlinkat(folder.descriptor, bindingFolder, AT_REMOVEDIR)
    }

    /// Removes what a host left that died between binding and renaming.
    private func clearBindingFolder() throws(ControlFailure) {
        unlinkat(folder.descriptor, boundSocket, 0)
        guard unlinkat(folder.descriptor, bindingFolder, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw cannotListen("removing an old \(bindingFolder)")
        }
    }

    private func cannotListen(_ step: String) -> ControlFailure {
        .cannotListen(socket: folder.socketPath, step: step, errno: errno)
    }
}

/// Where a socket is bound before it gets its name.
private let bindingFolder = "control.new"
private let boundSocket = "control.new/control.sock"
