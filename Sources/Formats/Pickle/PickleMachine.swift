/// Follows a pickle on a simulated stack and memo. Runs nothing: a call becomes a node that says what would be called.
///
/// Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py. What a real unpickler would refuse throws
/// ``ReadFault``; what it would do and should not becomes an event for ``PickleJudge``.
final class PickleMachine {
    /// Something the pickle does besides building containers, in the order it does it.
    enum Event {
        /// A global is named for the first time: `index` into the graph's globals.
        case global(Int, offset: Int64)
        /// A global whose module or name was not a string constant.
        case computedGlobal(offset: Int64)
        /// Something that is no global is called: the pickle made the callee itself.
        case computedCall(offset: Int64)
        /// A code of the extension registry, whose meaning only the loading process knows.
        case extensionCode(UInt32, offset: Int64)
        /// A persistent id, which only a special unpickler can resolve.
        case persistentID(offset: Int64)
        /// An object gets items or another state after its state was set: its own attributes are called for that.
        case changedTwice(offset: Int64)
        /// A long byte string that begins as a pickle.
        case longPickle(offset: Int64)
        /// State is set on a class or function itself.
        case stateOfCallable(Int, offset: Int64)
    }

    /// Who will load the pickle; decides what a persistent id means and whether arrays stand in the stream.
    enum Loader {
        case pickle, joblib, torch
    }

    let reader: ByteReader
    let limits: ScanLimits
    let loader: Loader
    /// Where the current frame ends; joblib's unpickler has read that far ahead.
    var frameEnd: Int64 = 0
    var graph = PickleGraph()
    private(set) var events: [Event] = []
    private(set) var protocolVersion = 0
    private(set) var callCount = 0
    private(set) var arrayBytes: Int64 = 0
    /// Byte strings that look like pickles; the first hundred.
    private(set) var embedded: [[UInt8]] = []

    /// Where joblib's array wrapper stands among the globals, once it was named.
    private(set) var wrapperIndex: Int?

    private static let arrayWrapper = PickleGlobal(module: "joblib.numpy_pickle", name: "NumpyArrayWrapper")
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [PickleValue] = []
    private var sparseMemo: [Int: PickleValue] = [:]
    private var globalIndices: [PickleGlobal: Int] = [:]
    private var nesting = 0

    init(_ reader: ByteReader, limits: ScanLimits, loader: Loader) {
        self.reader = reader
        self.loader = loader
        self.limits = limits
    }

    /// Reads one pickle up to its STOP; the value it would give is the graph's root.
    func run() throws {
        graph.root = try runPickle()
    }

    /// Reads a pickle inside this one, with a stack and memo of its own.
    func runNested() throws -> PickleValue {
        guard nesting < limits.maximumNesting else { throw ReadFault.limit("pickles nested deeper than \(limits.maximumNesting)", at: reader.offset) }
        let outer = (stack, marks, memo, sparseMemo, frameEnd)
        nesting += 1
        (stack, marks, memo, sparseMemo) = ([], [], [], [:])
        defer {
            nesting -= 1
            (stack, marks, memo, sparseMemo, frameEnd) = outer
        }
        return try runPickle()
    }

    private func runPickle() throws -> PickleValue {
        while true {
            let offset = reader.offset
            let byte = try reader.byte()
            guard let opcode = PickleOpcode(rawValue: byte) else {
                throw ReadFault.malformed("unknown opcode 0x\(String(byte, radix: 16))", at: offset)
            }
            if opcode == .stop { return try pop() }
            try execute(opcode, at: offset)
        }
    }

    // MARK: - Stack

    func push(_ value: PickleValue) throws {
        guard stack.count < limits.maximumValues else { throw ReadFault.limit("a stack of more than \(limits.maximumValues) values", at: reader.offset) }
        stack.append(value)
    }

    func pop() throws -> PickleValue {
        guard let value = stack.last, stack.count > (marks.last ?? 0) else { throw ReadFault.malformed("the stack is empty", at: reader.offset) }
        stack.removeLast()
        return value
    }

    func top() throws -> PickleValue {
        guard let value = stack.last, stack.count > (marks.last ?? 0) else { throw ReadFault.malformed("the stack is empty", at: reader.offset) }
        return value
    }

    func pushMark() throws {
        guard marks.count < limits.maximumValues else { throw ReadFault.limit("too many marks", at: reader.offset) }
        marks.append(stack.count)
    }

    func popToMark() throws -> ArraySlice<PickleValue> {
        guard let mark = marks.popLast() else { throw ReadFault.malformed("no mark on the stack", at: reader.offset) }
        let values = ArraySlice(Array(stack[mark...]))
        stack.removeSubrange(mark...)
        return values
    }

