package import Domain

/// What a loaded model says about itself.
package struct WorkerDescription: Sendable {
    package let signature: Signature
    package let className: String
    package let loadMilliseconds: Double
    /// MiB at its peak, the interpreter and its libraries included.
    package let memoryMebibytes: Double
    /// Warnings that the libraries gave while loading.
    package let warnings: [String]
}

/// A model failed in its own code; the words are the model's.
package struct ModelFailure: Error, Sendable {
    package let type: String
    package let message: String

    /// Whether the caller sent what the model does not take.
    var isOfInput: Bool { type == "InvalidInput" }
}

/// LOADED and ERROR headers, as the workers write them.
struct LoadedHeader: Decodable {
    struct Feature: Decodable {
        let name: String
        let kind: String
        let nullable: Bool
        let examples: [JSONValue]?
        let datatype: String?
        let shape: [Int?]?
    }

    let features: [Feature]?
    let task: String
    let classes: [JSONValue]
    let probabilities: Bool
    let class_name: String
    let load_ms: Double
    let memory_mb: Double
    let warnings: [String]

    private static let maximumRank = 32
    private static let maximumElements = 1 << 24

    /// The description, when a row of what it asks for is of a size that can be sent.
    /// - Throws: ``ModelFailure``.
    func checked() throws -> WorkerDescription {
        var total = 0
        for feature in features ?? [] {
            let shape = feature.shape ?? []
            var elements = 1
            for extent in shape {
                let (product, overflow) = elements.multipliedReportingOverflow(by: extent ?? 1)
                guard !overflow, (0...Self.maximumElements).contains(product), (extent ?? 1) > 0 else { throw Self.tooLarge(feature) }
                elements = product
            }
            total += elements
            guard shape.count <= Self.maximumRank, total <= Self.maximumElements else { throw Self.tooLarge(feature) }
        }
        return description
    }

    private static func tooLarge(_ feature: Feature) -> ModelFailure {
        ModelFailure(type: "InputTooLarge", message: "the input '\(feature.name.prefix(100))' has no size that a request can have")
    }

    private var description: WorkerDescription {
        WorkerDescription(
            signature: Signature(
                features: features.map {
                    $0.map { feature in
                        Domain.Feature(
                            name: feature.name, kind: Domain.Feature.Kind(rawValue: feature.kind) ?? .number, nullable: feature.nullable,
                            examples: feature.examples ?? [], datatype: feature.datatype, shape: feature.shape
                        )
                    }
                },
                task: Signature.Task(rawValue: task) ?? .custom,
                classes: classes,
                givesProbabilities: probabilities
            ),
            className: class_name, loadMilliseconds: load_ms, memoryMebibytes: memory_mb, warnings: warnings
        )
    }
}

struct ErrorHeader: Decodable {
    let type: String
    let message: String
}
