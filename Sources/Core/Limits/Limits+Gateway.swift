// Bounds of the gateway: request bodies, their models, mapping templates.

extension Limits {
    /// Bounds of the gateway.
    package enum Gateway {
        /// Bytes of a request's body, API Gateway's documented quota.
        package static let maximumBodyBytes = 10 << 20
        /// How deep a JSON body, or JSON in a mapping template, may nest.
        package static let maximumBodyDepth = 128
        /// How deep values and references may nest in a check against a model.
        package static let maximumModelDepth = 64
        /// Steps that such a check may take, a step about half a microsecond: about 200 ms. Combinations of models that
        /// refer to themselves would take any number.
        package static let maximumModelSteps = 400_000
        /// Comparisons of `uniqueItems`. An array that needs more was made to need them.
        package static let maximumComparisons = 1_000_000
    }
}

extension Limits.Gateway {
    /// Bounds of parsing and rendering one mapping template.
    package struct Template: Sendable, Equatable {
        /// How long a rendered text, and any text on the way to it, may get, in bytes.
        package var outputBytes = 1 << 20
        /// How often one `#foreach` may go round. API Gateway's documented quota.
        package var iterations = 1_000
        /// How many nodes a render may evaluate in all; building long texts and lists counts too.
        package var steps = 250_000
        /// How deep directives, expressions and values may nest.
        package var depth = 64
        /// How long a template may be, in bytes. API Gateway's documented quota.
        package var sourceBytes = 300 << 10

        /// Bytes of a regular expression. The longer it is, the longer it takes to compile.
        package static let maximumPatternBytes = 16_384

        /// Creates API Gateway's quotas, and Newel's own bounds where it has none.
        package init() {}
    }
}
