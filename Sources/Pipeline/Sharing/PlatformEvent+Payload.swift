internal import Domain
internal import Foundation

extension PlatformEvent {
    /// What webhooks get of the event, JSON.
    var payload: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let data = details.merging(["message": .string(message), "model_id": modelID.map { .string($0.rawValue) } ?? .null]) { own, _ in own }
            let body: JSONValue = .object(["type": .string(kind.rawValue), "timestamp": .string(at.description), "data": .object(data)])
            return String(decoding: try encoder.encode(body), as: UTF8.self)
        }
    }
}
