// A parsed template: text, references, directives and expressions.

/// A piece of a template in the order in which it renders.
indirect enum TemplateNode: Sendable {
    case text([UInt8])
    case reference(TemplateReference)
    case set(TemplateReference, to: TemplateExpression)
    case branch([TemplateBranch], otherwise: [TemplateNode])
    case loop(TemplateLoop)
    case define(slot: Int, name: String, body: [TemplateNode])
    case call(TemplateMacroCall)
    case evaluate(TemplateExpression, at: Int)
    case include(TemplateExpression, at: Int)
    case leave
    case stop

    var isReference: Bool { if case .reference = self { true } else { false } }
}

/// One arm of an `#if`.
struct TemplateBranch: Sendable {
    var condition: TemplateExpression
    var body: [TemplateNode]
}

/// A `#foreach`.
struct TemplateLoop: Sendable {
    var slot: Int
    var source: TemplateExpression
    var body: [TemplateNode]
    var at: Int
}

/// A call that looks like a macro's. Whether it is one shows when it renders, since macros may be defined further down;
/// if not, its own text comes out.
struct TemplateMacroCall: Sendable {
    var name: String
    var arguments: [TemplateExpression]
    /// The content of `#@name(…) … #end`.
    var body: [TemplateNode]?
    var literal: [UInt8]
    var at: Int
}

/// A `#macro`.
struct TemplateMacro: Sendable {
    var parameters: [Int]
    var body: [TemplateNode]
}

/// `$name`, `$!{name.property.method(x)[0]}`.
struct TemplateReference: Sendable {
    enum Step: Sendable {
        case property(String, TemplateMethod?)
        case method(TemplateMethod?, String, [TemplateExpression])
        case index(TemplateExpression)
    }

    /// The variable's place in the table of names.
    var slot: Int
    var steps: [Step]
    /// The reference as it was written, for stock Velocity's echo of what does not resolve.
    var literal: String
    var quiet: Bool
    /// How many backslashes stand before it.
    var escapes: Int
    /// Where it starts in the template's source.
    var at: Int
}

/// What stands in parentheses.
indirect enum TemplateExpression: Sendable {
    /// A bare word among a method's arguments; Velocity passes null.
    case null
    case bool(Bool)
    case integer(Int)
    case wide(Int128)
    case double(Double)
    case string(String)
    /// A double-quoted string: a template of its own, to whose text Velocity adds a space that is dropped at the end.
    case interpolated([TemplateNode], padded: Bool)
    case list([TemplateExpression])
    case range(TemplateExpression, TemplateExpression)
    case map([(key: TemplateExpression, value: TemplateExpression)])
    case reference(TemplateReference)
    case not(TemplateExpression)
    case and(TemplateExpression, TemplateExpression)
    case or(TemplateExpression, TemplateExpression)
    case compare(TemplateComparison, TemplateExpression, TemplateExpression)
    case arithmetic(TemplateArithmetic, TemplateExpression, TemplateExpression)
}

enum TemplateComparison: Sendable {
    case equal
    case notEqual
    case less
    case lessOrEqual
    case greater
    case greaterOrEqual
}

enum TemplateArithmetic: Sendable {
    case add
    case subtract
    case multiply
    case divide
    case remainder
}