    /// The topmost `count` values.
    func pop(_ count: Int) throws -> ArraySlice<PickleValue> {
        guard stack.count - count >= (marks.last ?? 0) else { throw ReadFault.malformed("the stack is empty", at: reader.offset) }
        let values = ArraySlice(Array(stack[(stack.count - count)...]))
        stack.removeLast(count)
        return values
    }

    /// POP: takes a value, or a mark that has nothing above it, as CPython's unpickler does.
    func popValueOrMark() throws {
        if marks.last == stack.count, !marks.isEmpty {
            marks.removeLast()
        } else {
            _ = try pop()
        }
    }

    // MARK: - Memo

    func memoize(_ value: PickleValue, at index: Int? = nil) throws {
        let place = index ?? memo.count + sparseMemo.count
        if place == memo.count {
            guard memo.count < limits.maximumValues else { throw ReadFault.limit("a memo of more than \(limits.maximumValues) values", at: reader.offset) }
            memo.append(value)
            if !sparseMemo.isEmpty { sparseMemo[place] = nil }
        } else if place < memo.count, place >= 0 {
            memo[place] = value
        } else {
            guard sparseMemo.count < limits.maximumNodes else { throw ReadFault.limit("a memo of more than \(limits.maximumNodes) values", at: reader.offset) }
            sparseMemo[place] = value
        }
    }

    func recall(_ index: Int) throws -> PickleValue {
        if index >= 0, index < memo.count { return memo[index] }
        guard let value = sparseMemo[index] else { throw ReadFault.malformed("memo \(index) was never written", at: reader.offset) }
        return value
    }

    // MARK: - Graph

    func makeNode(_ kind: PickleNodeKind, items: ArraySlice<PickleValue> = []) throws -> PickleValue {
        guard graph.nodeCount < limits.maximumNodes else { throw ReadFault.limit("more than \(limits.maximumNodes) objects", at: reader.offset) }
        try refuseArrayWrapper(in: items)
        try checkRoom(for: items.count)
        return graph.addNode(kind, items: items)
    }

    private func checkRoom(for count: Int) throws {
        guard graph.heldCount + count <= limits.maximumValues else { throw ReadFault.limit("more than \(limits.maximumValues) values", at: reader.offset) }
    }

    func append(_ values: ArraySlice<PickleValue>, to target: PickleValue) throws {
        guard case .node(let index) = target else { throw ReadFault.malformed("items are added to something that holds none", at: reader.offset) }
        try refuseArrayWrapper(in: values)
        try checkRoom(for: values.count)
        if graph.state(index) != nil { events.append(.changedTwice(offset: reader.offset)) }
        guard graph.append(values, to: index) else { throw ReadFault.malformed("items are added to a tuple", at: reader.offset) }
    }

    func build(_ state: PickleValue, of target: PickleValue) throws {
        try refuseArrayWrapper(in: [state])
        switch target {
        case .node(let index):
            if graph.state(index) != nil { events.append(.changedTwice(offset: reader.offset)) }
            graph.setState(state, of: index)
        case .global(let index): events.append(.stateOfCallable(index, offset: reader.offset))
        case .array: break  // every global in the state of an array is judged all the same
        default: throw ReadFault.malformed("BUILD on a plain value", at: reader.offset)
        }
    }

    func makeGlobal(module: String, name: String, at offset: Int64) -> PickleValue {
        let global = PickleGlobal(module: module, name: name)
        let index = globalIndices[global] ?? graph.globals.count
        if index == graph.globals.count {
            graph.globals.append(global)
            globalIndices[global] = index
            if global == Self.arrayWrapper { wrapperIndex = index }
            events.append(.global(index, offset: offset))
        }
        return .global(index)
    }

    func call(_ callee: PickleValue, _ arguments: PickleValue, at offset: Int64, isPlainInstance: Bool = false) throws -> PickleValue {
        callCount += 1
        if isArrayWrapper(callee) {
            guard isPlainInstance, graph.items(arguments)?.isEmpty == true else {
                throw ReadFault.malformed("an array wrapper made in another way than joblib makes it", at: offset)
            }
        }
        if case .global = callee {} else { events.append(.computedCall(offset: offset)) }
        return try makeNode(.object(callee: callee, arguments: arguments))
    }

    func note(_ event: Event) {
        events.append(event)
    }

    func note(protocol version: Int) throws {
        guard version <= 5 else { throw ReadFault.malformed("pickle protocol \(version), the newest known is 5", at: reader.offset) }
        protocolVersion = max(protocolVersion, version)
    }

    func embed(_ bytes: [UInt8]) {
        if embedded.count < 100 { embedded.append(bytes) }
    }

    func addArrayBytes(_ count: Int64) {
        arrayBytes += count
    }

    /// Makes the top of the stack `value`.
    func replaceTop(with value: PickleValue) throws {
        _ = try pop()
        try push(value)
    }
}
