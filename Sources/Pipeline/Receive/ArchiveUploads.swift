package import Domain
internal import Files
package import Formats
internal import Foundation
internal import NIOPosix
package import Store

/// Several models in one archive, with `manifest.json` that says what each file is.
///
/// `{"models": [{"file": "churn.joblib", "name": "Churn", …}]}`: the fields of the upload form, and the names of the files that belong to it.
package struct ArchiveUploads: Sendable {
    package static let manifestName = "manifest.json"
    package static let maximumModels = 100
    private static let maximumManifest = 4 << 20
    /// Members of an entry that name a file in the archive, and the parts of the form that they are.
    private static let parts = ["file": "file", "model_file": "file", "requirements_file": "requirements", "config_file": "config_file", "custom_api": "custom_api"]

    /// What became of one entry.
    package struct Outcome: Sendable {
        package let file: String
        package let result: Result<Publication, PlatformError>
    }

    private let publisher: PublishService
    private let scanner: ArtifactScanner
    private let files: VersionFiles
    private let maximumBytes: Int64
    private let clock: any WallClock

    /// - Parameter maximumBytes: Of all files of an archive together.
    package init(publisher: PublishService, scanner: ArtifactScanner, files: VersionFiles, maximumBytes: Int64, clock: any WallClock) {
        self.publisher = publisher
        self.scanner = scanner
        self.files = files
        self.maximumBytes = maximumBytes
        self.clock = clock
    }

    /// Publishes each model of the archive by itself: one that is refused does not hold the others up.
    /// - Parameter admit: Called before each model but the first; throws when there may be no more.
    /// - Throws: `invalidInput` for an archive that cannot be unpacked or has no manifest. Nothing is published then.
    package func publish(_ archive: ReceivedUpload, by principal: Principal, admit: () async throws -> Void) async throws -> [Outcome] {
        defer { archive.staged.discard() }
        guard let file = archive.files["file"], file.size > 0 else { throw PlatformError.field("/archive", "expected an archive, found none or an empty one") }
        let stored = archive.staged.file(file.stagedName)
        let content = try await NIOThreadPool.singleton.runIfActive { [scanner, maximumBytes] in
            try scanner.unpack(try stored.open(), maximumBytes: maximumBytes, maximumFiles: 10 * Self.maximumModels)
        }
        let (entries, folder) = try await manifest(in: content)
        var outcomes: [Outcome] = []
        var budget = maximumBytes
        for (index, entry) in entries.enumerated() {
            let name = (entry["file"] ?? entry["model_file"])?.stringValue ?? "models/\(index)"
            do {
                if index > 0 { try await admit() }
                // Entries may name the same file, which is copied for each of them.
                budget -= (entry["file"] ?? entry["model_file"])?.stringValue.flatMap { content[folder + $0]?.count } ?? 0
                guard budget >= 0 else { throw tooLarge("archive", maximumBytes) }
                outcomes.append(Outcome(file: name, result: .success(try await publish(entry, at: index, from: content, in: folder, by: principal))))
            } catch let failure as PlatformError {
                outcomes.append(Outcome(file: name, result: .failure(failure)))
            } catch {
                try Task.checkCancellation()
                outcomes.append(Outcome(file: name, result: .failure(PlatformError(.internalError, "The model could not be stored.", cause: error))))
            }
        }
        return outcomes
    }

    /// The entries of the manifest, and the folder that it stands in.
    private func manifest(in content: [String: any RandomAccess]) async throws -> (entries: [[String: JSONValue]], folder: String) {
        let places = content.keys.filter { ($0 == Self.manifestName || $0.hasSuffix("/\(Self.manifestName)")) && $0.count(where: { $0 == "/" }) <= 1 }
        guard places.count == 1, let place = places.first, let file = content[place], file.count <= Self.maximumManifest else {
            throw PlatformError.field("/archive", "expected one \(Self.manifestName), at the top or in one folder, of at most \(Self.maximumManifest) bytes")
        }
        let bytes = try await NIOThreadPool.singleton.runIfActive { try file.bytes(at: 0, count: Int(file.count)) }
        guard let document = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)), let models = document["models"]?.arrayValue,
            (1...Self.maximumModels).contains(models.count)
        else { throw PlatformError.field("/archive/\(Self.manifestName)", "expected {\"models\": […]} with 1 to \(Self.maximumModels) entries") }
        let entries = try models.enumerated().map { index, model in
            guard case .object(let members) = model else { throw PlatformError.field("/models/\(index)", "expected an object") }
            return members
        }
        return (entries, String(place.dropLast(Self.manifestName.count)))
    }

    private func publish(
        _ entry: [String: JSONValue], at index: Int, from content: [String: any RandomAccess], in folder: String, by principal: Principal
    ) async throws -> Publication {
        var upload = try await ReceivedUpload.begin(in: files, at: clock.now)
        do {
            for (member, value) in entry {
                guard let part = Self.parts[member] else {
                    upload.fields[member] = try Self.field(value)
                    continue
                }
                guard let name = value.stringValue, let bytes = content[folder + name] else {
                    throw PlatformError.field("/models/\(index)/\(member)", "expected the name of a file in the archive")
                }
                try await upload.receive(bytes, as: part, originalName: name.split(separator: "/").last.map(String.init) ?? name)
            }
        } catch {
            upload.staged.discard()
            throw error
        }
        return try await publisher.publish(upload, PublishOptions(scansFirst: true, isRegistryForm: true), by: principal)
    }

    /// A value as a form would send it.
    private static func field(_ value: JSONValue) throws -> String? {
        switch value {
        case .null: nil
        case .string(let text): text
        default: String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        }
    }
}
