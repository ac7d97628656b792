// Finds what the user may have meant.

/// Those of `candidates` that `word` may be a slip of: at most two edits away and fewer than its length, or beginning with it; nearest first.
package func nearest(to word: String, among candidates: [String]) -> [String] {
    candidates.map { (name: $0, distance: $0.hasPrefix(word) ? 0 : editDistance(word, $0)) }
        .filter { $0.distance <= 2 && $0.distance < min(word.count, $0.name.count) }
        .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
        .map(\.name)
}

/// How many characters must be put in, left out, replaced, or swapped with their neighbour to make one of the other
/// (optimal string alignment).
package func editDistance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first), Array(second))
    var rows = [Array(0...second.count)]
    for i in first.indices {
        var row = [i + 1]
        for j in second.indices {
            var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (first[i] == second[j] ? 0 : 1))
            if i > 0, j > 0, first[i] == second[j - 1], first[i - 1] == second[j] {
                best = min(best, rows[i - 1][j - 1] + 1)
            }
            row.append(best)
        }
        rows.append(row)
    }
    return rows[first.count][second.count]
}
