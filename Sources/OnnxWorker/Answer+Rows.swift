extension OnnxValue.Content {
    /// Some rows of what a run gave; what does not have `count` rows is left as it is.
    func rows(_ range: Range<Int>, of count: Int) -> OnnxValue.Content {
        func cut<Element>(_ elements: [Element], _ extents: [Int]) -> ([Element], [Int]) {
            guard extents.first == count else { return (elements, extents) }
            let width = extents.dropFirst().reduce(1, *)
            return (Array(elements[range.lowerBound * width..<range.upperBound * width]), [range.count] + extents.dropFirst())
        }
        switch self {
        case .numbers(let values, let extents):
            let (values, extents) = cut(values, extents)
            return .numbers(values, extents: extents)
        case .integers(let values, let extents):
            let (values, extents) = cut(values, extents)
            return .integers(values, extents: extents)
        case .flags(let values, let extents):
            let (values, extents) = cut(values, extents)
            return .flags(values, extents: extents)
        case .texts(let values, let extents):
            let (values, extents) = cut(values, extents)
            return .texts(values, extents: extents)
        case .sequence(let items): return .sequence(items.count == count ? Array(items[range]) : items)
        case .map: return self
        }
    }

    /// Extents of a tensor; nil for what is none.
    var extents: [Int]? {
        switch self {
        case .numbers(_, let extents), .integers(_, let extents), .flags(_, let extents), .texts(_, let extents): extents
        case .sequence, .map: nil
        }
    }

    /// A tensor of one row as the row itself.
    var withoutFirstExtent: OnnxValue.Content {
        switch self {
        case .numbers(let values, let extents): .numbers(values, extents: Array(extents.dropFirst()))
        case .integers(let values, let extents): .integers(values, extents: Array(extents.dropFirst()))
        case .flags(let values, let extents): .flags(values, extents: Array(extents.dropFirst()))
        case .texts(let values, let extents): .texts(values, extents: Array(extents.dropFirst()))
        case .sequence, .map: self
        }
    }

    /// More rows behind these.
    /// - Throws: ``OnnxFailure`` when their shape is another: the rows of one answer have one shape.
    func appending(_ other: OnnxValue.Content) throws -> OnnxValue.Content {
        func joined(_ one: [Int], _ other: [Int]) throws -> [Int] {
            guard one.dropFirst() == other.dropFirst(), let first = one.first, let second = other.first else {
                throw OnnxFailure("rows whose answers have the shapes \(one.dropFirst()) and \(other.dropFirst()); send them one by one", type: "InvalidInput")
            }
            return [first + second] + one.dropFirst()
        }
        switch (self, other) {
        case (.numbers(let one, let shape), .numbers(let two, let next)): return .numbers(one + two, extents: try joined(shape, next))
        case (.integers(let one, let shape), .integers(let two, let next)): return .integers(one + two, extents: try joined(shape, next))
        case (.flags(let one, let shape), .flags(let two, let next)): return .flags(one + two, extents: try joined(shape, next))
        case (.texts(let one, let shape), .texts(let two, let next)): return .texts(one + two, extents: try joined(shape, next))
        case (.sequence(let one), .sequence(let two)): return .sequence(one + two)
        default: throw OnnxFailure("rows whose answers are of different kinds")
        }
    }
}
