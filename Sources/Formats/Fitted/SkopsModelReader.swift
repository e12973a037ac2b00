import Domain
internal import Files

/// Reads the object graph of a skops file: a zip archive of `schema.json`, whose nodes name classes and hold values, and of numpy arrays.
/// https://skops.readthedocs.io/en/stable/persistence.html
final class SkopsModelReader {
    private static let maximumDepth = 200
    private static let maximumSchema: Int64 = 256 << 20
    private let session: ScanSession
    private let members: [String: ArchiveMember]
    private var arrays: [String: FittedArray] = [:]

    private init(_ members: [ArchiveMember], _ session: ScanSession) {
        self.session = session
        self.members = Dictionary(members.map { ($0.name, $0) }) { first, _ in first }
    }

    /// - Throws: ``FittedModelReader/Unreadable``.
    static func read(_ file: any RandomAccess, limits: ScanLimits) throws -> FittedModel {
        let session = ScanSession(limits: limits)
        do {
            let reader = SkopsModelReader(try ZipArchive(file).members(ScanSubject(bytes: file), session), session)
            let schema = try JSONDocument.read(try reader.bytes(of: "schema.json", limit: maximumSchema))
            return FittedModel(root: try reader.value(schema, depth: 0), contentBytes: Int(file.count))
        } catch let error as ReadFault {
            throw FittedModelReader.Unreadable(reason: "the archive cannot be read: \(error)")
        } catch is ChecksumFault {
            throw FittedModelReader.Unreadable(reason: "a member of the archive is damaged")
        }
    }

    private func bytes(of name: String, limit: Int64 = .max) throws -> [UInt8] {
        guard let member = members[name] else { throw FittedModelReader.Unreadable(reason: "the archive has no '\(name)'") }
        let content = try member.open(session)
        guard content.count <= limit else { throw ReadFault.limit("a document of \(content.count) bytes", at: 0) }
        return try content.exactly(Int(content.count), at: 0)
    }

    // MARK: - Nodes

    private func value(_ node: JSONNode?, depth: Int) throws -> FittedValue {
        guard depth < Self.maximumDepth else { throw FittedModelReader.Unreadable(reason: "objects nested deeper than \(Self.maximumDepth)") }
        guard let node, !node.isNull else { return .none }
        let content = node["content"]
        func inner(_ value: JSONNode?) throws -> FittedValue { try self.value(value, depth: depth + 1) }
        switch node["__loader__"]?.text ?? "" {
        case "JsonNode": return try Self.plain(content)
        case "DictNode", "OrderedDictNode": return .dictionary(try entries(node, depth))
        case "DefaultDictNode": return try inner(content?["main"])
        case "ListNode", "TupleNode", "SetNode": return .list(try Self.items(content).map(inner))
        case "NdArrayNode": return try array(node, depth)
        case "TypeNode", "FunctionNode": return .name(Self.name(of: node))
        case "SliceNode":
            let limits = ["start", "stop", "step"].map { Self.scalar(content?[$0]) }
            return .object(FittedObject(className: "builtins.slice", arguments: limits, attributes: [:]))
        case "BytesNode", "BytearrayNode": return .bytes(try bytes(of: node["file"]?.text ?? ""))
        // Of a datatype the array stands for it; which one it is decides nothing here.
        case "DTypeNode": return .object(FittedObject(className: "numpy.dtype", arguments: [], attributes: [:]))
        case "ObjectNode":
            let state = try inner(content)
            if let booster = try FittedBooster.pickled(Self.name(of: node), state: state) { return booster }
            return .object(FittedObject(className: Self.name(of: node), arguments: [], attributes: Self.attributes(state)))
        case "TreeNode", "LossNode", "ReduceNode":
            guard case .list(let arguments) = try inner(node["__reduce__"]?["args"]) else { throw Self.broken }
            return .object(FittedObject(className: Self.name(of: node), arguments: arguments, attributes: Self.attributes(try inner(content))))
        case "RandomStateNode", "RandomGeneratorNode": return .object(FittedObject(className: Self.name(of: node), arguments: [], attributes: [:]))
        case let loader: throw FittedModelReader.Unreadable(reason: "a node of the kind '\(loader)'")
        }
    }

