// The keys of newel.yaml.

/// Every setting there is. What each means stands in config/newel.yaml; a test holds the two together.
enum Setting {
    /// `*` stands for any name.
    static let keys: [String] = [
        "listen.api", "listen.door", "listen.admin", "listen.allowRemote",
        "store.url", "store.cache", "store.readers",
        "scope.account", "scope.region", "scope.fromCredentials",
        "throttling.awsRates", "throttling.operations.*",
        "limits.payload", "limits.definition", "limits.historyEvents", "limits.nestingDepth", "limits.stateName",
        "limits.mapConcurrency", "limits.activityPollers", "limits.variable", "limits.variables", "limits.express",
        "limits.requestBody", "limits.requestHeader", "limits.connections", "limits.headerTimeout",
        "limits.bodyTimeout", "limits.idleTimeout",
        "engine.shards", "engine.residentExecutions", "engine.evictAfter", "engine.retention",
        "functions.map.*", "functions.defaultEndpoint", "functions.width", "functions.limits.*",
        "functions.defaultLimit", "functions.maxConnections", "functions.connectTimeout", "functions.invokeTimeout",
        "recipeMove.enabled", "recipeMove.database", "recipeMove.search", "recipeMove.searchURL",
        "recipeMove.searchIndexPrefix", "recipeMove.searchTimeout", "recipeMove.searchUser",
        "recipeMove.searchPassword", "recipeMove.searchToken",
        "frontDoor.openapi", "frontDoor.stage", "frontDoor.stageVariables.*", "frontDoor.executionLog",
        "frontDoor.nativeRoutes",
        "identity.folder",
        "machines.*.definition", "machines.*.role",
        "log.level", "log.format", "executionLog.folder", "executionLog.cloudWatchLogs",
    ]

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
