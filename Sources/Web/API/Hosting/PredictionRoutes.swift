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

    /// The same at `/api/v1/predict/{model_id}`.
    func addShort(to group: RouterGroup<AppContext>) {
        group.post("{model_id}", use: single)
        group.post("{model_id}/batch", use: batch)
    }

    @Sendable private func single(_ request: Request, _ context: AppContext) async throws -> Response {
        try await predict(request, context, .single)
    }

    @Sendable private func batch(_ request: Request, _ context: AppContext) async throws -> Response {
        try await predict(request, context, .batch)
    }

    private func predict(_ request: Request, _ context: AppContext, _ shape: PredictBody.Shape) async throws -> Response {
        let id: ModelID = try context.id("model_id", "model")
        let reference = context.parameters.get("version_id") ?? request.query("version")
        let version = reference.map { reference in { try await pinned.entry(reference, of: id) } }
        guard let (entry, state) = try await predictions.admit(context.caller, to: id, from: context.address, version: version) else {
            try await models.explainInactive(id, for: try context.principal)
        }
        if let path = context.parameters.get("endpoint"), entry.deployment.api?.endpointPath != "/\(path)" { throw HTTPError(.notFound) }
        let body = try await request.bytes(limit: predictions.limits.maximumBody)
        var headers: HTTPFields = [:]
        if let rate = RateState.tightest(context.rate, state) { RateHeaders.write(rate, to: &headers) }
        let isAsync = try request.flag("async") ?? entry.deployment.api?.isAsync ?? false
        guard !isAsync else { return try await queue(body, shape, entry, isPinned: reference != nil, try context.principal, headers) }
        let call = PredictionCall(context.caller, shape, from: context.address)
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
    init(_ principal: Principal?, _ shape: PredictBody.Shape, from address: String?) {
        let endpoint = if case .single = shape { "/predict" } else { "/predict/batch" }
        self.init(caller: principal, endpoint: endpoint, address: address) { error in PlatformError(anyError: error).code.status.code }
    }
}
