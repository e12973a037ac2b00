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
    let meter: KeyMeter
    private let clock: any WallClock
    private let deadline: Duration
    package let limits: PredictLimits

    package init(
        deployments: DeploymentDirectory, usage: any UsageRecorder, limiter: RateLimiter, meter: KeyMeter, clock: any WallClock, deadline: Duration,
        limits: PredictLimits
    ) {
        self.deployments = deployments
        self.usage = usage
        self.limiter = limiter
        self.meter = meter
        self.clock = clock
        self.deadline = deadline
        self.limits = limits
    }

    /// The deployment of `model`, when the caller may execute it.
    /// - Parameters:
    ///   - principal: nil for somebody without a key.
    ///   - address: Where the caller is.
    ///   - version: Finds a version that is called by name; nil: the one that serves.
    /// - Returns: The deployment, and what is left of the limit of its API; nil when nothing serves the model.
    /// - Throws: `modelNotFound` when the caller may not know of it; `unauthorized`, `forbidden`, `modelNotActive`, `rateLimited`.
    package func admit(
        _ principal: Principal?, to model: ModelID, from address: String?, version: (() async throws -> DeploymentDirectory.Entry?)? = nil
    ) async throws -> (entry: DeploymentDirectory.Entry, state: RateState?)? {
        guard var entry = try allowed(principal, to: model, from: address) else { return nil }
        if let version {
            guard let named = try await version() else { return nil }
            entry = named
        }
        try Self.requireScope(principal, entry.deployment)
        return (entry, try await limiter.take(entry.deployment.buckets))
    }

    /// The same for the version that serves, taking nothing from a limit.
    func admitted(_ principal: Principal?, to model: ModelID, from address: String?) throws -> DeploymentDirectory.Entry? {
        let entry = try allowed(principal, to: model, from: address)
        if let entry { try Self.requireScope(principal, entry.deployment) }
        return entry
    }

    /// The version that serves, when the caller may execute the model, whichever version it asks for.
    private func allowed(_ principal: Principal?, to model: ModelID, from address: String?) throws -> DeploymentDirectory.Entry? {
        guard let entry = deployments.current(of: model) else {
            guard principal != nil else { throw Self.unknown }
            return nil
        }
        let deployment = entry.deployment
        try Self.require(principal, deployment, from: address, at: clock.now)
        guard deployment.api?.isActive ?? true else { throw PlatformError(.modelNotActive, "The prediction API of '\(model)' is switched off.") }
        return entry
    }

    /// Takes one from the limits of somebody who brought the key in the body.
    package func take(_ principal: Principal) async throws -> RateState? { try await limiter.take(principal.requestBuckets) }

    private static func require(_ principal: Principal?, _ deployment: Deployment, from address: String?, at now: Timestamp) throws {
        let (rules, model) = (deployment.rules, deployment.modelID)
        if let principal {
            try ModelAccess.require(.execute, on: model, rules, by: principal, at: now)
        } else if !rules.isPublic || !rules.isAnonymous {
            throw unknown
        }
        guard let addresses = rules.addresses else { return }
        guard let address, addresses.contains(where: { $0.contains(address) }) else {
            throw PlatformError(.forbidden, "The model may not be called from this address.")
        }
    }

    /// A key may be for single versions, or for those with certain names.
    private static func requireScope(_ principal: Principal?, _ deployment: Deployment) throws {
        guard let scope = principal?.scope else { return }
        guard scope.versions?.contains(deployment.versionID) ?? true else {
            throw PlatformError(.forbidden, "The API key is not for version \(deployment.version).")
        }
        guard scope.aliases.map({ !$0.isDisjoint(with: deployment.rules.aliases) }) ?? true else {
            throw PlatformError(.forbidden, "The API key is for versions with another name than version \(deployment.version) has.")
        }
    }

    /// Said to everybody without a key, whether the model is there or not.
    private static var unknown: PlatformError {
        PlatformError(.unauthorized, "An API key or access token is needed: 'Authorization: Bearer …' or 'X-API-Key: …'.")
    }

    /// Predicts one row or a batch.
    /// - Parameter body: JSON as ``PredictBody`` reads it.
    /// - Throws: `invalidJSON`, `schemaViolation`, `payloadTooLarge`, `rateLimited`, `budgetExceeded`, `predictionTimeout`, `unavailable`,
    ///   `modelLoadFailure`, `predictionFailed`.
    package func predict(
        _ body: [UInt8], _ shape: PredictBody.Shape, with entry: DeploymentDirectory.Entry, call: PredictionCall
    ) async throws -> PredictionResult {
        let start = ContinuousClock.now
        var ticket: KeyMeter.Ticket?
        let wasLoaded = entry.deployment.runner.isLoaded
        do {
            let request = try PredictBody.parse(body, shape, table: entry.table, limits: limits)
            ticket = try meter.begin(call.caller, rows: request.rows)
            let response = try await entry.holding { try await entry.deployment.runner.predict(request, deadline: deadline) }
            let elapsed = start.duration(to: .now).milliseconds
            let answer = try answer(response, shape, rows: request.rows, of: entry.answer, elapsed, call.dialect)
            record(call, entry, status: 200, rows: request.rows, elapsed, nil, wasLoaded: wasLoaded, body, answer)
            if call.caller == nil, let key = call.keyID { meter.charge(elapsed, to: key) }
            return PredictionResult(json: answer, warning: meter.end(ticket, milliseconds: elapsed, isAnswered: true))
        } catch {
            let elapsed = start.duration(to: .now).milliseconds
            if call.caller == nil, let key = call.keyID { meter.charge(elapsed, to: key) }
            meter.end(ticket, milliseconds: elapsed, isAnswered: false)
            record(call, entry, status: call.status(error), rows: 0, elapsed, (error as? PlatformError)?.message ?? "internal error", wasLoaded: wasLoaded, body, nil)
            throw error
        }
    }

    /// - Returns: nil for what is not to be kept, failed, or is too long.
    private func kept(_ policy: HistoryPolicy, _ body: [UInt8], _ answer: [UInt8]?, _ now: Timestamp) -> (bodies: KeptBodies, until: Timestamp)? {
        guard policy.keepsNow, let answer, max(body.count, answer.count) <= HistoryPolicy.maximumBody else { return nil }
        return (KeptBodies(request: body, response: answer), now.adding(seconds: Int64(policy.days) * 86_400))
    }

    /// Takes rows that will be predicted later from the budget of the caller's key.
    /// - Throws: `budgetExceeded`, `rateLimited`.
    /// - Returns: What can be given back when they are not.
    package func charge(_ principal: Principal, rows: Int) throws -> Charge {
        let ticket = try meter.begin(principal, rows: rows)
        meter.end(ticket, milliseconds: 0, isAnswered: true)
        return Charge(meter: meter, ticket: ticket)
    }

    func answer(
        _ response: InferenceResponse, _ shape: PredictBody.Shape, rows: Int, of parts: AnswerParts, _ milliseconds: Double, _ dialect: PredictDialect
    ) throws -> [UInt8] {
        switch shape {
        case .single: try PredictAnswer.single(response, of: parts, milliseconds: milliseconds, in: dialect)
        case .batch: try PredictAnswer.batch(response, rows: rows, of: parts, milliseconds: milliseconds, in: dialect)
        }
    }

    /// The deployment of `model`, whoever asks.
    func serving(_ model: ModelID) -> DeploymentDirectory.Entry? { deployments.current(of: model) }

    func record(
        _ call: PredictionCall, _ entry: DeploymentDirectory.Entry, status: Int, rows: Int, _ milliseconds: Double, _ message: String?, wasLoaded: Bool,
        _ body: [UInt8], _ answer: [UInt8]?
    ) {
        let now = clock.now
        usage.record(
            UsageRecord(
                modelID: entry.deployment.modelID, versionID: entry.deployment.versionID, apiID: entry.deployment.api?.id, userID: call.userID,
                keyID: call.keyID, endpoint: call.endpoint, rows: rows, responseStatus: status, responseMilliseconds: milliseconds,
                errorMessage: message.map { String($0.prefix(1000)).replacing("\0", with: "\u{FFFD}") },
                address: call.address, at: now,
                wasLoaded: wasLoaded, kept: kept(entry.deployment.history, body, answer, now)
            )
        )
    }
}

