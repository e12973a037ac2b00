/// How much a key may use in a period: from `soft` on answers carry a warning, beyond `hard` there are none.
package struct KeyBudget: Sendable, Hashable {
    package enum Unit: String, Sendable, CaseIterable {
        /// Rows that were answered.
        case predictions
        /// Time that predictions took.
        case computeMilliseconds = "compute_ms"
    }

    /// Of the calendar, in UTC.
    package enum Period: String, Sendable, CaseIterable {
        case day, month
    }

    package let unit: Unit
    package let period: Period
    package let soft: Int?
    package let hard: Int?

    package init(unit: Unit, period: Period, soft: Int?, hard: Int?) {
        self.unit = unit
        self.period = period
        self.soft = soft
        self.hard = hard
    }
}

/// What was used in a period.
package struct Spending: Sendable, Hashable {
    package var predictions: Int
    package var milliseconds: Double

    package init(predictions: Int = 0, milliseconds: Double = 0) {
        self.predictions = predictions
        self.milliseconds = milliseconds
    }

    package func used(_ unit: KeyBudget.Unit) -> Int {
        switch unit {
        case .predictions: predictions
        case .computeMilliseconds: Int(milliseconds)
        }
    }
}
