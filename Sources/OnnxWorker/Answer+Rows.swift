extension OnnxValue.Content {
    /// Some rows of what a run gave; what does not have `count` rows is left as it is.
    func rows(_ range: Range<Int>, of count: Int) -> OnnxValue.Content {
        switch self {
        case .tensor(let elements, let extents):
            guard extents.first == count else { return self }
            let width = extents.dropFirst().reduce(1, *)
            return .tensor(elements[range.lowerBound * width..<range.upperBound * width], extents: [range.count] + extents.dropFirst())
        case .sequence(let items): return .sequence(items.count == count ? Array(items[range]) : items)
        case .map: return self
        }
    }

    /// Extents of a tensor; nil for what is none.
    var extents: [Int]? {
        if case .tensor(_, let extents) = self { extents } else { nil }
    }

    /// A tensor of one row as the row itself.
    var withoutFirstExtent: OnnxValue.Content {
        if case .tensor(let elements, let extents) = self { .tensor(elements, extents: Array(extents.dropFirst())) } else { self }
    }

    /// More rows behind these.
    /// - Throws: ``OnnxFailure`` when their shape is another: the rows of one answer have one shape.
    func appending(_ other: OnnxValue.Content) throws -> OnnxValue.Content {
        switch (self, other) {
        case (.tensor(let one, let shape), .tensor(let two, let next)):
            guard shape.dropFirst() == next.dropFirst(), let first = shape.first, let second = next.first else {
                throw OnnxFailure("rows whose answers have the shapes \(shape.dropFirst()) and \(next.dropFirst()); send them one by one", type: "InvalidInput")
            }
            guard let both = one.appending(two) else { throw OnnxFailure("rows whose answers are of different kinds") }
            return .tensor(both, extents: [first + second] + shape.dropFirst())
        case (.sequence(let one), .sequence(let two)): return .sequence(one + two)
        default: throw OnnxFailure("rows whose answers are of different kinds")
        }
    }
}