/// Rows that were taken from a budget for later.
package struct Charge: Sendable {
    fileprivate let meter: KeyMeter
    fileprivate let ticket: KeyMeter.Ticket?

    package func giveBack() {
        meter.giveBack(ticket)
    }
}

/// What a prediction became.
package struct PredictionResult: Sendable {
    /// As ``PredictAnswer`` writes it.
    package let json: [UInt8]
    /// A budget of the caller's key that is near its end.
    package let warning: KeyMeter.BudgetState?
}

/// Who calls, for the usage log.
package struct PredictionCall: Sendable {
    /// nil for somebody without a key, and where the call was let in before.
    package let caller: Principal?
    package let userID: UserID?
    package let keyID: KeyID?
    package let endpoint: String
    package let address: String?
    package let dialect: PredictDialect
    /// The HTTP status that an error will get.
    package let status: @Sendable (any Error) -> Int

    package init(caller: Principal?, endpoint: String, address: String?, dialect: PredictDialect = .hosting, status: @escaping @Sendable (any Error) -> Int) {
        self.caller = caller
        userID = caller?.userID
        keyID = caller?.keyID
        self.endpoint = endpoint
        self.address = address
        self.dialect = dialect
        self.status = status
    }

    /// A call that was let in, and is made now.
    package init(of userID: UserID, with keyID: KeyID?, endpoint: String, status: @escaping @Sendable (any Error) -> Int) {
        caller = nil
        self.userID = userID
        self.keyID = keyID
        address = nil
        dialect = .hosting
        self.endpoint = endpoint
        self.status = status
    }
}
