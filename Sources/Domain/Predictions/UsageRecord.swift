/// One call of a prediction API, for the usage log. Holds no input data.
package struct UsageRecord: Sendable {
    package let modelID: ModelID
    package let apiID: APIID?
    /// nil for somebody without a key.
    package let userID: UserID?
    package let endpoint: String
    package let responseStatus: Int
    package let responseMilliseconds: Double
    package let errorMessage: String?
    package let address: String?
    package let at: Timestamp

    package init(
        modelID: ModelID, apiID: APIID?, userID: UserID?, endpoint: String, responseStatus: Int, responseMilliseconds: Double,
        errorMessage: String?, address: String?, at: Timestamp
    ) {
        self.modelID = modelID
        self.apiID = apiID
        self.userID = userID
        self.endpoint = endpoint
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
