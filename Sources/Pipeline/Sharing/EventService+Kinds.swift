internal import Access
internal import Domain

/// The sentences of events, in one place.
extension EventService {
    func validated(_ model: Model, _ version: ModelVersion, status: ValidationStatus, by requester: UserID, at now: Timestamp) async {
        await post(
            PlatformEvent(
                .validationCompleted, about: model.id, "Version \(version.version) of '\(model.name)' ended its validation: \(status.rawValue).",
                ["version_id": .string(version.id.rawValue), "version": .string(version.version.description), "status": .string(status.rawValue)], at: now),
            to: [requester, model.ownerID])
    }

    func promotionAsked(_ promotion: Promotion, of model: Model, to people: Set<UserID>) async {
        await post(
            PlatformEvent(
                .promotionRequested, about: model.id, "Somebody asks for a version of '\(model.name)' to go to \(promotion.to.rawValue).", details(promotion),
                at: promotion.requestedAt), to: people.subtracting([promotion.requestedBy]))
    }

    func promotionDecided(_ promotion: Promotion, of model: Model, at now: Timestamp) async {
        await post(
            PlatformEvent(
                .promotionDecided, about: model.id,
                "The way of a version of '\(model.name)' to \(promotion.to.rawValue) was \(promotion.state == .done ? "approved" : "rejected").",
                details(promotion), at: now), to: [promotion.requestedBy])
    }

    func granted(_ level: ModelGrant.Level, on model: Model, to people: Set<UserID>, at now: Timestamp) async {
        await post(
            PlatformEvent(.grantGiven, about: model.id, "You were given '\(level.rawValue)' on '\(model.name)'.", ["permission": .string(level.rawValue)], at: now),
            to: people)
    }

    func reported(_ report: ModelReport, _ model: Model, to moderators: Set<UserID>) async {
        await post(
            PlatformEvent(
                .modelReported, about: model.id, "'\(model.name)' was reported: \(report.reason.rawValue).",
                ["report_id": .string(report.id.rawValue), "reason": .string(report.reason.rawValue)], at: report.createdAt), to: moderators)
    }

    func reportDecided(_ report: ModelReport, _ model: Model, at now: Timestamp) async {
        let isUpheld = report.state == .upheld
        let details: [String: JSONValue] = [
            "report_id": .string(report.id.rawValue), "state": .string(report.state.rawValue), "note": report.note.map { .string($0) } ?? .null,
        ]
        await post(
            PlatformEvent(
                .reportDecided, about: model.id, "Your report on '\(model.name)' was \(isUpheld ? "upheld: the model is not public any more" : "dismissed").", details,
                at: now),
            to: [report.reporterID])
        guard isUpheld else { return }
        await post(
            PlatformEvent(
                .reportDecided, about: model.id, "'\(model.name)' was taken out of public view: \(report.reason.rawValue).",
                ["reason": .string(report.reason.rawValue), "state": .string(report.state.rawValue), "note": report.note.map { .string($0) } ?? .null], at: now),
            to: [model.ownerID])
    }

    /// - Parameter limit: What is nearly used up: `storage`, `models`, or a budget of a key.
    func limitNear(_ limit: String, used: Int64, of most: Int64, details: [String: JSONValue] = [:], to user: UserID, at now: Timestamp) async {
        await post(
            PlatformEvent(
                .limitNear, about: nil, "\(used) of \(most) are used: \(limit).",
                details.merging(["limit": .string(limit), "used": .int(used), "of": .int(most)]) { own, _ in own }, at: now), to: [user])
    }

    private func details(_ promotion: Promotion) -> [String: JSONValue] {
        [
            "promotion_id": .string(promotion.id.rawValue), "version_id": .string(promotion.versionID.rawValue), "to_stage": .string(promotion.to.rawValue),
            "state": .string(promotion.state.rawValue), "requested_by": .string(promotion.requestedBy.rawValue),
        ]
    }
}
