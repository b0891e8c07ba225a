// Amazon API Gateway (integrations.md §4).

enum APIGateway {
    static let rows = [
        IntegrationEntry(
            "apigateway:invoke", .callback, parameters: [.required("ApiEndpoint"), .required("Method")])
    ]
}
