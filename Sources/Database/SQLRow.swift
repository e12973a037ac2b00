import Domain

/// One row of an answer; columns are read by name and by the type the caller expects.
package struct SQLRow: Sendable {
    private let columns: [String: Int]
    private let values: [SQLValue]

    package init(columns: [String: Int], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    package func text(_ column: String) throws -> String {
        guard let value = try optionalText(column) else { throw mismatch(column, "text") }
        return value
    }

    package func optionalText(_ column: String) throws -> String? {
        switch try value(column) {
        case .null: nil
        case .text(let text): text
        default: throw mismatch(column, "text")
        }
    }

    package func int(_ column: String) throws -> Int64 {
        guard let value = try optionalInt(column) else { throw mismatch(column, "an integer") }
        return value
    }

    package func optionalInt(_ column: String) throws -> Int64? {
        switch try value(column) {
        case .null: nil
        case .int(let number): number
        default: throw mismatch(column, "an integer")
        }
    }

    package func double(_ column: String) throws -> Double {
        switch try value(column) {
        case .double(let number): number
        case .int(let number): Double(number)
        default: throw mismatch(column, "a number")
        }
    }

    package func optionalDouble(_ column: String) throws -> Double? {
        if case .null = try value(column) { return nil }
        return try double(column)
    }

    /// SQLite answers 0 and 1, PostgreSQL true and false.
    package func bool(_ column: String) throws -> Bool {
        switch try value(column) {
        case .bool(let flag): flag
        case .int(let number): number != 0
        default: throw mismatch(column, "a boolean")
        }
    }

    private func value(_ column: String) throws -> SQLValue {
        guard let index = columns[column] else {
            throw PlatformError(.storageFailure, "The database answered without a column that was asked for.", cause: SQLError("no column '\(column)'"))
        }
        return values[index]
    }

    private func mismatch(_ column: String, _ expected: String) -> PlatformError {
        PlatformError(.storageFailure, "The database holds a value of an unexpected type.", cause: SQLError("column '\(column)' is not \(expected)"))
    }
}

/// What went wrong in the database, for the log only.
package struct SQLError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
