// `$context`: what a request tells its templates about itself.

import JSON

enum GatewayContext {
    /// The variables of gateway.md §9, with their names on AWS. `milliseconds` since 1970.
    static func make(
        _ request: DoorRequest, stage: GatewayStage, resourcePath: String?, requestID: String, extendedID: String,
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
    private static func identity(_ request: DoorRequest) -> JSONObject {
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

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `22/Aug/2026:10:11:12 +0000`.
    static func requestTime(_ milliseconds: Int) -> String {
        let seconds = Int((Double(milliseconds) / 1000).rounded(.down))
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let time = seconds - days * 86_400
        let (year, month, day) = civil(days)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))"
        return "\(two(day))/\(months[month - 1])/\(year):\(clock) +0000"
    }

    /// The date of a day since 1970, by the Gregorian calendar: eras of 400 years that begin in March.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
