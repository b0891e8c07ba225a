// What the gateway measures.

import Core
import Metrics
import NIOCore

/// `newel_gateway_integration_seconds{type}` and `newel_gateway_rejections_total{reason}`.
struct GatewayMetrics: Sendable {
    private let integration = Timer(
        label: MetricName.integrationDuration.rawValue, dimensions: [("type", "aws")])
    private let rejections: [String: Counter]

    init() {
        rejections = Dictionary(
            uniqueKeysWithValues: GatewayResponseType.allCases.map { type in
                let labels = [("reason", type.rawValue)]
                return (type.rawValue, Counter(label: MetricName.gatewayRejections.rawValue, dimensions: labels))
            })
    }

    /// Records a call of an AWS action that began at `began`.
    func called(since began: NIODeadline) { integration.recordNanoseconds((NIODeadline.now() - began).nanoseconds) }

    /// Counts a request that the gateway answered by itself.
    func rejected(_ type: GatewayResponseType) { rejections[type.rawValue]?.increment() }
}
