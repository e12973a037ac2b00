/// A value on the pickle machine's stack: a number, or a reference into the graph. Plain bits: copying one costs nothing.
enum PickleValue: Equatable {
    case none
    case bool(Bool)
    case int(Int64)
    /// An integer beyond 64 bits; only its size is kept, in bytes.
    case bigInt(bytes: Int)
    case float(Double)
    /// Index of a text of the graph.
    case string(Int)
    /// Index of a byte string of the graph.
    case bytes(Int)
    /// Bytes that were passed over.
    case longBytes(count: Int64)
    case global(Int)
    case node(Int)
    case array(Int)
}

/// A name that the pickle imports.
struct PickleGlobal: Hashable {
    let module: String
    let name: String

    var qualifiedName: String { "\(module).\(name)" }
}

/// What a node of the graph is. References are indices, so that deep or circular graphs cost no call stack.
enum PickleNodeKind {
    case tuple, list, set
    /// Items alternate: key, value, key, value.
    case dictionary
    /// What a call gave; `callee` and `arguments` are kept, nothing was run.
    case object(callee: PickleValue, arguments: PickleValue)
}

/// An array whose bytes stand in the stream beside the opcodes, as joblib writes them.
struct PickleArray {
    /// Type string of numpy without byte order: `f8`, `i4`, `U12`, `O8`.
    let type: String
    let shape: [Int]
    let isFortranOrdered: Bool
    let isBigEndian: Bool
    /// The raw bytes, kept only up to a limit.
    let bytes: [UInt8]?
    /// The value of a nested pickle, for arrays of objects.
    let nested: PickleValue?
    /// The object that describes the elements.
    let dtype: PickleValue
}

/// The bytes of tensors, kept beside the pickle of a PyTorch file.
struct TorchStorage {
    /// `FloatStorage`
    let type: String
    let key: String
    let elements: Int

    /// Bytes of one element; nil for a type we do not know. `UntypedStorage` counts bytes.
    var elementSize: Int? {
        switch type {
        case "ByteStorage", "CharStorage", "BoolStorage", "QInt8Storage", "QUInt8Storage", "UntypedStorage": 1
        case "ShortStorage", "HalfStorage", "BFloat16Storage": 2
        case "IntStorage", "FloatStorage", "QInt32Storage": 4
        case "LongStorage", "DoubleStorage", "ComplexFloatStorage": 8
        case "ComplexDoubleStorage": 16
        default: nil
        }
    }
}

/// Everything a pickle describes, read as data.
///
/// Nodes are 12 bytes and their items lie side by side, so that a pickle of millions of small objects stays small.
struct PickleGraph {
    private enum Tag: UInt8 {
        case tuple, list, set, dictionary, object
    }

    private struct Node {
        let tag: Tag
        /// Into `pool` for tuples and objects, into `growing` for the rest.
        let start: UInt32
        let count: UInt32
    }

    var globals: [PickleGlobal] = []
    var arrays: [PickleArray] = []
    /// Storages that a PyTorch file refers to, in the order of the references.
    var storages: [TorchStorage] = []
    var root: PickleValue = .none
    private(set) var texts: [String] = []
    private(set) var byteStrings: [[UInt8]] = []
    /// Values that nodes hold, all together.
    private(set) var heldCount = 0
    private var nodes: [Node] = []
    /// Items of tuples; callee and arguments of objects.
    private var pool: [PickleValue] = []
    /// Items of lists, sets and dictionaries.
    private var growing: [[PickleValue]] = []
    private var states: [Int: PickleValue] = [:]

    var nodeCount: Int { nodes.count }

    // MARK: - Building

    mutating func add(_ text: String) -> PickleValue {
        texts.append(text)
        return .string(texts.count - 1)
    }

    mutating func add(_ bytes: [UInt8]) -> PickleValue {
        byteStrings.append(bytes)
        return .bytes(byteStrings.count - 1)
    }

