// What can go wrong with a mapping template.

/// A template that does not parse, or a render that failed. API Gateway answers either with status 500 and
/// `{"message": "Internal server error"}`; the words here are for its execution log and for `newel check`.
package struct TemplateError: Error, Equatable, Sendable {
    package enum Code: String, Sendable {
        /// The text is not a template.
        case syntax
        /// A directive that API Gateway does not have: `#macro`, `#evaluate`, `#include`, `#parse`.
        case unsupportedDirective
        /// Directives, parentheses, literals or blocks nest deeper than `Limits.Gateway.Template.depth`.
        case tooDeep
        /// A method or an index threw, as Java's would (`substring` out of range, `get(9)` of a short list).
        case invocation
        /// A regular expression that does not compile, or that took too long.
        case regularExpression
        /// `#include` and `#parse` have nothing to read from.
        case resourceNotFound
        case outputTooLarge
        case tooManyIterations
        case tooManySteps
    }

    package var code: Code
    package var message: String
    /// Where in the template, from 1; columns count bytes.
    package var line: Int
    package var column: Int

    /// What the author of the template can do about it.
    package var hint: String {
        switch code {
        case .syntax: "Check the directive or reference at that place; a literal `$` or `#` must not end the template."
        case .unsupportedDirective: "API Gateway has no macros and no includes: write the text out, or use #define."
        case .tooDeep: "Flatten the template."
        case .invocation: "Check sizes and existence first: #if($x != '') or #if($list.size() > 1)."
        case .regularExpression: "Simplify the regular expression."
        case .resourceNotFound: "Put the text into the template itself."
        case .outputTooLarge, .tooManyIterations, .tooManySteps: "Render less in one template."
        }
    }
}

extension TemplateError: CustomStringConvertible {
    package var description: String { "\(message) at line \(line), column \(column)" }
}
