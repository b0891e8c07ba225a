// Amazon ECS (integrations.md §4).

enum ECS {
    static let rows = [
        IntegrationEntry(
            "ecs:runTask", [.requestResponse, .sync, .waitForTaskToken], parameters: [.required("TaskDefinition")])
    ]
}
