import COnnxRuntime

/// What an input or output of a model is, as its file declares it.
indirect enum PortType {
    /// Extents are -1 where they are not fixed.
    case tensor(ElementType, extents: [Int64])
    case sequence(PortType)
    case map(key: ElementType, value: ElementType)
    /// A kind or datatype that is not taken here.
    case other

    /// As the server knows it: `float32`, `sequence(float32)`, `map(string,float32)`, `sequence(map(int64,float32))`.
    var name: String {
        switch self {
        case .tensor(let type, _): type.name
        case .sequence(let item): "sequence(\(item.name))"
        case .map(let key, let value): "map(\(key.name),\(value.name))"
        case .other: "other"
        }
    }
}

extension OnnxRuntime {
    /// - Parameter info: Stays the caller's.
    @unsafe func portType(_ info: OpaquePointer?) throws -> PortType {
        var number: Int32 = 0
        unsafe try check(api.get_kind(info, &number))
        switch OnnxValue.Kind(rawValue: number) {
        case .tensor:
            var tensor: OpaquePointer?
            unsafe try check(api.as_tensor_info(info, &tensor))
            let (type, extents) = unsafe try tensorType(tensor)
            return type.map { .tensor($0, extents: extents) } ?? .other
        case .sequence:
            var sequence: OpaquePointer?
            var item: OpaquePointer?
            unsafe try check(api.as_sequence_info(info, &sequence))
            unsafe try check(api.get_sequence_item(sequence, &item))
            defer { unsafe api.release_type_info(item) }
            return .sequence(unsafe try portType(item))
        case .map:
            var map: OpaquePointer?
            var key: Int32 = 0
            var value: OpaquePointer?
            unsafe try check(api.as_map_info(info, &map))
            unsafe try check(api.get_map_key(map, &key))
            unsafe try check(api.get_map_value(map, &value))
            defer { unsafe api.release_type_info(value) }
            guard let key = ElementType(rawValue: key), case .tensor(let value, _) = unsafe try portType(value) else { return .other }
            return .map(key: key, value: value)
        case nil: return .other
        }
    }

    /// - Returns: The datatype, nil when it is none of ours, and the extents, -1 where one is not fixed.
    @unsafe func tensorType(_ info: OpaquePointer?) throws -> (ElementType?, [Int64]) {
        var number: Int32 = 0
        var rank = 0
        unsafe try check(api.get_element_type(info, &number))
        unsafe try check(api.get_rank(info, &rank))
        var extents = [Int64](repeating: 0, count: rank)
        unsafe try check(api.get_extents(info, &extents, rank))
        return (ElementType(rawValue: number), extents)
    }
}
