// The question before something goes for ever.

import Glibc
import World

/// Asks at the terminal whether to do `act`. Throws a usage error where there is no terminal, and a failure where the answer is
/// not yes. `with`: the command that asks nothing; `look`: the one that shows what would go.
func confirmed(_ act: String, what: String, with: String, look: String) throws {
    guard isatty(STDIN_FILENO) == 1, Terminal.error.isTerminal else {
        throw WorldError.usage(
            "'\(act)' takes a question first", why: "there is no terminal to ask at; with -n it shows what would go",
            try: with)
    }
    StandardStreams.say(what)
    try StandardStreams.write(Array("\(act)? [y/N] ".utf8), to: STDERR_FILENO)
    let reply = readLine()?.lowercased() ?? ""
    guard reply == "y" || reply == "yes" else {
        throw WorldError(.failed, what: "nothing was changed", why: "the answer was not yes", try: look)
    }
}
