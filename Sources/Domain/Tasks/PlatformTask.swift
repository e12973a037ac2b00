/// A durable piece of work: it survives a killed server and is taken up again at the next start.
package struct PlatformTask: Sendable, Identified {
    package static let idPrefix = "task_"

    package enum Kind: String, Sendable, CaseIterable {
        case validation, prediction
    }

    package enum State: String, Sendable, CaseIterable {
        case queued, running, completed, failed, cancelled

        package var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }
    }

    package let id: TaskID
    package let kind: Kind
    package let modelID: ModelID
    package let versionID: VersionID
    package let ownerID: UserID
    /// The validation that the task runs, or the id of the request it answers.
    package let subject: String
    package var state: State
    /// 0 to 1.
    package var progress: Double
    /// What is being done now, for people.
    package var step: String
    package var input: JSONValue?
    package var result: JSONValue?
    package var error: String?
    package var attempts: Int
    package let createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: TaskID, kind: Kind, modelID: ModelID, versionID: VersionID, ownerID: UserID, subject: String, state: State = .queued,
        progress: Double = 0, step: String = "Waiting", input: JSONValue? = nil, result: JSONValue? = nil, error: String? = nil,
        attempts: Int = 0, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.kind = kind
        self.modelID = modelID
        self.versionID = versionID
        self.ownerID = ownerID
        self.subject = subject
        self.state = state
        self.progress = progress
        self.step = step
        self.input = input
        self.result = result
        self.error = error
        self.attempts = attempts
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
