/// What a model takes and what it gives.
package struct Signature: Sendable, Codable, Equatable {
    /// What a model's answer means.
    package enum Task: String, Sendable, Codable {
        case classification, regression, clustering, transformation, custom
    }

    /// Columns in the order the model takes them; nil when the model takes any JSON.
    package let features: [Feature]?
    package let task: Task
    /// Labels in the order of the probabilities; empty unless a classifier.
    package let classes: [JSONValue]
    /// Whether the model gives a probability for each class.
    package let givesProbabilities: Bool
    /// Whether a row's answer does not depend on the rows beside it; nil of classical models, whose rows are independent unless it is known that they are not.
    package var hasIndependentRows: Bool?

    package init(features: [Feature]?, task: Task, classes: [JSONValue], givesProbabilities: Bool) {
        self.features = features
        self.task = task
        self.classes = classes
        self.givesProbabilities = givesProbabilities
    }
}

/// One input column of a model.
package struct Feature: Sendable, Codable, Equatable {
    package enum Kind: String, Sendable, Codable {
        case number, string
        /// A list of tensors or an object from key to value, as its datatype says: `sequence(float32)`, `map(string,float32)`.
        case structure
    }

    /// Whether a value is arrays inside of arrays.
    package var isArray: Bool { shape != nil && kind != .structure }

    package let name: String
    package let kind: Kind
    /// Whether a value may be missing (`null`).
    package let nullable: Bool
    /// Values that the model knows: categories of a text column.
    package let examples: [JSONValue]
    /// Element type of a graph's input, as its format names it: `float32`, `int64`, `bool`.
    package let datatype: String?
    /// Extents of an array, or of the tensors in a sequence; nil for a single value, and inside where an extent is open.
    package let shape: [Int?]?

    package init(name: String, kind: Kind, nullable: Bool, examples: [JSONValue] = [], datatype: String? = nil, shape: [Int?]? = nil) {
        self.name = name
        self.kind = kind
        self.nullable = nullable
        self.examples = examples
        self.datatype = datatype
        self.shape = shape
    }
}
