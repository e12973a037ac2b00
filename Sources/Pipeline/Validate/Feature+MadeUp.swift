internal import Domain

extension Signature {
    /// The signature with a number in place of every open extent.
    func closed(with extent: Int) -> Signature {
        Signature(features: features?.map { $0.closed(with: extent) }, task: task, classes: classes, givesProbabilities: givesProbabilities)
    }

    /// Elements of a row; an open extent counts as 1.
    var elementCount: Int {
        (features ?? []).reduce(0) { sum, feature in
            let (total, overflow) = sum.addingReportingOverflow(feature.elementCount)
            return overflow ? .max : total
        }
    }
}

extension [Feature] {
    /// The only feature, when its value is an array: then a row may be that array itself.
    var onlyArray: Feature? { count == 1 && self[0].isArray ? self[0] : nil }
}

extension Feature {
    /// Elements of one value; an open extent counts as 1.
    var elementCount: Int {
        (shape ?? []).reduce(1) { product, extent in
            let (next, overflow) = product.multipliedReportingOverflow(by: extent ?? 1)
            return overflow ? .max : next
        }
    }

    /// The feature with a number in place of every open extent.
    func closed(with extent: Int) -> Feature {
        Feature(name: name, kind: kind, nullable: nullable, examples: examples, datatype: datatype, shape: shape?.map { $0 ?? extent })
    }

    /// Whether any number may be given, not only whole ones.
    var isFloatingPoint: Bool { datatype?.contains("float") ?? true }

    /// The JSON of a list of two items, or of an object of one member, all of whose numbers are `number`; its texts are empty.
    func structured(_ number: String) -> String {
        let datatype = datatype ?? ""
        let value = datatype.contains(",string)") || datatype == "sequence(string)" ? "\"\"" : number
        let object = "{\"0\":\(value)}"
        if datatype.hasPrefix("map(") { return object }
        let item = datatype.hasPrefix("sequence(map(") ? object : nested { _ in value }
        return "[\(item),\(item)]"
    }

    /// The JSON of a value whose elements `element` makes, by their place.
    func nested(_ element: (Int) -> String) -> String {
        var place = 0
        return nested((shape ?? [])[...], &place, element)
    }

    private func nested(_ extents: ArraySlice<Int?>, _ place: inout Int, _ element: (Int) -> String) -> String {
        guard let extent = extents.first else {
            defer { place += 1 }
            return element(place)
        }
        let parts = (0..<(extent ?? 1)).map { _ in nested(extents.dropFirst(), &place, element) }
        return "[\(parts.joined(separator: ","))]"
    }
}
