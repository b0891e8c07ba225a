// What is wrong, or unwise, in an OpenAPI file.

/// A finding with its place. An error keeps the file from being served; a warning is said and no more.
package struct OpenAPIFinding: Sendable, Equatable {
    package enum Severity: String, Sendable {
        case error
        case warning
    }

    package var severity: Severity
    package var message: String
    /// What to do about it.
    package var hint: String
    /// Where in the document: `paths /recipes/{id}/move post`.
    package var path: [String]
    /// Where in the file, from 1.
    package var line: Int
    package var column: Int
}
