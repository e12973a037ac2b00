package import Access
package import Domain
package import Wire

/// Answers predictions: finds the deployment, checks the rows against it, runs them within a deadline, counts them.
///
/// Holds no mutable state, so one value serves every request at once.
package struct PredictionService: Sendable {
    private let deployments: DeploymentDirectory
    private let usage: any UsageRecorder
    let limiter: RateLimiter
    private let clock: any WallClock
    private let deadline: Duration
    package let limits: PredictLimits

    package init(
        deployments: DeploymentDirectory, usage: any UsageRecorder, limiter: RateLimiter, clock: any WallClock, deadline: Duration,
        limits: PredictLimits
    ) {
        self.deployments = deployments
        self.usage = usage
        self.limiter = limiter
        self.clock = clock
        self.deadline = deadline
        self.limits = limits
    }

    /// The deployment of `model`, when the caller may execute it.
    /// - Parameters:
    ///   - principal: nil for somebody without a key.
    ///   - address: Where the caller is.
    /// - Returns: The deployment, and what is left of the limit of its API; nil when nothing serves the model.
    /// - Throws: `modelNotFound` when the caller may not know of it; `unauthorized`, `forbidden`, `modelNotActive`, `rateLimited`.
    package func admit(_ principal: Principal?, to model: ModelID, from address: String?) throws -> (entry: DeploymentDirectory.Entry, state: RateState?)? {
        guard let entry = deployments.current(of: model) else {
            guard principal != nil else { throw Self.unknown }
            return nil
        }
        let deployment = entry.deployment
        try Self.require(principal, deployment, from: address, at: clock.now)
        guard let api = deployment.api else { return (entry, nil) }
        guard api.isActive else { throw PlatformError(.modelNotActive, "The prediction API of '\(model)' is switched off.") }
        return (entry, try limiter.take(api.bucket.map { [$0] } ?? []))
    }

    private static func require(_ principal: Principal?, _ deployment: Deployment, from address: String?, at now: Timestamp) throws {
        let (rules, model) = (deployment.rules, deployment.modelID)
        if let principal {
            try ModelAccess.require(.execute, on: model, rules, by: principal, at: now)
            guard principal.scope?.versions?.contains(deployment.versionID) ?? true else {
                throw PlatformError(.forbidden, "The API key is not for version \(deployment.version), which serves now.")
            }
        } else if !rules.isPublic || !rules.isAnonymous {
            throw unknown
        }
        guard let addresses = rules.addresses else { return }
        guard let address, addresses.contains(where: { $0.contains(address) }) else {
            throw PlatformError(.forbidden, "The model may not be called from this address.")
        }
    }

    /// Said to everybody without a key, whether the model is there or not.
    private static var unknown: PlatformError {
        PlatformError(.unauthorized, "An API key or access token is needed: 'Authorization: Bearer …' or 'X-API-Key: …'.")
    }

    /// Predicts one row or a batch.
    /// - Parameter body: JSON as ``PredictBody`` reads it.
    /// - Returns: JSON as ``PredictAnswer`` writes it.
    /// - Throws: `invalidJSON`, `schemaViolation`, `payloadTooLarge`, `predictionTimeout`, `unavailable`, `modelLoadFailure`,
    ///   `predictionFailed`.
    package func predict(_ body: [UInt8], _ shape: PredictBody.Shape, with entry: DeploymentDirectory.Entry, call: PredictionCall) async throws -> [UInt8] {
        let start = ContinuousClock.now
        do {
            let request = try PredictBody.parse(body, shape, table: entry.table, limits: limits)
            let response = try await entry.holding { try await entry.deployment.runner.predict(request, deadline: deadline) }
            let elapsed = start.duration(to: .now).milliseconds
            let answer = try answer(response, shape, rows: request.rows, of: entry.deployment, elapsed)
            record(call, entry, status: 200, elapsed, nil)
            return answer
        } catch {
            record(call, entry, status: call.status(error), start.duration(to: .now).milliseconds, (error as? PlatformError)?.message ?? "internal error")
            throw error
        }
    }

    func answer(_ response: InferenceResponse, _ shape: PredictBody.Shape, rows: Int, of deployment: Deployment, _ milliseconds: Double) throws -> [UInt8] {
        switch shape {
        case .single: try PredictAnswer.single(response, of: deployment, milliseconds: milliseconds)
        case .batch: try PredictAnswer.batch(response, rows: rows, of: deployment, milliseconds: milliseconds)
        }
    }

    /// The deployment of `model`, whoever asks.
    func serving(_ model: ModelID) -> DeploymentDirectory.Entry? { deployments.current(of: model) }

    func record(_ call: PredictionCall, _ entry: DeploymentDirectory.Entry, status: Int, _ milliseconds: Double, _ message: String?) {
        usage.record(
            UsageRecord(
                modelID: entry.deployment.modelID, apiID: entry.deployment.api?.id, userID: call.userID, endpoint: call.endpoint,
                responseStatus: status, responseMilliseconds: milliseconds, errorMessage: message, address: call.address, at: clock.now
            )
        )
    }
}

/// Who calls, for the usage log.
package struct PredictionCall: Sendable {
    /// nil for somebody without a key.
    package let userID: UserID?
    package let endpoint: String
    package let address: String?
    /// The HTTP status that an error will get.
    package let status: @Sendable (any Error) -> Int

    package init(userID: UserID?, endpoint: String, address: String?, status: @escaping @Sendable (any Error) -> Int) {
        self.userID = userID
        self.endpoint = endpoint
        self.address = address
        self.status = status
    }
}
