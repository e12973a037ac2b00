/// A value of a fitted model, read as data: nothing of the model was run to get it.
package indirect enum FittedValue: Sendable {
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string(String)
    case bytes([UInt8])
    /// A tuple, list or set.
    case list([FittedValue])
    case dictionary([Entry])
    case array(FittedArray)
    /// A list of numbers as model files in JSON have it.
    case numbers([Double])
    case object(FittedObject)
    /// A function or class, by its qualified name.
    case name(String)

    /// A key and its value.
    package struct Entry: Sendable {
        package let key: FittedValue
        package let value: FittedValue

        package init(key: FittedValue, value: FittedValue) {
            self.key = key
            self.value = value
        }
    }
}

/// An object of a named class: what its constructor got and what was set on it.
package struct FittedObject: Sendable {
    /// As Python names it: `sklearn.linear_model._logistic.LogisticRegression`.
    package let className: String
    package let arguments: [FittedValue]
    package let attributes: [String: FittedValue]
    /// A state that is no dictionary, as extension types have.
    package let state: FittedValue?

    package init(className: String, arguments: [FittedValue], attributes: [String: FittedValue], state: FittedValue? = nil) {
        self.className = className
        self.arguments = arguments
        self.attributes = attributes
        self.state = state
    }

    /// The last part of the class's name.
    package var typeName: String { String(className[(className.lastIndex(of: ".").map(className.index(after:)) ?? className.startIndex)...]) }
}
