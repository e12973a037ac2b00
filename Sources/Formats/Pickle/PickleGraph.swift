/// A value on the pickle machine's stack: a scalar, or a reference into the graph.
enum PickleValue: Equatable {
    case none
    case bool(Bool)
    case int(Int64)
    /// An integer beyond 64 bits; only its size is kept, in bytes.
    case bigInt(bytes: Int)
    case float(Double)
    case string(String)
    case bytes([UInt8])
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

/// A container or an object. References are indices, so that deep or circular graphs cost no call stack.
struct PickleNode {
    enum Kind {
        case tuple, list, set
        /// Items alternate: key, value, key, value.
        case dictionary
        /// What a call gave; `callee` and `arguments` are kept, nothing was run.
        case object(callee: PickleValue, arguments: PickleValue)
    }

    let kind: Kind
    var items: [PickleValue] = []
    /// What BUILD gave the object.
    var state: PickleValue?
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
struct PickleGraph {
    var nodes: [PickleNode] = []
    var globals: [PickleGlobal] = []
    var arrays: [PickleArray] = []
    /// Storages that a PyTorch file refers to, in the order of the references.
    var storages: [TorchStorage] = []
    var root: PickleValue = .none

    /// The items of a tuple or list.
    func items(_ value: PickleValue?) -> [PickleValue]? {
        guard case .node(let index) = value else { return nil }
        switch nodes[index].kind {
        case .tuple, .list, .set: return nodes[index].items
        default: return nil
        }
    }

    func global(_ value: PickleValue?) -> PickleGlobal? {
        guard case .global(let index) = value else { return nil }
        return globals[index]
    }

    func string(_ value: PickleValue?) -> String? {
        guard case .string(let text) = value else { return nil }
        return text
    }

    func int(_ value: PickleValue?) -> Int? {
        guard case .int(let number) = value else { return nil }
        return Int(number)
    }

    /// The value under a string key of a dictionary node; of several, the last one counts, as in Python.
    func entry(_ key: String, of value: PickleValue?) -> PickleValue? {
        guard case .node(let index) = value, case .dictionary = nodes[index].kind else { return nil }
        let items = nodes[index].items
        return stride(from: items.count - 2, through: 0, by: -2).first { items[$0] == .string(key) }.map { items[$0 + 1] }
    }

    /// String-keyed entries of a dictionary node, in order.
    func entries(of value: PickleValue?) -> [(key: String, value: PickleValue)] {
        guard case .node(let index) = value, case .dictionary = nodes[index].kind else { return [] }
        let items = nodes[index].items
        return stride(from: 0, to: items.count - 1, by: 2).compactMap { place in
            string(items[place]).map { ($0, items[place + 1]) }
        }
    }
}
