// HTTP Tasks (integrations.md §4).

enum HTTPTask {
    static let rows = [
        IntegrationEntry("http:invoke", .request, parameters: [.required("ApiEndpoint"), .required("Method")])
    ]
}
