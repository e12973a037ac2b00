import COnnxRuntime

/// A loaded model: its inputs and outputs, and a run.
@safe final class OnnxSession {
    /// A named value that the model takes or gives.
    struct Port {
        let name: String
        let type: PortType

        /// Datatype and extents of a tensor, -1 where one is not fixed; nil for anything else.
        var tensor: (element: ElementType, extents: [Int64])? {
            if case .tensor(let element, let extents) = type { (element, extents) } else { nil }
        }
    }

    let inputs: [Port]
    let outputs: [Port]
    private let runtime: OnnxRuntime
    private let session: OpaquePointer
    private let inputNames: CStringList
    private let outputNames: CStringList

    init(_ model: [UInt8], threads: Int32, _ runtime: OnnxRuntime) throws {
        self.runtime = runtime
        let session = unsafe try runtime.makeSession(model, threads: threads)
        unsafe self.session = session
        inputs = unsafe try Self.ports(session, runtime, isInput: true)
        outputs = unsafe try Self.ports(session, runtime, isInput: false)
        inputNames = CStringList(inputs.map(\.name))
        outputNames = CStringList(outputs.map(\.name))
    }

    /// The values of all outputs, in their order.
    /// - Parameter values: One for each input, in their order.
    func run(_ values: [OnnxValue]) throws -> [OnnxValue.Content] {
        var results = unsafe [OpaquePointer?](repeating: nil, count: outputs.count)
        let pointers = unsafe values.map { unsafe Optional($0.pointer) }
        let status = unsafe withExtendedLifetime(values) {
            unsafe runtime.api.run(session, nil, inputNames.pointers, pointers, pointers.count, outputNames.pointers, outputNames.count, &results)
        }
        let owned = unsafe results.map { result in unsafe result.map { unsafe OnnxValue(owning: $0, runtime) } }
        unsafe try runtime.check(status)
        return try owned.map { value in
            guard let value else { throw OnnxFailure("an output that the model left empty") }
            return try value.content()
        }
    }

    @unsafe private static func ports(_ session: OpaquePointer, _ runtime: OnnxRuntime, isInput: Bool) throws -> [Port] {
        let api = runtime.api
        var count = 0
        unsafe try runtime.check(isInput ? api.get_input_count(session, &count) : api.get_output_count(session, &count))
        return try (0..<count).map { index in
            var name: UnsafeMutablePointer<CChar>?
            var info: OpaquePointer?
            unsafe try runtime.check(
                isInput ? api.get_input_name(session, index, runtime.allocator, &name) : api.get_output_name(session, index, runtime.allocator, &name))
            guard let name = unsafe name else { throw OnnxFailure("an input or output without a name") }
            defer { unsafe _ = api.allocator_free(runtime.allocator, name) }
            unsafe try runtime.check(isInput ? api.get_input_type(session, index, &info) : api.get_output_type(session, index, &info))
            defer { unsafe api.release_type_info(info) }
            return unsafe Port(name: String(cString: name), type: try runtime.portType(info))
        }
    }
}
