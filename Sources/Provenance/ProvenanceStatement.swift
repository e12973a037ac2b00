package import Domain
internal import Foundation

/// What a version is made of, by whom and when, and what was found about it: an in-toto statement,
/// https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md. Members are named as they are written.
package struct ProvenanceStatement: Sendable, Codable {
    package static let statementType = "https://in-toto.io/Statement/v1"
    package static let predicateType = "urn:martlet:provenance:v1"

    package struct Subject: Sendable, Codable {
        package let name: String
        package let digest: [String: String]
    }

    package struct Predicate: Sendable, Codable {
        package let model: ModelFacts
        package let version: VersionFacts
        package let files: [FileFacts]
        package let environment: EnvironmentFacts?
        /// SHA-256 of the reports, by name.
        package let reports: [String: String]
        package let signed_at: String

        package init(
            model: ModelFacts, version: VersionFacts, files: [FileFacts], environment: EnvironmentFacts?, reports: [String: String], signed_at: String
        ) {
            self.model = model
            self.version = version
            self.files = files
            self.environment = environment
            self.reports = reports
            self.signed_at = signed_at
        }
    }

    package struct ModelFacts: Sendable, Codable {
        package let id: String
        package let name: String
        package let description: String
        package let model_type: String
        package let framework: String?
        package let category: String?
        package let tags: [String]

        package init(id: String, name: String, description: String, model_type: String, framework: String?, category: String?, tags: [String]) {
            self.id = id
            self.name = name
            self.description = description
            self.model_type = model_type
            self.framework = framework
            self.category = category
            self.tags = tags
        }
    }

    package struct VersionFacts: Sendable, Codable {
        package let id: String
        package let version: String
        package let format: String
        package let model_file: String
        package let original_name: String
        package let runtime: String?
        package let python_version: String?
        package let notes: String?
        package let algorithm: String?
        package let hyperparameters: [String: JSONValue]
        package let metrics: [String: JSONValue]
        package let dataset_info: [String: JSONValue]
        package let training: [String: JSONValue]
        package let created_at: String
        package let created_by: String
        package let validation_status: String

        package init(
            id: String, version: String, format: String, model_file: String, original_name: String, runtime: String?, python_version: String?, notes: String?,
            said: VersionDescription, created_at: String, created_by: String, validation_status: String
        ) {
            self.id = id
            self.version = version
            self.format = format
            self.model_file = model_file
            self.original_name = original_name
            self.runtime = runtime
            self.python_version = python_version
            self.notes = notes
            algorithm = said.algorithm
            hyperparameters = said.hyperparameters
            metrics = said.metrics
            dataset_info = said.dataset
            training = said.training
            self.created_at = created_at
            self.created_by = created_by
            self.validation_status = validation_status
        }

        package var said: VersionDescription {
            VersionDescription(algorithm: algorithm, hyperparameters: hyperparameters, metrics: metrics, dataset: dataset_info, training: training)
        }
    }

    package struct FileFacts: Sendable, Codable {
        package let name: String
        package let size_bytes: Int64
        /// Hexadecimal.
        package let sha256: String

        package init(name: String, size_bytes: Int64, sha256: String) {
            self.name = name
            self.size_bytes = size_bytes
            self.sha256 = sha256
        }
    }

    package struct EnvironmentFacts: Sendable, Codable {
        package let key: String
        package let python_version: String
        package let packages: [String: String]

        package init(key: String, python_version: String, packages: [String: String]) {
            self.key = key
            self.python_version = python_version
            self.packages = packages
        }
    }

    private let _type: String
    package let subject: [Subject]
    private let predicateType: String
    package let predicate: Predicate

    package init(_ predicate: Predicate) {
        _type = Self.statementType
        subject = predicate.files.map { Subject(name: $0.name, digest: ["sha256": $0.sha256]) }
        predicateType = Self.predicateType
        self.predicate = predicate
    }

    /// - Throws: `invalidInput` for a statement of another kind or a later form.
    init(_ payload: [UInt8]) throws {
        guard let statement = try? JSONDecoder().decode(ProvenanceStatement.self, from: Data(payload)), statement._type == Self.statementType,
            statement.predicateType == Self.predicateType
        else { throw PlatformError(.invalidInput, "The manifest is signed, but of a form that is not read here.") }
        self = statement
    }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }

    package func sha256(of name: String) -> String? { subject.first { $0.name == name }?.digest["sha256"] }
}
