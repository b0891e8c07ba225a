// The intrinsic functions of the Amazon States Language, by name and number of arguments.

enum IntrinsicFunction: String, CaseIterable, Sendable {
    case array = "Array"
    case arrayContains = "ArrayContains"
    case arrayGetItem = "ArrayGetItem"
    case arrayLength = "ArrayLength"
    case arrayPartition = "ArrayPartition"
    case arrayRange = "ArrayRange"
    case arrayUnique = "ArrayUnique"
    case base64Decode = "Base64Decode"
    case base64Encode = "Base64Encode"
    case format = "Format"
    case hash = "Hash"
    case jsonMerge = "JsonMerge"
    case jsonToString = "JsonToString"
    case mathAdd = "MathAdd"
    case mathRandom = "MathRandom"
    case stringSplit = "StringSplit"
    case stringToJson = "StringToJson"
    case uuid = "UUID"

    var argumentCounts: ClosedRange<Int> {
        switch self {
        case .array: 0...Int.max
        case .format: 1...Int.max
        case .uuid: 0...0
        case .arrayLength, .arrayUnique, .base64Decode, .base64Encode, .jsonToString, .stringToJson: 1...1
        case .arrayContains, .arrayGetItem, .arrayPartition, .hash, .mathAdd, .stringSplit: 2...2
        case .mathRandom: 2...3
        case .arrayRange, .jsonMerge: 3...3
        }
    }
}
