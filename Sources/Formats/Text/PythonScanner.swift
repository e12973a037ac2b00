internal import Files

/// Judges Python source by its tokens: what it imports, which names it reaches, and what it calls.
///
/// A judgement, not a proof: the sandbox is what holds. Text in strings and comments is passed over.
struct PythonScanner {
    private static let maximumBytes: Int64 = 8 << 20

    private static let modules: [String: ScanRule] = {
        var rules: [String: ScanRule] = [:]
        for name in ["subprocess", "multiprocessing", "pty", "signal", "posix", "nt", "concurrent", "commands", "popen2"] { rules[name] = .pythonProcess }
        for name in [
            "socket", "ssl", "requests", "urllib", "urllib2", "urllib3", "http", "httplib", "httpx", "aiohttp", "ftplib", "smtplib", "telnetlib", "paramiko", "websocket",
            "asyncio",
        ] {
            rules[name] = .pythonNetwork
        }
        for name in ["importlib", "runpy", "code", "codeop", "marshal", "pickle", "cPickle", "dill", "cloudpickle", "imp", "zipimport", "builtins", "__builtin__"] {
            rules[name] = .pythonDynamic
        }
        for name in ["ctypes", "cffi", "mmap", "gc", "_ctypes", "faulthandler"] { rules[name] = .pythonNative }
        for name in ["os", "shutil", "glob", "tempfile", "pathlib", "fileinput", "io", "sqlite3"] { rules[name] = .pythonFile }
        return rules
    }()

    private static let calls: [String: ScanRule] = [
        "exec": .pythonDynamic, "eval": .pythonDynamic, "compile": .pythonDynamic, "__import__": .pythonDynamic, "globals": .pythonDynamic,
        "locals": .pythonDynamic, "vars": .pythonDynamic, "setattr": .pythonDynamic, "open": .pythonFile, "breakpoint": .pythonProcess, "input": .pythonFile,
    ]

    /// Names below `os` that do no more than tell.
    private static let harmless = ["os.path", "os.sep", "os.linesep", "os.cpu_count", "os.environ.get"]
    private static let processes = [
        "os.system", "os.popen", "os.exec", "os.spawn", "os.fork", "os.kill", "os.posix_spawn", "os.startfile", "os.putenv", "os.setuid",
    ]

    func read(_ subject: ScanSubject, _ session: ScanSession) throws {
        guard subject.bytes.count <= Self.maximumBytes else { throw ReadFault.limit("source of \(subject.bytes.count) bytes", at: 0) }
        let source = try subject.bytes.exactly(Int(subject.bytes.count), at: 0)
        guard String(validating: source, as: UTF8.self) != nil, !source.contains(0) else { return session.add(.pythonSyntax, "bytes that are no text", in: subject) }
        var importing = false
        var seen: Set<String> = []
        for token in PythonTokens(source) {
            switch token.text {
            case "import", "from": importing = true
            case "\n": importing = false
            default:
                guard let rule = Self.rule(for: token, importing: importing), seen.insert("\(rule.id) \(token.text)").inserted else { continue }
                session.add(rule, token.isCall ? "\(token.text)(" : token.text, at: token.offset, in: subject)
            }
        }
    }

    private static func rule(for token: PythonTokens.Token, importing: Bool) -> ScanRule? {
        let parts = token.text.split(separator: ".").map(String.init)
        guard let first = parts.first else { return nil }
        if parts.contains(where: { ["__globals__", "__subclasses__", "__builtins__", "__code__", "__reduce__", "__loader__"].contains($0) }) { return .pythonDynamic }
        if token.isCall, parts.count == 1, let rule = calls[first] { return rule }
        if token.isCall, first == "getattr" || token.text.hasSuffix(".__getattribute__") { return token.hasComputedArgument ? .pythonDynamic : nil }
        if processes.contains(where: { token.text.hasPrefix($0) }) { return .pythonProcess }
        if harmless.contains(where: { token.text == $0 || token.text.hasPrefix("\($0).") }) { return nil }
        guard let rule = modules[first] else { return nil }
        // `import os` alone does nothing yet; what is reached through it is judged where it is reached.
        if importing, first == "os" { return nil }
        return importing || parts.count > 1 ? rule : nil
    }
}
