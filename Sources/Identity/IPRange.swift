// Internet addresses and ranges of them, for `IpAddress` conditions.

import Core

/// A range of IPv4 or IPv6 addresses: `192.0.2.0/24`, `2001:db8::/32`, or a single address.
struct IPRange: Sendable {
    private let address: IPAddress
    private let prefix: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        guard let prefix = parts.count == 2 ? Int(digits: Array(parts[1].utf8)[...]) : address.width,
            prefix <= address.width
        else { return nil }
        self.address = address
        self.prefix = prefix
    }

    func contains(_ text: String) -> Bool {
        guard let other = IPAddress(text), other.width == address.width else { return false }
        return prefix == 0 || (address.bits ^ other.bits) >> (address.width - prefix) == 0
    }
}

/// An address and how many bits it has. An IPv4 address written inside IPv6 (`::ffff:192.0.2.1`) is an IPv4 address.
struct IPAddress: Sendable, Equatable {
    let bits: UInt128
    let width: Int

    init?(_ text: String) {
        if !text.contains(":") {
            guard let bits = IPAddress.v4(text[...]) else { return nil }
            self.bits = UInt128(bits)
            width = 32
            return
        }
        guard let bits = IPAddress.v6(text) else { return nil }
        let isV4 = bits >> 32 == 0xFFFF
        self.bits = isV4 ? bits & 0xFFFF_FFFF : bits
        width = isV4 ? 32 : 128
    }

    private static func v4(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard part.utf8.count <= 3, let byte = Int(digits: Array(part.utf8)[...]), byte < 256 else { return nil }
            bits = bits << 8 | UInt32(byte)
        }
        return bits
    }

    private static func v6(_ text: String) -> UInt128? {
        guard let gap = text.firstRange(of: "::") else {
            guard let groups = groups(text[...]), groups.count == 8 else { return nil }
            return join(groups)
        }
        guard let head = groups(text[..<gap.lowerBound]), let tail = groups(text[gap.upperBound...]),
            head.count + tail.count < 8
        else { return nil }
        return join(head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func groups(_ text: Substring) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (position, part) in parts.enumerated() {
            if position == parts.count - 1, part.contains("."), let bits = v4(part) {
                groups += [UInt16(bits >> 16), UInt16(truncatingIfNeeded: bits)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func join(_ groups: [UInt16]) -> UInt128 { groups.reduce(0) { $0 << 16 | UInt128($1) } }
}

func isHexDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6 }
