// The keys of newel.yaml.

/// Every setting there is. What each means stands in config/newel.yaml; a test holds the two together.
enum Setting {
    /// `*` stands for any name.
    static let keys: [String] = [
        "listen.api", "listen.gateway", "listen.admin", "listen.allowRemote",
        "store.url", "store.cache", "store.readers", "store.minimumFree", "store.reserve",
        "scope.account", "scope.region", "scope.fromCredentials",
        "throttling.awsRates", "throttling.operations.*", "throttling.nestedStarts",
        "limits.payload", "limits.definition", "limits.historyEvents", "limits.nestingDepth", "limits.nestedDepth",
        "limits.queuedCommands", "limits.stateName",
        "limits.mapConcurrency", "limits.activityPollers", "limits.variable", "limits.variables", "limits.express",
        "limits.requestBody", "limits.requestHeader", "limits.connections", "limits.headerTimeout",
        "limits.bodyTimeout", "limits.idleTimeout",
        "engine.shards", "engine.residentExecutions", "engine.evictAfter", "engine.retention",
        "functions.map.*", "functions.defaultEndpoint", "functions.width", "functions.limits.*",
        "functions.defaultLimit", "functions.maxConnections", "functions.connectTimeout", "functions.invokeTimeout",
        "recipeMove.enabled", "recipeMove.database", "recipeMove.search", "recipeMove.searchURL",
        "recipeMove.searchIndexPrefix", "recipeMove.searchTimeout", "recipeMove.searchUser",
        "recipeMove.searchPassword", "recipeMove.searchToken",
        "gateway.openapi", "gateway.stage", "gateway.stageVariables.*", "gateway.executionLog",
        "gateway.nativeRoutes",
        "identity.folder",
        "machines.*.definition", "machines.*.role", "machines.*.type", "machines.*.substitutions.*",
        "machines.*.logging.level", "machines.*.logging.includeExecutionData", "machines.*.logging.logGroup",
        "log.level", "log.format", "log.failures", "executionLog.folder", "executionLog.cloudWatchLogs",
    ]

    /// Settings and sections that had another name in earlier versions: the old name and the new one.
    static let renamed: [String: String] = [
        "frontDoor": "gateway", "listen.door": "listen.gateway",
    ]

    /// The name that a setting, or a section around it, has now; `nil` if it was not renamed.
    static func newName(of key: String) -> String? {
        for (old, new) in renamed where key == old || key.hasPrefix(old + ".") {
            return new + key.dropFirst(old.count)
        }
        return nil
    }

    static let secrets: Set<String> = ["recipeMove.searchPassword", "recipeMove.searchToken"]

    private static let paths = keys.map { $0.split(separator: ".").map(String.init) }

    /// The names that may stand below `path`; `*` when any may, empty below a setting's value.
    static func names(below path: [String]) -> Set<String> {
        Set(
            paths.compactMap { key in
                guard key.count > path.count, zip(key, path).allSatisfy({ $0 == "*" || $0 == $1 }) else { return nil }
                return key[path.count]
            })
    }

    static func exists(_ path: [String]) -> Bool {
        paths.contains { $0.count == path.count && zip($0, path).allSatisfy { $0 == "*" || $0 == $1 } }
    }

    /// `NEWEL_RECIPE_MOVE_SEARCH_URL`: swift-configuration's rule, a word begins where a small letter meets a capital.
    static func environmentName(_ path: [String]) -> String {
        let words = path.map { part in
            var text = ""
            for character in part {
                if character.isUppercase, text.last?.isLowercase == true { text += "_" }
                text.append(character.isLetter || character.isNumber ? character : "_")
            }
            return text.uppercased()
        }
        return "NEWEL_" + words.joined(separator: "_")
    }
}
