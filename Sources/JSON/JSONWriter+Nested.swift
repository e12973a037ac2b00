extension JSONWriter {
    /// Appends elements as arrays inside of arrays.
    /// - Parameters:
    ///   - extents: Of the arrays, outermost first; none for a single element.
    ///   - elements: In row-major order, as many as the product of the extents.
    package mutating func nested<Elements: RandomAccessCollection>(
        _ extents: [Int], _ elements: Elements, _ body: (inout JSONWriter, Elements.Element) -> Void
    ) where Elements.Index == Int {
        nested(extents[...], elements, elements.startIndex, body)
    }

    private mutating func nested<Elements: RandomAccessCollection>(
        _ extents: ArraySlice<Int>, _ elements: Elements, _ start: Int, _ body: (inout JSONWriter, Elements.Element) -> Void
    ) where Elements.Index == Int {
        guard let extent = extents.first else { return body(&self, elements[start]) }
        guard !elements.isEmpty else { return raw("[]") }
        let inner = extents.dropFirst()
        let width = inner.reduce(1, *)
        raw("[")
        for index in 0..<extent {
            if index > 0 { raw(",") }
            nested(inner, elements, start + index * width, body)
        }
        raw("]")
    }
}
