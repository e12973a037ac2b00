package import Domain
package import NIOCore
internal import NIOPosix
package import Store
internal import Wire

/// Receives a form as it arrives: files go to disk and are hashed on the way, fields to memory.
package struct UploadReceiver: Sendable {
    package struct Limits: Sendable {
        /// Bytes of the model file.
        package var maximumModel: Int64
        /// Bytes of each other file.
        static let maximumFile: Int64 = 16 << 20
        /// Bytes of each field.
        package var maximumField = 1 << 20

        package init(maximumModel: Int64) {
            self.maximumModel = maximumModel
        }
    }

    /// The parts that are files; everything else is a field.
    private static let fileParts: Set<String> = ["file", "requirements", "custom_api", "config_file", "sample_input"]
    private let files: VersionFiles
    package let limits: Limits
    private let clock: any WallClock

    package init(files: VersionFiles, limits: Limits, clock: any WallClock) {
        self.files = files
        self.limits = limits
        self.clock = clock
    }

    /// - Parameters:
    ///   - isRegistryForm: Whether files are called as in the registry's form.
    ///   - contentLength: Bytes of the whole body when the client said so; refused before it is read when too long.
    /// - Throws: `unsupportedMediaType`, `invalidInput`, `payloadTooLarge`, `storageFailure`. Nothing stays behind.
    package func receive<Body: AsyncSequence>(
        _ body: Body, contentType: String?, contentLength: Int64?, isRegistryForm: Bool = false
    ) async throws -> ReceivedUpload
    where Body.Element == ByteBuffer {
        var reader = try MultipartReader(contentType: contentType)
        if let contentLength, contentLength > limits.maximumModel + (64 << 20) { throw tooLarge("file", limits.maximumModel) }
        let staged = try await NIOThreadPool.singleton.runIfActive { [files, clock] in try StagedUpload(in: files, at: clock.now) }
        var form = FormAssembler(staged: staged, limits: limits, fileParts: Self.fileParts, names: isRegistryForm ? RegistryForm.partNames : [:])
        do {
            for try await chunk in body {
                for event in try reader.read(chunk) { try await form.take(event) }
            }
            try reader.finish()
            return form.upload
        } catch {
            form.abandon()
            staged.discard()
            throw error
        }
    }
}

func tooLarge(_ name: String, _ limit: Int64) -> PlatformError {
    PlatformError(.payloadTooLarge, "The part '\(name)' is larger than \(limit) bytes.", details: .object(["limit_bytes": .int(limit), "part": .string(name)]))
}

/// Puts the events of a multipart body together.
private struct FormAssembler {
    private enum Part {
        case none
        case field(String, ByteBuffer)
        case file(String, MultipartHeader, StagedFileWriter, limit: Int64)
    }

    private(set) var upload: ReceivedUpload
    private let limits: UploadReceiver.Limits
    private let fileParts: Set<String>
    private let names: [String: String]
    private var part = Part.none

    init(staged: StagedUpload, limits: UploadReceiver.Limits, fileParts: Set<String>, names: [String: String]) {
        self.names = names
        upload = ReceivedUpload(staged: staged)
        self.limits = limits
        self.fileParts = fileParts
    }

    mutating func take(_ event: MultipartReader.Event) async throws {
        switch event {
        case .begin(let header): try await begin(header)
        case .data(let chunk): try await append(chunk)
        case .end: try await end()
        }
    }

    func abandon() {
        if case .file(_, _, let writer, _) = part { writer.abandon() }
    }

    private mutating func begin(_ header: MultipartHeader) async throws {
        let name = names[header.name] ?? header.name
        guard upload.fields[name] == nil, upload.files[name] == nil else {
            throw PlatformError(.invalidInput, "The form has the part '\(name)' twice.", details: .object(["part": .string(name)]))
        }
        guard header.filename != nil else {
            if name == "file" { throw PlatformError.field("/file", "expected a file, found a plain field") }
            part = .field(name, ByteBuffer())
            return
        }
        guard fileParts.contains(name) else {
            throw PlatformError.field("/\(name)", "expected no file of this name; files are \(fileParts.sorted().joined(separator: ", "))")
        }
        let limit = name == "file" ? limits.maximumModel : UploadReceiver.Limits.maximumFile
        part = .file(name, header, try await upload.staged.writer(for: ReceivedUpload.stagedName(of: name)), limit: limit)
    }

    private mutating func append(_ chunk: ByteBuffer) async throws {
        switch part {
        case .none: break
        case .field(let name, var text):
            guard text.readableBytes + chunk.readableBytes <= limits.maximumField else { throw tooLarge(name, Int64(limits.maximumField)) }
            text.writeImmutableBuffer(chunk)
            part = .field(name, text)
        case .file(let name, let header, var writer, let limit):
            guard writer.size + Int64(chunk.readableBytes) <= limit else { throw tooLarge(name, limit) }
            part = .none
            do {
                try await writer.append(chunk)
            } catch {
                writer.abandon()
                throw error
            }
            part = .file(name, header, writer, limit: limit)
        }
    }

    private mutating func end() async throws {
        switch part {
        case .none: break
        case .field(let name, let text):
            guard let value = text.getBytes(at: text.readerIndex, length: text.readableBytes).flatMap({ String(validating: $0, as: UTF8.self) }) else {
                throw PlatformError.field("/\(name)", "expected UTF-8 text")
            }
            upload.fields[name] = value
        case .file(let name, let header, var writer, _):
            part = .none
            let size = writer.size
            let hash = try await writer.finish()
            upload.files[name] = ReceivedUpload.File(
                stagedName: ReceivedUpload.stagedName(of: name), originalName: header.filename ?? "", size: size, sha256: hash
            )
        }
        part = .none
    }
}
