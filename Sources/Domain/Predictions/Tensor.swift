/// A dense array of one datatype in row-major order.
package struct Tensor: Sendable, Equatable {
    /// Elements; the names of the datatypes are those of the Open Inference Protocol.
    package enum Storage: Sendable, Equatable {
        case float64([Double])
        case int64([Int64])
        case uint64([UInt64])
        case bool([Bool])
        /// `BYTES`: UTF-8 text; nil where a value is missing.
        case strings([String?])
        /// `JSON`: one JSON text for each row.
        case json([String])
    }

    package let name: String
    /// Extents, the batch first: `[rows]` or `[rows, columns]`.
    package let shape: [Int]
    package let storage: Storage

    package init(name: String, shape: [Int], storage: Storage) {
        self.name = name
        self.shape = shape
        self.storage = storage
    }
}

/// Rows for a model, checked against its signature.
package struct InferenceRequest: Sendable, Equatable {
    /// The extent of the batch, at least 1.
    package let rows: Int
    /// One matrix named `input` when all features are numbers, else one column per feature by name.
    package let inputs: [Tensor]

    package init(rows: Int, inputs: [Tensor]) {
        self.rows = rows
        self.inputs = inputs
    }
}

/// What a model made of a request; every output has the request's number of rows.
package struct InferenceResponse: Sendable {
    package let outputs: [Tensor]
    /// Where the time went, milliseconds in the model itself.
    package let modelMilliseconds: Double
    /// Whether no JSON answer had NaN or infinity in it, which are null there already.
    package let isFinite: Bool
    /// Whether the outputs have the model's own names, which may be those of ``OutputName`` by chance.
    package let isNamed: Bool

    package init(outputs: [Tensor], modelMilliseconds: Double, isFinite: Bool = true, isNamed: Bool = false) {
        self.outputs = outputs
        self.modelMilliseconds = modelMilliseconds
        self.isFinite = isFinite
        self.isNamed = isNamed
    }

    package func output(_ name: OutputName) -> Tensor? { isNamed ? nil : outputs.first { $0.name == name.rawValue } }
}

/// The outputs that a worker may give.
package enum OutputName: String, Sendable {
    /// `[rows, classes]`, FP64.
    case probabilities
    /// `[rows]`, the class label of each row.
    case labels
    /// `[rows]` or `[rows, targets]`: values of a regressor, a transformer or a clusterer.
    case values
    /// `[rows]`, any JSON: answers of `custom_predict`.
    case answers
}
