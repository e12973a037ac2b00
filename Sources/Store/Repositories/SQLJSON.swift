import Domain
internal import Foundation

/// Documents that the database keeps as opaque text.
enum SQLJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw PlatformError(.storageFailure, "The database holds a document that cannot be read.", cause: error)
        }
    }

    static func optional(_ type: JSONValue.Type, from text: String?) throws -> JSONValue? {
        do {
            return try text.map { try JSONValue(document: $0) }
        } catch {
            throw PlatformError(.storageFailure, "The database holds a document that cannot be read.", cause: error)
        }
    }

    static func optional(_ type: [String: JSONValue].Type, from text: String?) throws -> [String: JSONValue]? {
        guard let document = try optional(JSONValue.self, from: text) else { return nil }
        guard case .object(let members) = document else { throw PlatformError(.storageFailure, "The database holds a document that is no object.") }
        return members
    }

    static func optional<Value: Decodable>(_ type: Value.Type, from text: String?) throws -> Value? {
        try text.map { try value(type, from: $0) }
    }
}
