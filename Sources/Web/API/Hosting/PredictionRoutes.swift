internal import Access
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Pipeline
internal import Serving
internal import Wire

/// `/api/v1/ml-models/{model_id}/predict` and `/predict/batch`, short `/api/v1/predict/{model_id}`, the same at the path that a
/// generated API was given, and for a version by its id, number or alias.
struct PredictionRoutes {
    /// Bytes of a body that may hold the key itself.
    private static let maximumBodyOfStranger = 1 << 20
    let authenticator: Authenticator
    let models: ModelService
    let predictions: PredictionService
    let jobs: PredictionJobs
    let pinned: PinnedVersions

    func add(to group: RouterGroup<AppContext>) {
        group.post("{model_id}/predict", use: single)
        group.post("{model_id}/predict/batch", use: batch)
        group.post("{model_id}/versions/{version_id}/predict", use: single)
        group.post("{model_id}/versions/{version_id}/predict/batch", use: batch)
        group.post("{model_id}/{endpoint}", use: single)
        group.post("{model_id}/{endpoint}/batch", use: batch)
    }

    /// The same at `/api/v1/predict/{model_id}`, in the words of the serving contract too.
    func addShort(to group: RouterGroup<AppContext>) {
        group.post("{model_id}") { try await serve($0, $1, .single) }
        group.post("{model_id}/batch") { try await serve($0, $1, .batch) }
    }

    @Sendable private func single(_ request: Request, _ context: AppContext) async throws -> Response {
        try await predict(request, context, .single)
    }

    @Sendable private func batch(_ request: Request, _ context: AppContext) async throws -> Response {
        try await predict(request, context, .batch)
    }

    private func predict(_ request: Request, _ context: AppContext, _ shape: PredictBody.Shape) async throws -> Response {
        let admission = try await admit(request, context)
        return try await predict(try await request.bytes(limit: predictions.limits.maximumBody), shape, admission, request, context)
    }

    /// A body in the words of the serving contract may name the model once more, and bring the key.
    private func serve(_ request: Request, _ context: AppContext, _ shape: PredictBody.Shape) async throws -> Response {
        var context = context
        guard context.caller == nil else {
            let admission = try await admit(request, context)
            let body = try await request.bytes(limit: predictions.limits.maximumBody)
            let envelope = PredictDialect.Envelope(body)
            try Self.requireSameModel(envelope, context)
            return try await predict(envelope.withoutKey(body), shape, admission, request, context, .serving)
        }
        let body = try await request.bytes(limit: Self.maximumBodyOfStranger)
        let envelope = PredictDialect.Envelope(body)
        if let key = envelope.apiKey {
            guard key.hasPrefix(APIKeyService.prefix) else { throw PlatformError(.unauthorized, "The member 'apiKey' holds no API key (mlp_…).") }
            let principal = try await authenticator.principal(for: key, from: context.address)
            context.caller = principal
            context.rate = try await predictions.take(principal)
        }
        let admission = try await admit(request, context)
        try Self.requireSameModel(envelope, context)
        return try await predict(envelope.withoutKey(body), shape, admission, request, context, .serving)
    }

    private static func requireSameModel(_ envelope: PredictDialect.Envelope, _ context: AppContext) throws {
        guard let id = envelope.modelID, id != context.parameters.get("model_id") else { return }
        throw PlatformError.field("/modelId", "expected the model of the address, or none")
    }

    /// The version that answers, and what is left of its limit.
    private func admit(_ request: Request, _ context: AppContext) async throws -> Admission {
        let id: ModelID = try context.id("model_id", "model")
        let reference = context.parameters.get("version_id") ?? request.query("version")
        let version = reference.map { reference in { try await pinned.entry(reference, of: id) } }
        guard let (entry, state) = try await predictions.admit(context.caller, to: id, from: context.address, version: version) else {
            try await models.explainInactive(id, for: try context.principal)
        }
        if let path = context.parameters.get("endpoint"), entry.deployment.api?.endpointPath != "/\(path)" { throw HTTPError(.notFound) }
        return Admission(entry: entry, state: state, isPinned: reference != nil)
    }

    private struct Admission {
        let entry: DeploymentDirectory.Entry
        let state: RateState?
        let isPinned: Bool
    }

    private func predict(
        _ body: [UInt8], _ shape: PredictBody.Shape, _ admission: Admission, _ request: Request, _ context: AppContext, _ dialect: PredictDialect = .hosting
    ) async throws -> Response {
        let entry = admission.entry
        var headers: HTTPFields = [:]
        if let rate = RateState.tightest(context.rate, admission.state) { RateHeaders.write(rate, to: &headers) }
        let isAsync = try request.flag("async") ?? entry.deployment.api?.isAsync ?? false
        guard !isAsync else { return try await queue(body, shape, entry, isPinned: admission.isPinned, try context.principal, headers) }
        let call = PredictionCall(context.caller, shape, from: context.address, dialect)
        let result = try await predictions.predict(body, shape, with: entry, call: call)
        if let warning = result.warning { RateHeaders.write(warning, to: &headers) }
        return Answer.bytes(result.json, type: "application/json", headers: headers)
    }

    private func queue(
        _ body: [UInt8], _ shape: PredictBody.Shape, _ entry: DeploymentDirectory.Entry, isPinned: Bool, _ principal: Principal, _ headers: HTTPFields
    ) async throws -> Response {
        let task = try await jobs.enqueue(body, shape, entry, isPinned: isPinned, principal)
        return try Answer.json(
            .object([
                "success": true, "job_id": .string(task.id.rawValue), "status": "queued", "status_url": .string("/api/v1/tasks/\(task.id)"),
                "message": "The prediction is queued; its result will stand in the task.",
            ]), status: .accepted, headers: headers)
    }
}

extension PredictionCall {
    init(_ principal: Principal?, _ shape: PredictBody.Shape, from address: String?, _ dialect: PredictDialect = .hosting) {
        let endpoint = if case .single = shape { "/predict" } else { "/predict/batch" }
        self.init(caller: principal, endpoint: endpoint, address: address, dialect: dialect) { error in PlatformError(anyError: error).code.status.code }
    }
}