    private static let broken = FittedModelReader.Unreadable(reason: "a schema that skops does not write")

    private static func name(of node: JSONNode) -> String {
        "\(node["__module__"]?.text ?? "").\(node["__class__"]?.text ?? "")"
    }

    private static func items(_ content: JSONNode?) throws -> [JSONNode] {
        guard case .array(let items)? = content else { throw broken }
        return items
    }

    private static func attributes(_ state: FittedValue) -> [String: FittedValue] {
        guard case .dictionary(let entries) = state else { return [:] }
        return Dictionary(
            entries.compactMap { entry in if case .string(let name) = entry.key { (name, entry.value) } else { nil } }, uniquingKeysWith: { $1 })
    }

    /// The keys of a JSON object are texts; `key_types` says what each of them was.
    private func entries(_ node: JSONNode, _ depth: Int) throws -> [FittedValue.Entry] {
        guard case .object(let members)? = node["content"] else { throw Self.broken }
        let kinds = try Self.items(node["key_types"]?["content"]).map { $0["__class__"]?.text ?? "" }
        guard kinds.count == members.count else { throw Self.broken }
        return try zip(members, kinds).map { member, kind in
            FittedValue.Entry(key: try Self.key(member.key, kind), value: try value(member.value, depth: depth + 1))
        }
    }

    private static func key(_ text: String, _ kind: String) throws -> FittedValue {
        switch kind {
        case "str": .string(text)
        case "int", "int64", "int32": Int(text).map(FittedValue.int) ?? .string(text)
        case "float", "float64": Double(text).map(FittedValue.float) ?? .string(text)
        case "bool": .bool(text == "True" || text == "true")
        default: throw FittedModelReader.Unreadable(reason: "keys of the kind '\(kind)'")
        }
    }

    /// The text of a JSON value, inside of the JSON.
    private static func plain(_ content: JSONNode?) throws -> FittedValue {
        guard let text = content?.text else { throw broken }
        switch text {
        case "NaN": return .float(.nan)
        case "Infinity": return .float(.infinity)
        case "-Infinity": return .float(-.infinity)
        default:
            guard let value = try? JSONDocument.read(Array("[\(text)]".utf8)), case .array(let items) = value, items.count == 1 else { throw broken }
            // `1.0` is a float where it was one.
            if case .int(let number) = items[0], text.contains(where: { ".eE".contains($0) }) { return .float(Double(number)) }
            return scalar(items[0])
        }
    }

    private static func scalar(_ value: JSONNode?) -> FittedValue {
        switch value {
        case .bool(let flag): .bool(flag)
        case .int(let number): .int(Int(number))
        case .double(let number): .float(number)
        case .string(let text): .string(text)
        default: .none
        }
    }

    // MARK: - Arrays

    /// Numbers lie in a member of their own; arrays of objects are lists with a shape.
    private func array(_ node: JSONNode, _ depth: Int) throws -> FittedValue {
        guard let file = node["file"]?.text else {
            let items = try Self.items(node["content"]).map { try value($0, depth: depth + 1) }
            guard case .list(let extents) = try value(node["shape"], depth: depth + 1) else { throw Self.broken }
            let shape = extents.compactMap { extent in if case .int(let number) = extent { number } else { nil } }
            guard shape.count == extents.count, let array = FittedArray(objects: Self.flat(items, rank: shape.count), shape: shape, isFortranOrdered: false) else {
                throw Self.broken
            }
            return .array(array)
        }
        if let known = arrays[file] { return .array(known) }
        let content = MemoryBytes(try bytes(of: file))
        let header = try NumpyScanner.Header(content)
        guard let element = header.element,
            let array = FittedArray(
                element: element, shape: header.shape, isFortranOrdered: header.isFortranOrdered,
                bytes: try content.exactly(Int(content.count - header.end), at: header.end))
        else { throw FittedModelReader.Unreadable(reason: "an array whose bytes do not fill its shape") }
        arrays[file] = array
        return .array(array)
    }

    private static func flat(_ items: [FittedValue], rank: Int) -> [FittedValue] {
        guard rank > 1 else { return items }
        return items.flatMap { item in if case .list(let inner) = item { flat(inner, rank: rank - 1) } else { [item] } }
    }
}
