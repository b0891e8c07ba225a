// The known name that a misspelt one probably means.

/// The candidate with the fewest letters to change, `nil` when none is near.
func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
    let scored = candidates.map { (name: $0, distance: editDistance(name.lowercased(), $0.lowercased())) }
    guard let best = scored.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else { return nil }
    return best.distance <= max(2, name.count / 2) ? best.name : nil
}

/// How many letters to change, add or leave out to make one text the other.
private func editDistance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, b) in right.enumerated() {
            let next = min(row[j + 1] + 1, row[j] + 1, diagonal + (a == b ? 0 : 1))
            diagonal = row[j + 1]
            row[j + 1] = next
        }
    }
    return row[right.count]
}
