package import Domain
internal import Foundation
internal import JSON

/// JSON of the control plane: request bodies and answers that are not on the predict path.
package enum ControlJSON {
    /// - Throws: `invalidJSON`, or `schemaViolation` with the JSON pointer of the fault.
    package static func decode<Body: Decodable>(_ type: Body.Type, from bytes: [UInt8]) throws(PlatformError) -> Body {
        try StrictJSON.check(bytes)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw platformError(from: error)
        } catch {
            throw PlatformError(.invalidJSON, "The body is not JSON.")
        }
    }

    package static func encode(_ value: JSONValue) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.value(value)
        return writer.bytes
    }

    private static func platformError(from error: DecodingError) -> PlatformError {
        switch error {
        case .keyNotFound(let key, let context): .field(pointer(context.codingPath + [key]), "required")
        case .typeMismatch(let type, let context): .field(pointer(context.codingPath), "expected \(name(of: type))")
        case .valueNotFound(let type, let context): .field(pointer(context.codingPath), "expected \(name(of: type)), found null")
        case .dataCorrupted(let context) where !context.codingPath.isEmpty: .field(pointer(context.codingPath), "has a value that is not allowed")
        default: PlatformError(.invalidJSON, "The body is not JSON.")
        }
    }

    private static func pointer(_ path: [any CodingKey]) -> String {
        path.map { "/\($0.intValue.map(String.init) ?? $0.stringValue)" }.joined()
    }

    private static func name(of type: Any.Type) -> String {
        switch "\(type)" {
        case "String": "a text"
        case "Bool": "true or false"
        case "Int", "Int64", "Double": "a number"
        case let name where name.hasPrefix("Array"): "an array"
        default: "an object"
        }
    }
}
