/// What of the inputs and outputs of a model's calls is kept, for the caller to see again.
package struct HistoryPolicy: Sendable, Hashable {
    /// Bytes of a body that is kept.
    package static let maximumBody = 16 << 10

    /// The share of calls that is kept, 0 to 1.
    package var rate: Double
    /// Days for which it is kept.
    package var days: Int

    package init(rate: Double = 0, days: Int = 30) {
        self.rate = rate
        self.days = days
    }

    package var keepsNow: Bool { rate >= 1 || (rate > 0 && Double.random(in: 0..<1) < rate) }
}

/// What was asked and answered, JSON.
package struct KeptBodies: Sendable {
    package let request: [UInt8]
    package let response: [UInt8]

    package init(request: [UInt8], response: [UInt8]) {
        self.request = request
        self.response = response
    }
}

/// One call, as its caller sees it again.
package struct PastCall: Sendable {
    package let id: String
    package let modelID: ModelID
    package let versionID: VersionID?
    package let keyID: KeyID?
    package let endpoint: String
    package let rows: Int
    package let status: Int
    package let milliseconds: Double
    package let errorMessage: String?
    package let at: Timestamp
    package let request: JSONValue?
    package let response: JSONValue?

    package init(
        id: String, modelID: ModelID, versionID: VersionID?, keyID: KeyID?, endpoint: String, rows: Int, status: Int, milliseconds: Double, errorMessage: String?,
        at: Timestamp, request: JSONValue?, response: JSONValue?
    ) {
        self.id = id
        self.modelID = modelID
        self.versionID = versionID
        self.keyID = keyID
        self.endpoint = endpoint
        self.rows = rows
        self.status = status
        self.milliseconds = milliseconds
        self.errorMessage = errorMessage
        self.at = at
        self.request = request
        self.response = response
    }
}

/// Which of somebody's calls are wanted.
package struct CallQuery: Sendable {
    package var userID: UserID
    package var modelID: ModelID?
    /// Only of these models; nil: of all.
    package var among: Set<ModelID>?
    package var isSuccessful: Bool?
    package var since: Timestamp?
    package var until: Timestamp?
    /// 1 to 200.
    package var limit = 50
    package var after: ModelQuery.Cursor?

    package init(userID: UserID) {
        self.userID = userID
    }
}
