/// Somebody's complaint about a public model.
package struct ModelReport: Sendable, Identified {
    package static let idPrefix = "rep_"

    package enum Reason: String, Sendable, CaseIterable {
        case malicious, copyright, misleading, personalData = "personal_data", other
    }

    package enum State: String, Sendable, CaseIterable {
        case open, dismissed
        /// The model was taken out of public view.
        case upheld
    }

    package let id: ReportID
    package let modelID: ModelID
    package let reporterID: UserID
    package let reason: Reason
    package let text: String
    package var state: State
    package let createdAt: Timestamp
    package var decidedBy: UserID?
    package var decidedAt: Timestamp?
    /// What the moderator says of it.
    package var note: String?

    package init(
        id: ReportID, modelID: ModelID, reporterID: UserID, reason: Reason, text: String, state: State = .open, createdAt: Timestamp, decidedBy: UserID? = nil,
        decidedAt: Timestamp? = nil, note: String? = nil
    ) {
        self.id = id
        self.modelID = modelID
        self.reporterID = reporterID
        self.reason = reason
        self.text = text
        self.state = state
        self.createdAt = createdAt
        self.decidedBy = decidedBy
        self.decidedAt = decidedAt
        self.note = note
    }
}
