// TagResource, UntagResource, ListTagsForResource.

import Engine
import JSON

extension APIOperation {
    static let tagResource = APIOperation("TagResource") { call throws(APIFailure) in
        let tags = (call.input["tags"]?.arrayValue ?? []).map { tag in
            (key: tag["key"]?.stringValue ?? "", value: tag["value"]?.stringValue ?? "")
        }
        try await service { () async throws(ServiceError) in
            try await call.engine.tag(call.required("resourceArn"), tags)
        }
        return JSONObjectWriter.body { _ in }
    }

    static let untagResource = APIOperation("UntagResource") { call throws(APIFailure) in
        let keys = (call.input["tagKeys"]?.arrayValue ?? []).compactMap(\.stringValue)
        try await service { () async throws(ServiceError) in
            try await call.engine.untag(call.required("resourceArn"), keys: keys)
        }
        return JSONObjectWriter.body { _ in }
    }

    static let listTagsForResource = APIOperation("ListTagsForResource") { call throws(APIFailure) in
        let tags = try service { () throws(ServiceError) in try call.engine.tags(of: call.required("resourceArn")) }
        return JSONObjectWriter.body { $0.json("tags", JSONValue.array(tags).text) }
    }
}
