internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline

/// Takes a form with a model file, by the same limits in both families of routes.
struct UploadDoor {
    let receiver: UploadReceiver
    let publisher: PublishService
    let archives: ArchiveUploads
    let limiter: RateLimiter

    /// - Parameter id: The model that gets a version; nil: a new one.
    func publish(_ request: Request, _ principal: Principal, as id: ModelID?, _ options: PublishOptions = PublishOptions()) async throws -> Publication {
        try await publisher.requirePlace(for: principal, isNew: id == nil)
        try await limiter.take(principal.uploadBucket.map { [$0] } ?? [])
        let length = request.headers[.contentLength].flatMap { Int64($0) }
        let upload = try await receiver.receive(
            request.body, contentType: request.headers[.contentType], contentLength: length, isRegistryForm: options.isRegistryForm)
        return try await publisher.publish(upload, as: id, options, by: principal)
    }

    /// Several models at once; each counts as an upload, the first one before the archive is received.
    func publishArchive(_ request: Request, _ principal: Principal) async throws -> [ArchiveUploads.Outcome] {
        try await publisher.requirePlace(for: principal, isNew: false)
        try await limiter.take(principal.uploadBucket.map { [$0] } ?? [])
        let length = request.headers[.contentLength].flatMap { Int64($0) }
        let upload = try await receiver.receive(request.body, contentType: request.headers[.contentType], contentLength: length, isRegistryForm: true)
        return try await archives.publish(upload, by: principal) { try await limiter.take(principal.uploadBucket.map { [$0] } ?? []) }
    }

    /// A bundle, received and not looked at; it counts as an upload.
    func receiveBundle(_ request: Request, _ principal: Principal) async throws -> ReceivedUpload {
        try await publisher.requirePlace(for: principal, isNew: true)
        try await limiter.take(principal.uploadBucket.map { [$0] } ?? [])
        let length = request.headers[.contentLength].flatMap { Int64($0) }
        return try await receiver.receive(request.body, contentType: request.headers[.contentType], contentLength: length, isRegistryForm: true)
    }
}
