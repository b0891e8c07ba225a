// Texts of a policy that may hold wildcards and policy variables, and how they match.

import Core

/// A wildcard pattern: `*` stands for any run of characters, `?` for one.
struct Glob: Sendable, Equatable {
    enum Atom: Sendable, Equatable {
        case scalar(Unicode.Scalar)
        case any
        case one
    }

    var atoms: [Atom]

    /// Goes back to the last `*` alone, so the time is at most the product of the two lengths.
    func matches(_ text: some Collection<Unicode.Scalar>) -> Bool {
        let text = Array(text)
        var at = 0
        var atom = 0
        var star: (atom: Int, at: Int)?
        while at < text.count {
            if atom < atoms.count, atoms[atom] == .any {
                star = (atom, at)
                atom += 1
            } else if atom < atoms.count, atoms[atom] == .one || atoms[atom] == .scalar(text[at]) {
                atom += 1
                at += 1
            } else if let last = star {
                star = (last.atom, last.at + 1)
                atom = last.atom + 1
                at = last.at + 1
            } else {
                return false
            }
        }
        return atoms[atom...].allSatisfy { $0 == .any }
    }
}

/// A text of a policy, taken apart into wildcards, variables and plain characters.
///
/// Variables are known from Version 2012-10-17 on: `${key}`, `${key, 'default'}` and the literals `${*}`, `${?}`,
/// `${$}`. What comes from a variable's value is literal, wildcard characters too.
struct PolicyText: Sendable, Equatable {
    enum Piece: Sendable, Equatable {
        case atom(Glob.Atom)
        case variable(key: String, fallback: String?)
    }

    let pieces: [Piece]

    init(pieces: [Piece]) { self.pieces = pieces }

    init(_ text: String, variables: Bool) {
        var pieces: [Piece] = []
        var rest = text.unicodeScalars[...]
        while let scalar = rest.first {
            if variables, let (piece, after) = PolicyText.variable(rest) {
                pieces.append(piece)
                rest = after
                continue
            }
            pieces.append(.atom(scalar == "*" ? .any : scalar == "?" ? .one : .scalar(scalar)))
            rest.removeFirst()
        }
        self.pieces = pieces
    }

    /// The variable that the text begins with, if it begins with one.
    private static func variable(
        _ text: Substring.UnicodeScalarView
    ) -> (piece: Piece, after: Substring.UnicodeScalarView)? {
        guard text.starts(with: "${".unicodeScalars), let end = text.firstIndex(of: "}") else { return nil }
        let inside = Substring(text[..<end].dropFirst(2))
        let after = text[text.index(after: end)...]
        if inside == "*" || inside == "?" || inside == "$", let scalar = inside.unicodeScalars.first {
            return (.atom(.scalar(scalar)), after)
        }
        let parts = inside.split(separator: ",", maxSplits: 1)
        guard let key = parts.first.map(trimmed), !key.isEmpty else { return nil }
        guard parts.count == 2 else { return (.variable(key: key, fallback: nil), after) }
        let fallback = trimmed(parts[1])
        guard fallback.count >= 2, fallback.hasPrefix("'"), fallback.hasSuffix("'") else { return nil }
        return (.variable(key: key, fallback: String(fallback.dropFirst().dropLast())), after)
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// The pattern once variables are filled in; `nil` when one has no single value and no default, so that nothing can
    /// match.
    func glob(in context: RequestContext) -> Glob? {
        var atoms: [Glob.Atom] = []
        atoms.reserveCapacity(pieces.count)
        for piece in pieces {
            switch piece {
            case .atom(let atom): atoms.append(atom)
            case .variable(let key, let fallback):
                let values = context[key]
                guard values?.count ?? 0 <= 1, let value = values?.first ?? fallback else { return nil }
                atoms += value.unicodeScalars.map { .scalar($0) }
            }
        }
        return Glob(atoms: atoms)
    }

    /// The text once variables are filled in, its wildcard characters being characters like others.
    func literal(in context: RequestContext) -> String? {
        glob(in: context).map { glob in
            var text = String.UnicodeScalarView()
            for atom in glob.atoms {
                switch atom {
                case .scalar(let scalar): text.append(scalar)
                case .any: text.append("*")
                case .one: text.append("?")
                }
            }
            return String(text)
        }
    }
}

/// A pattern for ARNs. It matches field by field: a `*` never reaches into the next field, but inside the last one it
/// crosses `:` and `/`. A bare `*` matches everything.
struct ARNPattern: Sendable, Equatable {
    private let fields: [PolicyText]
    private let isEverything: Bool

    init(_ text: String, variables: Bool) {
        self.init(PolicyText(text, variables: variables))
    }

    init(_ text: PolicyText) {
        isEverything = text.pieces == [.atom(.any)]
        fields = text.pieces
            .split(separator: .atom(.scalar(":")), maxSplits: 5, omittingEmptySubsequences: false)
            .map { PolicyText(pieces: Array($0)) }
    }

    /// Whether it is `*` or has an ARN's six fields.
    var isWellFormed: Bool {
        isEverything || fields.count == 6 && fields[0] == PolicyText("arn", variables: false)
    }

    func matches(_ arn: String, in context: RequestContext) -> Bool {
        if isEverything { return true }
        let given = ARN.fields(arn)
        return given.count == fields.count
            && zip(fields, given).allSatisfy { $0.glob(in: context)?.matches($1.unicodeScalars) ?? false }
    }
}
