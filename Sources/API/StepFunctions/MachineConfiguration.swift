// loggingConfiguration, tracingConfiguration, encryptionConfiguration and tags: checked, with AWS's defaults filled in.

import Core
import Engine
import JSON

/// The texts that the store keeps and Describe shows.
enum MachineConfiguration {
    static let defaultLogging = #"{"includeExecutionData":false,"level":"OFF"}"#
    static let defaultTracing = #"{"enabled":false}"#
    static let defaultEncryption = #"{"type":"AWS_OWNED_KEY"}"#

    /// Every level but OFF needs exactly one log group.
    static func logging(_ given: JSONObject) throws(APIFailure) -> String {
        let level = given["level"]?.stringValue ?? "OFF"
        let destinations = given["destinations"]?.arrayValue
        if level != "OFF", destinations?.count != 1 {
            throw invalidLogging("Must specify exactly one Log Destination.")
        }
        for destination in destinations ?? [] {
            guard let arn = destination["cloudWatchLogsLogGroup"]?["logGroupArn"]?.stringValue, isLogGroup(arn) else {
                throw invalidLogging("Invalid Log Destination.")
            }
        }
        var shown = JSONObject()
        if let destinations { shown["destinations"] = .array(destinations) }
        shown["includeExecutionData"] = .bool(given["includeExecutionData"]?.boolValue ?? false)
        shown["level"] = .string(level)
        return JSONValue.object(shown).text
    }

    private static func isLogGroup(_ arn: String) -> Bool {
        let fields = arn.fields(by: ":", most: 7)
        guard fields.count == 7, fields[0] == "arn", fields[2] == "logs", fields[5] == "log-group" else { return false }
        let name = fields[6].hasSuffix(":*") ? fields[6].dropLast(2) : fields[6]
        return (1...512).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || "._-/#".utf8.contains(byte)
            }
    }

    /// Asks for the log group of a checked configuration that logs something.
    static func checkPresence(of logging: String, by lookup: LogGroupLookup) async throws(APIFailure) {
        let configuration = LoggingConfiguration(stored: logging)
        guard configuration.level != .off, let group = configuration.logGroup else { return }
        switch await lookup(group) {
        case .present, .unknown: return
        case .absent: throw invalidLogging("Log Destination not found.")
        case .forbidden:
            throw invalidLogging("The state machine IAM Role is not authorized to access the Log Destination")
        }
    }

    private static func invalidLogging(_ reason: String) -> APIFailure {
        APIFailure(ServiceError(.invalidLoggingConfiguration, "Invalid Logging Configuration: \(reason)"))
    }

    static func tracing(_ given: JSONObject) -> String {
        #"{"enabled":\#(given["enabled"]?.boolValue ?? false)}"#
    }

    /// Newel encrypts nothing by a customer's key, so it must not say that it does.
    static func encryption(_ given: JSONObject) throws(APIFailure) -> String {
        guard given["type"]?.stringValue == "AWS_OWNED_KEY" else {
            throw invalidEncryption("CUSTOMER_MANAGED_KMS_KEY is not supported yet")
        }
        for member in ["kmsKeyId", "kmsDataKeyReusePeriodSeconds"] where given[member]?.isNull == false {
            throw invalidEncryption("\(member) must not be set when type is AWS_OWNED_KEY")
        }
        return defaultEncryption
    }

    private static func invalidEncryption(_ reason: String) -> APIFailure {
        APIFailure(
            type: "InvalidEncryptionConfiguration", message: "Invalid Encryption Configuration: \(reason)")
    }

    /// The tags as the store keeps them; of a key that is given twice the last value counts.
    static func tags(_ given: [JSONValue]) throws(APIFailure) -> String {
        var tags = JSONObject()
        for tag in given { tags[tag["key"]?.stringValue ?? ""] = .string(tag["value"]?.stringValue ?? "") }
        guard tags.count <= Limits.API.maximumTags else {
            throw APIFailure(
                ServiceError(.tooManyTags, "You've exceeded the number of tags allowed for a resource."))
        }
        return JSONValue.array(tags.map { ["key": .string($0.key), "value": $0.value] }).text
    }
}

extension APICall {
    /// `publish` and `versionDescription` of CreateStateMachine and UpdateStateMachine.
    func publishing() throws(APIFailure) -> Publishing? {
        let description = string("versionDescription")
        if bool("publish") == true { return Publishing(description: description) }
        if description != nil { throw .validation("Version description can only be set when publish is true") }
        return nil
    }

    func logging() async throws(APIFailure) -> String? {
        guard let given = object("loggingConfiguration") else { return nil }
        let logging = try MachineConfiguration.logging(given)
        if let logGroups { try await MachineConfiguration.checkPresence(of: logging, by: logGroups) }
        return logging
    }

    func tracing() -> String? { object("tracingConfiguration").map(MachineConfiguration.tracing) }

    func encryption() throws(APIFailure) -> String? {
        guard let given = object("encryptionConfiguration") else { return nil }
        return try MachineConfiguration.encryption(given)
    }
}
