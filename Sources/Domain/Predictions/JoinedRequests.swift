extension InferenceRequest {
    /// One request with the rows of all, in their order.
    /// - Returns: nil when they do not have the same inputs.
    package static func joined(_ requests: [InferenceRequest]) -> InferenceRequest? {
        guard let first = requests.first else { return nil }
        let rows = requests.reduce(0) { $0 + $1.rows }
        var inputs: [Tensor] = []
        for (index, input) in first.inputs.enumerated() {
            var parts: [Tensor.Storage] = []
            for request in requests {
                guard request.inputs.count == first.inputs.count, request.inputs[index].name == input.name,
                    request.inputs[index].shape.dropFirst() == input.shape.dropFirst()
                else { return nil }
                parts.append(request.inputs[index].storage)
            }
            guard let storage = Tensor.Storage.joined(parts) else { return nil }
            inputs.append(Tensor(name: input.name, shape: [rows] + input.shape.dropFirst(), storage: storage))
        }
        return InferenceRequest(rows: rows, inputs: inputs)
    }
}

extension InferenceResponse {
    /// The answers of joined requests, each with its own rows.
    /// - Returns: nil when an output has another number of rows.
    package func split(rows counts: [Int]) -> [InferenceResponse]? {
        let total = counts.reduce(0, +)
        guard outputs.allSatisfy({ $0.shape.first == total && $0.storage.count == $0.shape.reduce(1, *) }) else { return nil }
        var start = 0
        return counts.map { count in
            defer { start += count }
            let parts = outputs.map { output in
                let width = output.shape.dropFirst().reduce(1, *)
                return Tensor(
                    name: output.name, shape: [count] + output.shape.dropFirst(), storage: output.storage.slice(start * width..<(start + count) * width))
            }
            return InferenceResponse(outputs: parts, modelMilliseconds: modelMilliseconds, isFinite: isFinite, isNamed: isNamed)
        }
    }
}

extension Tensor.Storage {
    /// Elements.
    package var count: Int {
        switch self {
        case .float64(let values): values.count
        case .int64(let values): values.count
        case .uint64(let values): values.count
        case .bool(let values): values.count
        case .strings(let texts): texts.count
        case .json(let texts): texts.count
        }
    }

    func slice(_ range: Range<Int>) -> Tensor.Storage {
        switch self {
        case .float64(let values): .float64(Array(values[range]))
        case .int64(let values): .int64(Array(values[range]))
        case .uint64(let values): .uint64(Array(values[range]))
        case .bool(let values): .bool(Array(values[range]))
        case .strings(let texts): .strings(Array(texts[range]))
        case .json(let texts): .json(Array(texts[range]))
        }
    }

    /// - Returns: nil when the parts are of different datatypes.
    package static func joined(_ parts: [Tensor.Storage]) -> Tensor.Storage? {
        guard var whole = parts.first else { return nil }
        for part in parts.dropFirst() {
            switch (whole, part) {
            case (.float64(let one), .float64(let other)): whole = .float64(one + other)
            case (.int64(let one), .int64(let other)): whole = .int64(one + other)
            case (.uint64(let one), .uint64(let other)): whole = .uint64(one + other)
            case (.bool(let one), .bool(let other)): whole = .bool(one + other)
            case (.strings(let one), .strings(let other)): whole = .strings(one + other)
            case (.json(let one), .json(let other)): whole = .json(one + other)
            default: return nil
            }
        }
        return whole
    }
}
