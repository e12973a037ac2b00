internal import Domain
internal import HTTPTypes
internal import Hummingbird

/// The one place where a failure gets its HTTP status.
extension PlatformError.Code {
    var status: HTTPResponse.Status {
        switch self {
        case .invalidInput, .invalidJSON, .schemaViolation, .unsupportedFormat: .badRequest
        case .unauthorized: .unauthorized
        case .forbidden, .quotaExceeded: .forbidden
        case .notFound, .modelNotFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .conflict, .modelNotActive: .conflict
        case .requestTimeout: .requestTimeout
        case .payloadTooLarge: .contentTooLarge
        case .rangeNotSatisfiable: .rangeNotSatisfiable
        case .unsupportedMediaType: .unsupportedMediaType
        case .unprocessable: .unprocessableContent
        case .rateLimited, .budgetExceeded: .tooManyRequests
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .internalError, .storageFailure, .modelLoadFailure, .predictionFailed: .internalServerError
        case .unavailable: .serviceUnavailable
        case .predictionTimeout: .gatewayTimeout
        }
    }
}

extension PlatformError {
    /// Any error as the caller may see it: what is not ours becomes an internal error without a word about its cause.
    init(anyError error: any Error) {
        if let error = error as? PlatformError {
            self = error
        } else if let error = error as? HTTPError, (400..<500).contains(error.status.code) {
            self.init(error.status == .contentTooLarge ? .payloadTooLarge : .invalidInput, error.body ?? "The request cannot be understood.")
        } else {
            self.init(.internalError, "Something failed inside the server. hint: try again; give the request id to the operator.", retryAfterSeconds: 5, cause: error)
        }
    }
}
