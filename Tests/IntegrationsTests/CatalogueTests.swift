// The catalogue as a whole, and how Resources name its rows.

import JSON
import Testing

@testable import Integrations

@Suite("The catalogue of integrations")
struct CatalogueTests {
    @Test("No two rows are of one action.")
    func unique() {
        let keys = Catalogue.services.joined().map(\.key)
        #expect(Set(keys).count == keys.count)
        #expect(keys.allSatisfy { !$0.service.isEmpty && !$0.action.isEmpty })
    }

    @Test("A row's action exists with each of its patterns and no other.")
    func patterns() {
        for entry in Catalogue.services.joined() where entry.key.action != "*" {
            for pattern in [IntegrationPattern.requestResponse, .sync, .sync2, .waitForTaskToken] {
                let target = TaskTarget.integration(entry.key, pattern)
                #expect(target.exists == entry.patterns.contains(pattern), "\(target.resource)")
                #expect(TaskTarget(resource: target.resource) == target)
            }
        }
    }

    static let resources: [(String, TaskTarget?)] = [
        ("arn:aws:lambda:us-east-1:1:function:f:live", .function(arn: "arn:aws:lambda:us-east-1:1:function:f:live")),
        ("arn:aws:lambda:us-east-1:1:function:f:1:2", nil),
        ("arn:aws:lambda:us-east-1:1:function:", nil),
        ("arn:aws:lambda::1:function:f", nil),
        ("arn:aws:states:us-east-1:1:activity:a", .activity(arn: "arn:aws:states:us-east-1:1:activity:a")),
        ("arn:aws:states:us-east-1:1:activity:", nil),
        (
            "arn:aws-cn:states:::states:startExecution.sync:2",
            .integration(IntegrationKey("states:startExecution"), .sync2)
        ),
        (
            "arn:aws:states:::aws-sdk:sfn:stopExecution.waitForTaskToken",
            .integration(IntegrationKey(service: "aws-sdk:sfn", action: "stopExecution"), .waitForTaskToken)
        ),
        ("arn:aws:states:::aws-sdk:sfn:stop:execution", nil),
        ("arn:aws:states:::lambda:invoke:", nil),
        ("arn:aws:states:::", nil),
        ("arn:aws:sqs:us-east-1:1:queue", nil),
        ("arn::lambda:us-east-1:1:function:f", nil),
        ("lambda", nil),
        ("", nil),
    ]

    @Test("A Resource is an ARN of one of four forms.", arguments: resources)
    func forms(_ resource: String, _ expected: TaskTarget?) {
        #expect(TaskTarget(resource: resource) == expected)
    }

    @Test(
        "Any action of the AWS SDK exists; of optimized integrations those with a row.",
        arguments: [
            ("arn:aws:states:::aws-sdk:any:action", true, false),
            ("arn:aws:states:::aws-sdk:any:action.sync", false, false),
            ("arn:aws:states:::aws-sdk:sfn:listExecutions", true, true),
            ("arn:aws:states:::aws-sdk:s3:getObject", true, false),
            ("arn:aws:states:::sqs:sendMessage", true, false), ("arn:aws:states:::sqs:sendMessage.sync", false, false),
            ("arn:aws:states:::sqs:receiveMessage", false, false),
            ("arn:aws:states:::sfn:startExecution", false, false),
            ("arn:aws:states:::lambda:invoke.waitForTaskToken", true, true),
            ("arn:aws:states:::lambda:*", false, false),
            ("arn:aws:states:::aws-sdk:sfn", false, false), ("arn:aws:states:us-east-1:1:activity:a", true, true),
        ])
    func exists(_ resource: String, _ exists: Bool, _ isSupported: Bool) throws {
        let target = try #require(TaskTarget(resource: resource))
        #expect(target.exists == exists)
        #expect(target.isSupported == isSupported)
    }

    @Test("What waits for a job has the shape of the job's description, what waits for a token has none.")
    func results() throws {
        let start = try #require(Catalogue.entry(of: IntegrationKey("states:startExecution")))
        let started: JSONValue = ["ExecutionArn": "a", "StartDate": "d"]
        try start.result(.requestResponse)?.check(started, requiresAll: true)
        let error = #expect(throws: ResultSchema.Mismatch.self) {
            try start.result(.sync2)?.check(started, requiresAll: true)
        }
        #expect(error == .missing(field: "StateMachineArn"))
        #expect(start.result(.waitForTaskToken) == nil)
    }
}
