import COnnxRuntime

/// One input or output value, released with its last reference.
@safe final class OnnxValue {
    /// What a value holds.
    enum Content {
        case tensor(TensorElements, extents: [Int])
        case sequence([Content])
        /// Keys and values of the same count.
        indirect case map(keys: Content, values: Content)
    }

    let pointer: OpaquePointer
    private let runtime: OnnxRuntime
    /// Memory of ours that the tensor lies in.
    private let memory: UnsafeMutableRawBufferPointer?
    /// What a sequence was made of: it refers to their memory.
    private let parts: [OnnxValue]

    /// Takes the value over.
    init(owning pointer: OpaquePointer, _ runtime: OnnxRuntime) {
        unsafe self.pointer = pointer
        self.runtime = runtime
        unsafe memory = nil
        parts = []
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
            parts = []
        } catch {
            unsafe memory.deallocate()
            throw error
        }
    }

    /// A tensor of texts; what is missing is empty.
    private init(_ texts: [String?], extents: [Int64], _ runtime: OnnxRuntime) throws {
        var pointer: OpaquePointer?
        unsafe try runtime.check(runtime.api.create_tensor(runtime.allocator, extents, extents.count, ElementType.string.rawValue, &pointer))
        guard let pointer = unsafe pointer else { throw OnnxFailure("the library makes no tensor") }
        unsafe self.pointer = pointer
        self.runtime = runtime
        unsafe memory = nil
        parts = []
        let texts = CStringList(texts.map { $0 ?? "" })
        unsafe try runtime.check(runtime.api.fill_strings(pointer, texts.pointers, texts.count))
    }

    /// A tensor of the model's datatype.
    /// - Throws: ``OnnxFailure`` for elements that do not fit into it.
    convenience init(_ elements: TensorElements, extents: [Int64], type: ElementType, input: String, _ runtime: OnnxRuntime) throws {
        if case .texts(let texts) = elements, type == .string {
            try self.init(texts, extents: extents, runtime)
        } else {
            try self.init(type.bytes(of: elements, input: input), extents: extents, type: type, runtime)
        }
    }

    /// A sequence of its items, or a map of its keys and its values.
    init(_ items: [OnnxValue], kind: Kind, _ runtime: OnnxRuntime) throws {
        var pointer: OpaquePointer?
        let pointers = unsafe items.map { unsafe Optional($0.pointer) }
        let status = unsafe withExtendedLifetime(items) { unsafe runtime.api.create_value(pointers, pointers.count, kind.rawValue, &pointer) }
        unsafe try runtime.check(status)
        guard let pointer = unsafe pointer else { throw OnnxFailure("the library makes no sequence and no map") }
        unsafe self.pointer = pointer
        self.runtime = runtime
        unsafe memory = nil
        parts = items
    }

    deinit {
        unsafe runtime.api.release_value(pointer)
        unsafe memory?.deallocate()
    }

    // MARK: - Reading

    /// `ONNXType` of the C API.
    enum Kind: Int32 {
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
        if type == .string { return .tensor(.texts(try texts(count)), extents: shape) }
        var data: UnsafeMutableRawPointer?
        if count > 0 { unsafe try runtime.check(runtime.api.get_tensor_data(pointer, &data)) }
        guard let type, unsafe data != nil || count == 0 else { throw OnnxFailure("an output of a datatype that cannot be answered") }
        func elements<Element>(_: Element.Type) -> UnsafeBufferPointer<Element> {
            unsafe UnsafeBufferPointer(start: data?.assumingMemoryBound(to: Element.self), count: count)
        }
        let content: TensorElements =
            switch type {
            case .float32: unsafe .numbers(elements(Float.self).map { Double($0) })
            case .float64: unsafe .numbers(Array(elements(Double.self)))
            case .float16: unsafe .numbers(elements(UInt16.self).map { Double(ElementType.float(half: $0)) })
            case .bfloat16: unsafe .numbers(elements(UInt16.self).map { Double(Float(bitPattern: UInt32($0) << 16)) })
            case .bool: unsafe .flags(elements(UInt8.self).map { $0 != 0 })
            case .int8: unsafe .integers(elements(Int8.self).map { Int64($0) })
            case .uint8: unsafe .integers(elements(UInt8.self).map { Int64($0) })
            case .int16: unsafe .integers(elements(Int16.self).map { Int64($0) })
            case .uint16: unsafe .integers(elements(UInt16.self).map { Int64($0) })
            case .int32: unsafe .integers(elements(Int32.self).map { Int64($0) })
            case .uint32: unsafe .integers(elements(UInt32.self).map { Int64($0) })
            case .int64: unsafe .integers(Array(elements(Int64.self)))
            case .uint64: unsafe .naturals(Array(elements(UInt64.self)))
            case .string: .texts(try texts(count))
            }
        return .tensor(content, extents: shape)
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
