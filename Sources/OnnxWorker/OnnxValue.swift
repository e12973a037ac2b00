import COnnxRuntime

/// One input or output value, released with its last reference.
@safe final class OnnxValue {
    /// What a value holds, in row-major order.
    enum Content {
        case numbers([Double], extents: [Int])
        case integers([Int64], extents: [Int])
        case flags([Bool], extents: [Int])
        case texts([String], extents: [Int])
        case sequence([Content])
        /// Keys and values of the same count.
        indirect case map(keys: Content, values: Content)
    }

    let pointer: OpaquePointer
    private let runtime: OnnxRuntime
    /// Memory of ours that the tensor lies in.
    private let memory: UnsafeMutableRawBufferPointer?

    /// Takes the value over.
    init(owning pointer: OpaquePointer, _ runtime: OnnxRuntime) {
        unsafe self.pointer = pointer
        self.runtime = runtime
        unsafe memory = nil
    }

    /// A tensor of numbers.
    init(_ bytes: [UInt8], extents: [Int64], type: ElementType, _ runtime: OnnxRuntime) throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 64)
        unsafe memory.copyBytes(from: bytes)
        var info: OpaquePointer?
        var pointer: OpaquePointer?
        do {
            let (arenaAllocator, defaultMemory): (Int32, Int32) = (1, 0)
            unsafe try runtime.check(runtime.api.create_cpu_memory_info(arenaAllocator, defaultMemory, &info))
            unsafe try runtime.check(
                runtime.api.create_tensor_with_data(info, memory.baseAddress, bytes.count, extents, extents.count, type.rawValue, &pointer))
            unsafe runtime.api.release_memory_info(info)
            guard let pointer = unsafe pointer else { throw OnnxFailure("the library makes no tensor") }
            unsafe self.pointer = pointer
            self.runtime = runtime
            unsafe self.memory = memory
        } catch {
            unsafe memory.deallocate()
            throw error
        }
    }

    /// A tensor of texts.
    init(_ texts: ArraySlice<String>, extents: [Int64], _ runtime: OnnxRuntime) throws {
        var pointer: OpaquePointer?
        unsafe try runtime.check(runtime.api.create_tensor(runtime.allocator, extents, extents.count, ElementType.string.rawValue, &pointer))
        guard let pointer = unsafe pointer else { throw OnnxFailure("the library makes no tensor") }
        unsafe self.pointer = pointer
        self.runtime = runtime
        unsafe memory = nil
        let texts = CStringList(Array(texts))
        unsafe try runtime.check(runtime.api.fill_strings(pointer, texts.pointers, texts.count))
    }

    deinit {
        unsafe runtime.api.release_value(pointer)
        unsafe memory?.deallocate()
    }

    // MARK: - Reading

    private enum Kind: Int32 {
        case tensor = 1
        case sequence = 2
        case map = 3
    }

    /// - Throws: ``OnnxFailure`` for kinds and datatypes that cannot be answered.
    func content() throws -> Content {
        var number: Int32 = 0
        unsafe try runtime.check(runtime.api.get_value_kind(pointer, &number))
        switch Kind(rawValue: number) {
        case .tensor: return try tensor()
        case .sequence: return .sequence(try items().map { try $0.content() })
        case .map:
            let parts = try items()
            guard parts.count == 2 else { throw OnnxFailure("a map without keys and values") }
            return .map(keys: try parts[0].content(), values: try parts[1].content())
        case nil: throw OnnxFailure("an output of the kind \(number), which cannot be answered")
        }
    }

    private func items() throws -> [OnnxValue] {
        var count = 0
        unsafe try runtime.check(runtime.api.get_item_count(pointer, &count))
        return try (0..<count).map { index in
            var item: OpaquePointer?
            unsafe try runtime.check(runtime.api.get_item(pointer, Int32(index), runtime.allocator, &item))
            guard let item = unsafe item else { throw OnnxFailure("an output with a hole") }
            return unsafe OnnxValue(owning: item, runtime)
        }
    }

    private func tensor() throws -> Content {
        var info: OpaquePointer?
        unsafe try runtime.check(runtime.api.get_tensor_info(pointer, &info))
        defer { unsafe runtime.api.release_tensor_info(info) }
        let (type, extents) = unsafe try runtime.tensorType(info)
        let shape = extents.map { Int($0) }
        let count = shape.reduce(1, *)
        if type == .string { return .texts(try texts(count), extents: shape) }
        var data: UnsafeMutableRawPointer?
        if count > 0 { unsafe try runtime.check(runtime.api.get_tensor_data(pointer, &data)) }
        guard let type, unsafe data != nil || count == 0 else { throw OnnxFailure("an output of a datatype that cannot be answered") }
        func elements<Element>(_: Element.Type) -> UnsafeBufferPointer<Element> {
            unsafe UnsafeBufferPointer(start: data?.assumingMemoryBound(to: Element.self), count: count)
        }
        switch type {
        case .float32: return unsafe .numbers(elements(Float.self).map { Double($0) }, extents: shape)
        case .float64: return unsafe .numbers(Array(elements(Double.self)), extents: shape)
        case .float16: return unsafe .numbers(elements(UInt16.self).map { Double(ElementType.float(half: $0)) }, extents: shape)
        case .bfloat16: return unsafe .numbers(elements(UInt16.self).map { Double(Float(bitPattern: UInt32($0) << 16)) }, extents: shape)
        case .bool: return unsafe .flags(elements(UInt8.self).map { $0 != 0 }, extents: shape)
        case .int8: return unsafe .integers(elements(Int8.self).map { Int64($0) }, extents: shape)
        case .uint8: return unsafe .integers(elements(UInt8.self).map { Int64($0) }, extents: shape)
        case .int16: return unsafe .integers(elements(Int16.self).map { Int64($0) }, extents: shape)
        case .uint16: return unsafe .integers(elements(UInt16.self).map { Int64($0) }, extents: shape)
        case .int32: return unsafe .integers(elements(Int32.self).map { Int64($0) }, extents: shape)
        case .uint32: return unsafe .integers(elements(UInt32.self).map { Int64($0) }, extents: shape)
        case .int64: return unsafe .integers(Array(elements(Int64.self)), extents: shape)
        // Beyond what the wire holds as an integer it is a number.
        case .uint64: return unsafe .numbers(elements(UInt64.self).map { Double($0) }, extents: shape)
        case .string: return .texts(try texts(count), extents: shape)
        }
    }

    private func texts(_ count: Int) throws -> [String] {
        guard count > 0 else { return [] }
        var length = 0
        unsafe try runtime.check(runtime.api.get_strings_length(pointer, &length))
        var bytes = [UInt8](repeating: 0, count: max(1, length))
        var offsets = [Int](repeating: 0, count: count)
        unsafe try bytes.withUnsafeMutableBytes { buffer in
            unsafe try runtime.check(runtime.api.get_strings(pointer, buffer.baseAddress, length, &offsets, count))
        }
        return offsets.indices.map { index in
            String(decoding: bytes[offsets[index]..<(index + 1 < count ? offsets[index + 1] : length)], as: UTF8.self)
        }
    }
}

extension OnnxRuntime {
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
