/// One call of a prediction API, for the usage log. Holds no input data.
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

    package init(
        modelID: ModelID, versionID: VersionID, apiID: APIID?, userID: UserID?, keyID: KeyID?, endpoint: String, rows: Int, responseStatus: Int,
        responseMilliseconds: Double,
        errorMessage: String?, address: String?, at: Timestamp
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
    }
}

/// Takes usage records without making the caller wait.
package protocol UsageRecorder: Sendable {
    func record(_ usage: UsageRecord)
}
