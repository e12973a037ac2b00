internal import Access
package import Domain
internal import Files
package import NIOCore
internal import NIOPosix
internal import Synchronization
package import Store

/// Files that come in parts: a line that is cut costs one part, and what the server has already is not sent again.
package final class ResumableUploads: Sendable {
    /// What has come of an upload.
    package struct Progress: Sendable {
        package let upload: ResumableUpload
        /// Numbers of parts, from 1 on; none when the server has the file already.
        package let missing: [Int]
    }

    private let uploads: any UploadRepository
    private let models: any ModelRepository
    private let publisher: PublishService
    private let files: VersionFiles
    private let maximumSize: Int64
    private let clock: any WallClock
    /// Uploads that are being completed: putting one together twice at once would only cost space.
    private let underWay = Mutex<Set<UploadID>>([])

    package init(
        uploads: any UploadRepository, models: any ModelRepository, publisher: PublishService, files: VersionFiles, maximumSize: Int64, clock: any WallClock
    ) {
        self.uploads = uploads
        self.models = models
        self.publisher = publisher
        self.files = files
        self.maximumSize = maximumSize
        self.clock = clock
    }

    /// Begins an upload.
    /// - Parameters:
    ///   - size: Bytes of the whole file.
    ///   - sha256: Of the whole file; it is compared at the end.
    ///   - partSize: 64 KiB to 128 MiB; nil: 8 MiB, or more where that would be more than 10,000 parts.
    /// - Throws: `schemaViolation`, `payloadTooLarge`, `quotaExceeded`, `forbidden`.
    package func begin(_ fileName: String, size: Int64, sha256: String?, partSize: Int64?, by principal: Principal) async throws -> Progress {
        try principal.require(.uploadModels)
        guard size > 0 else { throw PlatformError.field("/size", "expected the bytes of the file, 1 or more") }
        guard size <= maximumSize else { throw tooLarge("file", maximumSize) }
        let fewest = (size + Int64(ResumableUpload.maximumParts) - 1) / Int64(ResumableUpload.maximumParts)
        let part = partSize ?? max(ResumableUpload.standardPart, fewest)
        guard (64 << 10...128 << 20).contains(part), part >= fewest else {
            throw PlatformError.field("/part_size", "expected \(64 << 10) to \(128 << 20) bytes, and at most \(ResumableUpload.maximumParts) parts")
        }
        let now = clock.now
        let upload = ResumableUpload(
            id: UploadID(at: now), userID: principal.userID, fileName: fileName, size: size, sha256: sha256, partSize: part, versionID: VersionID(at: now),
            createdAt: now)
        let parts = PartFiles(upload.id, in: files)
        try await NIOThreadPool.singleton.runIfActive { try parts.make() }
        do {
            try await uploads.add(upload, within: principal.limits)
        } catch {
            try? await NIOThreadPool.singleton.runIfActive { parts.discard() }
            throw error
        }
        return try await progress(of: upload, principal)
    }

    /// Receives one part; the same part may come again.
    /// - Parameter sha256: Of the part, hexadecimal; compared when it is given.
    /// - Throws: `schemaViolation` for a part that is not of its size or not what its digest says: nothing of it is kept.
    package func receive<Body: AsyncSequence>(_ number: Int, of id: UploadID, _ body: Body, sha256: String?, by principal: Principal) async throws
    where Body.Element == ByteBuffer {
        let upload = try await upload(id, principal)
        guard (1...upload.parts).contains(number) else { throw PlatformError.notFound("part", "\(number)") }
        let parts = PartFiles(id, in: files)
        let expected = upload.size(ofPart: number)
        var (writer, name) = try await parts.writer(for: number, at: clock.now)
        do {
            for try await chunk in body {
                guard writer.size + Int64(chunk.readableBytes) <= expected else { throw Self.wrongSize(number, expected) }
                try await writer.append(chunk)
            }
            guard writer.size == expected else { throw Self.wrongSize(number, expected) }
        } catch {
            writer.abandon()
            parts.drop(name)
            throw error
        }
        do {
            let found = try await writer.finish()
            guard sha256 == nil || sha256 == found else {
                throw PlatformError.field("", "part \(number) has the SHA-256 \(found), which is not the one that was announced; nothing of it was kept")
            }
            try await NIOThreadPool.singleton.runIfActive { [name] in try parts.keep(name, as: number) }
        } catch {
            parts.drop(name)
            throw error
        }
    }

    package func progress(of id: UploadID, for principal: Principal) async throws -> Progress {
        try await progress(of: try await upload(id, principal), principal)
    }

    package func list(for principal: Principal) async throws -> [Progress] {
        var list: [Progress] = []
        for upload in try await uploads.uploads(of: principal.userID) { list.append(try await progress(of: upload, principal)) }
        return list
    }

    package func cancel(_ id: UploadID, by principal: Principal) async throws {
        let upload = try await upload(id, principal)
        try await remove(upload.id)
    }

    /// Whether the caller has stored this file already.
    package func has(_ sha256: String, _ principal: Principal) async throws -> Bool {
        try principal.require(.uploadModels)
        return try await known(sha256, principal) != nil
    }

    /// Puts the parts together and stores them as ``PublishService`` does a form.
    /// - Parameter fields: Those of the registry's form.
    /// - Throws: `conflict` while parts are missing; `schemaViolation` when the whole is not what was announced.
    package func complete(_ id: UploadID, _ fields: [String: String], as modelID: ModelID?, recordID: VersionID?, by principal: Principal) async throws -> Publication {
        let isFree = underWay.withLock { $0.insert(id).inserted }
        guard isFree else { throw PlatformError(.conflict, "The upload is being completed by another call.", retryAfterSeconds: 1) }
        defer { underWay.withLock { _ = $0.remove(id) } }
        var upload = try await upload(id, principal)
        guard try await models.version(upload.versionID) == nil else {
            try await remove(id)
            throw PlatformError(.conflict, "The upload was completed already, as version '\(upload.versionID)'.")
        }
        let progress = try await progress(of: upload, principal)
        guard progress.missing.isEmpty else {
            throw PlatformError(
                .conflict, "\(progress.missing.count) parts are missing. hint: GET the upload, and send them.",
                details: .object(["missing": .array(progress.missing.prefix(1000).map { .int($0) })]))
        }
        // What the version will be called is written down first: a call that comes after a kill finds it.
        if let recordID, recordID != upload.versionID {
            upload.versionID = recordID
            try await uploads.update(upload)
        }
        try await publisher.requirePlace(for: principal, isNew: modelID == nil)
        try RegistryForm.check(fields, fileName: upload.fileName)
        var received = ReceivedUpload(staged: try await NIOThreadPool.singleton.runIfActive { [files, clock] in try StagedUpload(in: files, at: clock.now) })
        received.fields = fields
        do {
            received.files["file"] = try await assemble(upload, into: received.staged, principal)
        } catch {
            received.staged.discard()
            throw error
        }
        let options = PublishOptions(recordID: upload.versionID, scansFirst: true, isRegistryForm: true)
        let publication = try await publisher.publish(received, as: modelID, options, by: principal)
        try? await remove(id)
        return publication
    }

    /// Removes uploads that were not completed in time.
    package func removeExpired() async throws {
        for upload in try await uploads.uploads(of: nil) where upload.expiresAt < clock.now { try await remove(upload.id) }
    }

    /// Removes also the folders that a killed server left; to be called before anything is served.
    package func sweep() async throws {
        try await removeExpired()
        let known = Set(try await uploads.uploads(of: nil).map(\.id))
        try await NIOThreadPool.singleton.runIfActive { [files] in PartFiles.sweep(files, known: known) }
    }

    private func assemble(_ upload: ResumableUpload, into staged: StagedUpload, _ principal: Principal) async throws -> ReceivedUpload.File {
        let parts = PartFiles(upload.id, in: files)
        let known = try await known(upload, principal)
        let sources = known.map { [files.model(of: $0)] } ?? (1...upload.parts).map { parts.file(of: $0) }
        let name = ReceivedUpload.stagedName(of: "file")
        var writer = try await staged.writer(for: name)
        do {
            for source in sources {
                try await writer.append(contentsOf: try await NIOThreadPool.singleton.runIfActive { try source.open() })
            }
        } catch {
            writer.abandon()
            throw error
        }
        let size = writer.size
        let hash = try await writer.finish()
        guard size == upload.size, upload.sha256 == nil || upload.sha256 == hash else {
            throw PlatformError.field("/sha256", "the file has \(size) bytes and the SHA-256 \(hash), which is not what was announced")
        }
        return ReceivedUpload.File(stagedName: name, originalName: upload.fileName, size: size, sha256: hash)
    }

    private func progress(of upload: ResumableUpload, _ principal: Principal) async throws -> Progress {
        if try await known(upload, principal) != nil { return Progress(upload: upload, missing: []) }
        let parts = PartFiles(upload.id, in: files)
        let received = try await NIOThreadPool.singleton.runIfActive { parts.received() }
        return Progress(upload: upload, missing: (1...upload.parts).filter { !received.contains($0) })
    }

    private func known(_ upload: ResumableUpload, _ principal: Principal) async throws -> ModelVersion? {
        guard let sha256 = upload.sha256 else { return nil }
        return try await known(sha256, principal).flatMap { $0.fileSize == upload.size ? $0 : nil }
    }

    /// A version of the caller's own with this file, which this key may download.
    private func known(_ sha256: String, _ principal: Principal) async throws -> ModelVersion? {
        guard let version = try await uploads.version(withFile: sha256, ownedBy: principal.userID), let model = try await models.model(version.modelID)?.model,
            ModelAccess.allows(.download, on: model.id, model.rules, to: principal, at: clock.now)
        else { return nil }
        return version
    }

    private func upload(_ id: UploadID, _ principal: Principal) async throws -> ResumableUpload {
        try principal.require(.uploadModels)
        guard let upload = try await uploads.upload(id), upload.userID == principal.userID, upload.expiresAt > clock.now else {
            throw PlatformError.notFound("upload", id.rawValue)
        }
        return upload
    }

    private func remove(_ id: UploadID) async throws {
        // In this order: a folder without a row is swept, a row without its folder would stay.
        try await uploads.remove(id)
        let parts = PartFiles(id, in: files)
        try await NIOThreadPool.singleton.runIfActive { parts.discard() }
    }

    private static func wrongSize(_ number: Int, _ expected: Int64) -> PlatformError {
        PlatformError.field("", "part \(number) must have \(expected) bytes")
    }
}
