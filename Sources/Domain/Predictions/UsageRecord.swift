/// One call of a prediction API, for the usage log. Holds what was asked only where the model's owner wants it kept.
package struct UsageRecord: Sendable {
    package let modelID: ModelID
    package let versionID: VersionID
    package let apiID: APIID?
    /// nil for somebody without a key.
    package let userID: UserID?
    /// nil for a login, and for somebody without a key.
    package let keyID: KeyID?
    package let endpoint: String
    /// Rows that were answered.
    package let rows: Int
    package let responseStatus: Int
    package let responseMilliseconds: Double
    package let errorMessage: String?
    package let address: String?
    package let at: Timestamp
    /// Whether the call found the model in memory.
    package let wasLoaded: Bool
    /// What was asked and answered, and until when it is kept; nil where the model keeps nothing.
    package let kept: (bodies: KeptBodies, until: Timestamp)?

    package init(
        modelID: ModelID, versionID: VersionID, apiID: APIID?, userID: UserID?, keyID: KeyID?, endpoint: String, rows: Int, responseStatus: Int,
        responseMilliseconds: Double,
        errorMessage: String?, address: String?, at: Timestamp, wasLoaded: Bool = true, kept: (bodies: KeptBodies, until: Timestamp)? = nil
    ) {
        self.modelID = modelID
        self.versionID = versionID
        self.apiID = apiID
        self.userID = userID
        self.keyID = keyID
        self.endpoint = endpoint
        self.rows = rows
        self.responseStatus = responseStatus
        self.responseMilliseconds = responseMilliseconds
        self.errorMessage = errorMessage
        self.address = address
        self.at = at
        self.wasLoaded = wasLoaded
        self.kept = kept
    }
}

extension UsageRecord {
    /// The call without what was asked and answered.
    package var withoutBodies: UsageRecord {
        UsageRecord(
            modelID: modelID, versionID: versionID, apiID: apiID, userID: userID, keyID: keyID, endpoint: endpoint, rows: rows, responseStatus: responseStatus,
            responseMilliseconds: responseMilliseconds, errorMessage: errorMessage, address: address, at: at, wasLoaded: wasLoaded)
    }
}

/// Takes usage records without making the caller wait.
package protocol UsageRecorder: Sendable {
    func record(_ usage: UsageRecord)
}
