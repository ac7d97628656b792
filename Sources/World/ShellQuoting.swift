// For what stands above the world's face and proposes commands too.

import Store

/// A word as a shell takes it for one, whatever is in it.
package func quotedForShell(_ text: String) -> String { shellWord(text) }
