internal import Access
internal import Domain
internal import Files
internal import Foundation
internal import NIOPosix
internal import Store

extension PublishService {
    private static let copied = ["custom_api.py": "custom_api", "sample_input.json": "sample_input"]

    /// Stores a version once more, as the first one of a new model of the caller's.
    /// - Parameter said: What is said of the version.
    func copy(_ version: ModelVersion, of model: Model, said: VersionDescription, as name: String, by principal: Principal) async throws -> Publication {
        var upload = try await ReceivedUpload.begin(in: files, at: clock.now)
        do {
            try await receive(files.model(of: version), as: "file", originalName: version.originalName, into: &upload)
            for (stored, part) in Self.copied {
                guard let file = files.existing(stored, of: version) else { continue }
                try await receive(file, as: part, originalName: stored, into: &upload)
            }
        } catch {
            upload.staged.discard()
            throw error
        }
        upload.fields = [
            "name": name, "description": model.description, "model_type": model.type.rawValue,
            "tags": String(decoding: try JSONEncoder().encode(model.tags), as: UTF8.self),
            "requirements": version.requirements.joined(separator: "\n"), "runtime": version.runtimeChoice.rawValue,
        ]
        upload.fields["framework"] = model.framework
        upload.fields["category"] = model.category
        upload.fields["python_version"] = version.pythonVersion
        return try await publish(upload, PublishOptions(origin: PublishOptions.Origin(modelID: model.id, versionID: version.id), said: said), by: principal)
    }

    private func receive(_ file: StoredFile, as part: String, originalName: String, into upload: inout ReceivedUpload) async throws {
        try await upload.receive(try await NIOThreadPool.singleton.runIfActive { try file.open() }, as: part, originalName: originalName)
    }
}
