/// A failure the platform can explain to the person who met it.
///
/// Programs read the code, people the message, logs the cause; the cause never leaves the process.
package struct PlatformError: Error, Sendable {
    /// Classifies a failure. The raw value is part of the API.
    package enum Code: String, Sendable, CaseIterable {
        case invalidInput = "INVALID_INPUT"
        case invalidJSON = "INVALID_JSON"
        case schemaViolation = "SCHEMA_VIOLATION"
        case unsupportedFormat = "UNSUPPORTED_FORMAT"
        case unauthorized = "UNAUTHORIZED"
        case forbidden = "FORBIDDEN"
        case quotaExceeded = "QUOTA_EXCEEDED"
        case notFound = "NOT_FOUND"
        case modelNotFound = "MODEL_NOT_FOUND"
        case methodNotAllowed = "METHOD_NOT_ALLOWED"
        case conflict = "CONFLICT"
        case modelNotActive = "MODEL_NOT_ACTIVE"
        case requestTimeout = "REQUEST_TIMEOUT"
        case payloadTooLarge = "PAYLOAD_TOO_LARGE"
        case rangeNotSatisfiable = "RANGE_NOT_SATISFIABLE"
        case unsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"
        case unprocessable = "UNPROCESSABLE"
        case rateLimited = "RATE_LIMITED"
        case budgetExceeded = "BUDGET_EXCEEDED"
        case headersTooLarge = "HEADERS_TOO_LARGE"
        case internalError = "INTERNAL_ERROR"
        case storageFailure = "STORAGE_FAILURE"
        case modelLoadFailure = "MODEL_LOAD_FAILURE"
        case predictionFailed = "PREDICTION_FAILED"
        case unavailable = "UNAVAILABLE"
        case predictionTimeout = "PREDICTION_TIMEOUT"
    }

    package let code: Code
    /// One sentence: what was expected, then what was found.
    package let message: String
    /// Facts a program can use: limits, supported formats, the fault of each field.
    package let details: JSONValue?
    /// Seconds after which a retry may succeed; nil when a retry does not help.
    package let retryAfterSeconds: Int?
    package let cause: (any Error)?

    package init(
        _ code: Code,
        _ message: String,
        details: JSONValue? = nil,
        retryAfterSeconds: Int? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.details = details
        self.retryAfterSeconds = retryAfterSeconds
        self.cause = cause
    }
}

extension PlatformError {
    /// The same failure with what led to it, which stays in the process.
    package func caused(by cause: any Error) -> PlatformError {
        PlatformError(code, message, details: details, retryAfterSeconds: retryAfterSeconds, cause: cause)
    }

    /// What `id` names does not exist, or the caller may not know that it does: the two are not told apart.
    package static func notFound(_ noun: String, _ id: String) -> PlatformError {
        let code: Code = noun == "model" ? .modelNotFound : .notFound
        return PlatformError(code, "No \(noun) '\(id)'.", details: .object(["id": .string(id), "resource": .string(noun)]))
    }

    /// One field of a request is wrong; `pointer` is its JSON pointer (RFC 6901).
    package static func field(_ pointer: String, _ message: String) -> PlatformError {
        .fields([FieldFault(pointer: pointer, message: message)])
    }

    /// Fields of a request are wrong, each named by its JSON pointer.
    package static func fields(_ faults: [FieldFault]) -> PlatformError {
        let listed = faults.map { JSONValue.object(["pointer": .string($0.pointer), "message": .string($0.message)]) }
        let first = faults.first.map { "\($0.pointer.isEmpty ? "body" : $0.pointer): \($0.message)" } ?? "unknown field"
        let more = faults.count > 1 ? " (and \(faults.count - 1) more)" : ""
        return PlatformError(.schemaViolation, "The input does not match the schema. \(first)\(more)", details: .object(["errors": .array(listed)]))
    }
}

/// One fault in a request: where it is and what was expected there.
package struct FieldFault: Sendable, Equatable {
    /// JSON pointer (RFC 6901) into the body, or `/name` of a form field or query parameter.
    package let pointer: String
    package let message: String

    package init(pointer: String, message: String) {
        self.pointer = pointer
        self.message = message
    }
}
