extension PickleMachine {
    /// Opcodes that import a name or call something.
    func refer(_ opcode: PickleOpcode, at offset: Int64) throws {
        switch opcode {
        case .global:
            try push(makeGlobal(module: try nameLine(), name: try nameLine(), at: offset))
        case .stackGlobal:
            let name = try pop()
            let module = try pop()
            try push(try stackGlobal(module: module, name: name, at: offset))
        case .inst:
            let callee = makeGlobal(module: try nameLine(), name: try nameLine(), at: offset)
            let arguments = try makeNode(.tuple, items: try popToMark())
            try push(try call(callee, arguments, at: offset))
        case .obj:
            let values = try popToMark()
            guard let callee = values.first else { throw ReadFault.malformed("OBJ without a class", at: offset) }
            try push(try call(callee, try makeNode(.tuple, items: values.dropFirst()), at: offset))
        case .reduce, .newObj:
            let arguments = try pop()
            let callee = try pop()
            try push(try call(callee, arguments, at: offset, isPlainInstance: opcode == .newObj))
        case .newObjEx:
            let keywords = try pop()
            let arguments = try pop()
            let callee = try pop()
            try push(try call(callee, try makeNode(.tuple, items: [arguments, keywords]), at: offset))
        case .build:
            let state = try pop()
            try build(state, of: try top())
            try readArrayIfWrapper(state)
        case .ext1, .ext2, .ext4:
            let width = opcode == .ext1 ? 1 : opcode == .ext2 ? 2 : 4
            note(.extensionCode(UInt32(try reader.littleEndian(bytes: width)), offset: offset))
            try push(.none)
        default:
            if opcode == .binPersid, loader == .torch { return try pushStorage(try pop(), at: offset) }
            if opcode == .persid { _ = try reader.line() } else { _ = try pop() }
            note(.persistentID(offset: offset))
            try push(.none)
        }
    }

    /// PyTorch's persistent ids: `('storage', class, key, location, elements)`; legacy files add a sixth item.
    /// https://github.com/pytorch/pytorch/blob/main/torch/serialization.py, `persistent_load`.
    private func pushStorage(_ id: PickleValue, at offset: Int64) throws {
        // Legacy files note the source of a layer's class beside the class: ('module', class, file, source).
        if let items = graph.items(id), items.count == 4, graph.string(items[0]) == "module", case .global = items[1] { return try push(items[1]) }
        guard let items = graph.items(id), items.count == 5 || items.count == 6, graph.string(items[0]) == "storage",
            let type = graph.global(items[1]), let key = graph.string(items[2]), let elements = graph.int(items[4]), elements >= 0
        else {
            note(.persistentID(offset: offset))
            return try push(.none)
        }
        graph.storages.append(TorchStorage(type: type.name, key: key, elements: elements))
        try push(try makeNode(.object(callee: items[1], arguments: id)))
    }

    private func stackGlobal(module: PickleValue, name: PickleValue, at offset: Int64) throws -> PickleValue {
        guard let module = graph.string(module), let name = graph.string(name) else {
            note(.computedGlobal(offset: offset))
            return try makeNode(.object(callee: .none, arguments: .none))
        }
        return makeGlobal(module: module, name: name, at: offset)
    }

    private func nameLine() throws -> String {
        String(decoding: try reader.line(atMost: 4096), as: UTF8.self)
    }
}
