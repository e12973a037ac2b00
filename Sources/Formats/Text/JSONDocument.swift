import Domain
internal import Foundation
internal import JSON

/// A JSON document that another reader will read too: a key given twice is refused, since readers take one or the other.
enum JSONDocument {
    private static let maximumValues = 1_000_000

    /// - Throws: `malformed`.
    static func read(_ bytes: [UInt8]) throws -> JSONValue {
        do {
            if let key = try repeatedKey(bytes) { throw ReadFault.malformed("the key '\(key)' is given twice", at: 0) }
        } catch let fault as JSONFault {
            throw ReadFault.malformed(fault.reason, at: Int64(fault.offset))
        }
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else { throw ReadFault.malformed("a document that is no JSON", at: 0) }
        return value
    }

    private static func repeatedKey(_ bytes: [UInt8]) throws(JSONFault) -> String? {
        var scanner = JSONScanner(bytes)
        var keys: [Set<String>] = [[]]
        var values = 0
        while let byte = scanner.peek() {
            values += [UInt8(ascii: ","), UInt8(ascii: "{"), UInt8(ascii: "[")].contains(byte) ? 1 : 0
            guard values <= maximumValues else { throw scanner.fault("more than \(maximumValues) values") }
            switch byte {
            case UInt8(ascii: "\""):
                let text = try scanner.text()
                guard scanner.take(UInt8(ascii: ":")) else { continue }
                let key = try scanner.string(text)
                guard keys[keys.count - 1].insert(key).inserted else { return key }
            case UInt8(ascii: "{"):
                keys.append([])
                _ = scanner.take(byte)
            case UInt8(ascii: "}"):
                guard keys.count > 1 else { throw scanner.fault("a brace without its other one") }
                keys.removeLast()
                _ = scanner.take(byte)
            default: _ = scanner.take(byte)
            }
        }
        return nil
    }
}
