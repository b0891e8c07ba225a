// `$context`: what a request tells its templates about itself.

import Core
import JSON

enum GatewayContext {
    /// The variables of gateway.md §9, with their names on AWS. `milliseconds` since 1970.
    static func make(
        _ request: MethodRequest, stage: GatewayStage, resourcePath: String?, requestID: String, extendedID: String,
        milliseconds: Int
    ) -> JSONObject {
        var context = JSONObject()
        context["resourceId"] = .string(resourcePath.map(resourceID) ?? "")
        context["resourcePath"] = .string(resourcePath ?? "")
        context["httpMethod"] = .string(request.method)
        context["extendedRequestId"] = .string(extendedID)
        context["requestTime"] = .string(requestTime(milliseconds))
        context["path"] = .string(request.path)
        context["accountId"] = .string(stage.accountID)
        context["protocol"] = .string(request.version)
        context["stage"] = .string(stage.name)
        context["domainPrefix"] = .string(String(stage.domainName.prefix { $0 != "." }))
        context["requestTimeEpoch"] = .int(milliseconds)
        context["requestId"] = .string(requestID)
        context["identity"] = .object(identity(request))
        context["domainName"] = .string(stage.domainName)
        context["deploymentId"] = .string(stage.name)
        context["apiId"] = .string(stage.apiID)
        return context
    }

    /// An id that stays the same from start to start, as AWS's do from deployment to deployment.
    private static func resourceID(_ path: String) -> String {
        String(path.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xFFFF_FFFF }, radix: 36)
    }

    /// All leaves are there, and empty where they are not known.
    private static func identity(_ request: MethodRequest) -> JSONObject {
        var identity = JSONObject()
        for name in [
            "accountId", "accessKey", "apiKey", "apiKeyId", "caller", "cognitoAuthenticationProvider",
            "cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "sourceIp",
            "user", "userAgent", "userArn",
        ] { identity[name] = "" }
        identity["sourceIp"] = .string(request.remoteAddress ?? "")
        identity["userAgent"] = .string(request.header("User-Agent") ?? "")
        return identity
    }

    /// `22/Aug/2026:10:11:12 +0000`.
    static func requestTime(_ milliseconds: Int) -> String {
        let seconds = milliseconds.flooredDivision(by: 1000)
        let days = seconds.flooredDivision(by: 86_400)
        let time = seconds - days * 86_400
        let (year, month, day) = GregorianCalendar.date(ofDay: days)
        let clock = [time / 3_600, time / 60 % 60, time % 60].map { $0.padded(to: 2) }.joined(separator: ":")
        return "\(day.padded(to: 2))/\(GregorianCalendar.shortMonths[month - 1])/\(year):\(clock) +0000"
    }
}
