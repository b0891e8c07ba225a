// What a world did, as a number: two runs of a seed have the same.

/// A hash over everything that happened in its order, and the last of it line by line where that is asked for.
final class Trace: @unchecked Sendable {
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    private(set) var lines: [String] = []
    let keepsLines: Bool

    init(keepsLines: Bool) { self.keepsLines = keepsLines }

    func note(_ event: StaticString, _ numbers: Int..., text: String = "") {
        event.withUTF8Buffer { for byte in $0 { add(byte) } }
        for number in numbers { withUnsafeBytes(of: number) { for byte in $0 { add(byte) } } }
        for byte in text.utf8 { add(byte) }
        guard keepsLines else { return }
        if lines.count > 20_000 { lines.removeFirst(10_000) }
        lines.append("\(event) \(numbers.map(String.init).joined(separator: " ")) \(text)")
    }

    private func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
}