    mutating func addNode(_ kind: PickleNodeKind, items: ArraySlice<PickleValue>) -> PickleValue {
        heldCount += items.count
        switch kind {
        case .tuple:
            nodes.append(Node(tag: .tuple, start: UInt32(pool.count), count: UInt32(items.count)))
            pool += items
        case .object(let callee, let arguments):
            nodes.append(Node(tag: .object, start: UInt32(pool.count), count: 2))
            pool.append(callee)
            pool.append(arguments)
        case .list, .set, .dictionary:
            let tag: Tag = if case .list = kind { .list } else if case .set = kind { .set } else { .dictionary }
            nodes.append(Node(tag: tag, start: UInt32(growing.count), count: 0))
            growing.append(Array(items))
        }
        return .node(nodes.count - 1)
    }

    /// Adds to a list, set or dictionary. What is added to an object goes into the container that it is, which nothing here reads.
    /// - Returns: false for a tuple, which cannot grow.
    mutating func append(_ values: ArraySlice<PickleValue>, to index: Int) -> Bool {
        switch nodes[index].tag {
        case .tuple: return false
        case .object: return true
        case .list, .set, .dictionary:
            growing[Int(nodes[index].start)] += values
            heldCount += values.count
            return true
        }
    }

    mutating func setState(_ state: PickleValue, of index: Int) {
        states[index] = state
    }

    // MARK: - Reading

    func kind(_ index: Int) -> PickleNodeKind {
        let node = nodes[index]
        return switch node.tag {
        case .tuple: .tuple
        case .list: .list
        case .set: .set
        case .dictionary: .dictionary
        case .object: .object(callee: pool[Int(node.start)], arguments: pool[Int(node.start) + 1])
        }
    }

    /// What BUILD gave the object.
    func state(_ index: Int) -> PickleValue? { states[index] }

    /// The first answer of `read` on the states of the first objects that have one.
    func firstState<Fact>(_ read: (PickleValue) -> Fact?) -> Fact? {
        for index in states.keys.sorted().prefix(10_000) {
            if let fact = states[index].flatMap(read) { return fact }
        }
        return nil
    }

    /// Callee and arguments of an object node.
    func object(_ value: PickleValue?) -> (index: Int, callee: PickleValue, arguments: PickleValue)? {
        guard case .node(let index) = value, case .object(let callee, let arguments) = kind(index) else { return nil }
        return (index, callee, arguments)
    }

    /// The items of a tuple, list or set.
    func items(_ value: PickleValue?) -> [PickleValue]? {
        guard case .node(let index) = value else { return nil }
        let node = nodes[index]
        return switch node.tag {
        case .tuple: Array(pool[Int(node.start)..<Int(node.start) + Int(node.count)])
        case .list, .set: growing[Int(node.start)]
        case .dictionary, .object: nil
        }
    }

    func global(_ value: PickleValue?) -> PickleGlobal? {
        guard case .global(let index) = value else { return nil }
        return globals[index]
    }

    func string(_ value: PickleValue?) -> String? {
        guard case .string(let index) = value else { return nil }
        return texts[index]
    }

    func int(_ value: PickleValue?) -> Int? {
        guard case .int(let number) = value else { return nil }
        return Int(number)
    }

    /// The value under a string key of a dictionary node; of several, the last one counts, as in Python.
    func entry(_ key: String, of value: PickleValue?) -> PickleValue? {
        guard let items = alternating(value) else { return nil }
        return stride(from: items.count - 2, through: 0, by: -2).first { string(items[$0]) == key }.map { items[$0 + 1] }
    }

    /// String-keyed entries of a dictionary node, in order.
    func entries(of value: PickleValue?) -> [(key: String, value: PickleValue)] {
        pairs(of: value).compactMap { pair in string(pair.key).map { ($0, pair.value) } }
    }

    /// Entries of a dictionary node, in order.
    func pairs(of value: PickleValue?) -> [(key: PickleValue, value: PickleValue)] {
        guard let items = alternating(value) else { return [] }
        return stride(from: 0, to: items.count - 1, by: 2).map { (items[$0], items[$0 + 1]) }
    }

    private func alternating(_ value: PickleValue?) -> [PickleValue]? {
        guard case .node(let index) = value, nodes[index].tag == .dictionary else { return nil }
        return growing[Int(nodes[index].start)]
    }
}
