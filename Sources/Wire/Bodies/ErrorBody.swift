package import Domain

/// The one format of every error.
package enum ErrorBody {
    package static func body(_ error: PlatformError, requestID: String, at now: Timestamp) -> JSONValue {
        .object([
            "error": .object([
                "code": .string(error.code.rawValue), "message": .string(error.message), "details": error.details ?? .null,
                "timestamp": .string(now.description), "request_id": .string(requestID),
            ])
        ])
    }

    /// One failure among others, inside of an answer.
    package static func brief(_ error: PlatformError) -> JSONValue {
        .object(["code": .string(error.code.rawValue), "message": .string(error.message), "details": error.details ?? .null])
    }
}
