internal import CMarkdown
package import Domain
internal import Glibc
internal import Yams

/// Reads a model card: YAML front matter between two lines of `---`, then Markdown.
///
/// The fields are those of model hubs: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
package struct CardReader {
    private static let maximumFrontMatter = 16 << 10
    /// Values of the front matter; aliases may make many of few.
    private static let maximumValues = 5000
    private static let texts: [String: Int] = ["license": 100, "framework": 100, "intended_use": 10_000]

    package let frontMatter: [String: JSONValue]
    /// Without HTML of the author's own, and without links but to the web and to mail addresses.
    package let html: String

    /// Blocks and computes: call it on a thread pool.
    /// - Throws: `schemaViolation` naming the field; `payloadTooLarge` beyond ``ModelCard/maximumMarkdown``.
    package init(_ markdown: String) throws {
        guard markdown.utf8.count <= ModelCard.maximumMarkdown else {
            throw PlatformError(
                .payloadTooLarge, "A model card may have \(ModelCard.maximumMarkdown) bytes.", details: .object(["limit_bytes": .int(ModelCard.maximumMarkdown)]))
        }
        guard !markdown.utf8.contains(0) else { throw PlatformError.field("/markdown", "expected text without NUL") }
        let (yaml, body) = Self.split(markdown)
        frontMatter = try yaml.map(Self.members) ?? [:]
        try Self.check(frontMatter)
        html = try Self.render(body)
    }

    /// The front matter, when the text begins with a line of `---` and another one follows, and the rest.
    private static func split(_ text: String) -> (yaml: String?, body: Substring) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        func isFence(_ line: Substring) -> Bool { line == "---" || line == "---\r" }
        guard let first = lines.first, isFence(first), let end = lines.dropFirst().firstIndex(where: isFence) else { return (nil, text[...]) }
        return (lines[1..<end].joined(separator: "\n"), text[lines[end].endIndex...])
    }

    private static func members(_ yaml: String) throws -> [String: JSONValue] {
        guard yaml.utf8.count <= maximumFrontMatter else { throw fault("", "expected at most \(maximumFrontMatter) bytes") }
        // The reader puts what an alias stands for in its place before anybody can count it.
        guard marks("&", yaml).isDisjoint(with: marks("*", yaml)) else { throw fault("", "expected no aliases") }
        let node: Node?
        do {
            node = try Yams.compose(yaml: yaml)
        } catch {
            throw fault("", "expected YAML: \(String(describing: error).prefix(200))")
        }
        guard let node else { return [:] }
        var count = 0
        guard case .object(let members) = try value(node, &count) else { throw fault("", "expected names with values") }
        return members
    }

    /// The names that stand behind a mark, wherever YAML could take it for one.
    private static func marks(_ mark: Character, _ yaml: String) -> Set<Substring> {
        Set(
            yaml.split { $0.isWhitespace || "[]{},".contains($0) }.compactMap { word in
                guard let place = word.firstIndex(of: mark) else { return nil }
                return word[word.index(after: place)...].prefix { $0 != ":" }
            }.filter { !$0.isEmpty })
    }

    private static func value(_ node: Node, _ count: inout Int) throws -> JSONValue {
        count += 1
        guard count <= maximumValues else { throw fault("", "expected at most \(maximumValues) values") }
        switch node {
        case .scalar(let scalar): return self.scalar(node, scalar.string)
        case .sequence(let sequence): return .array(try sequence.map { try value($0, &count) })
        case .mapping(let mapping):
            var members: [String: JSONValue] = [:]
            for (key, member) in mapping {
                guard let name = key.string else { throw fault("", "expected names that are texts") }
                members[name] = try value(member, &count)
            }
            return .object(members)
        case .alias: throw fault("", "expected no aliases")
        }
    }

    private static func scalar(_ node: Node, _ text: String) -> JSONValue {
        switch node.tag {
        case Tag(.null): .null
        case Tag(.bool): node.bool.map { .bool($0) } ?? .string(text)
        case Tag(.int): node.int.map { .int(Int64($0)) } ?? .string(text)
        case Tag(.float): node.float.flatMap { $0.isFinite ? .double($0) : nil } ?? .string(text)
        default: .string(text)
        }
    }

    private static func check(_ members: [String: JSONValue]) throws {
        for (name, limit) in texts {
            guard let value = members[name], value != .null else { continue }
            guard let text = value.stringValue, (1...limit).contains(text.count) else { throw fault("/\(name)", "expected a text of 1 to \(limit) characters") }
        }
        if let datasets = members["datasets"], datasets != .null, datasets.stringValue == nil, datasets.arrayValue?.allSatisfy({ $0.stringValue != nil }) != true {
            throw fault("/datasets", "expected a name or a list of names")
        }
    }

    private static func fault(_ pointer: String, _ message: String) -> PlatformError {
        PlatformError.field("/front_matter\(pointer)", message)
    }

    /// Registered once, before anybody renders.
    private static let extensions: Void = cmark_gfm_core_extensions_ensure_registered()

    /// GitHub's Markdown without raw HTML; the library leaves out links that run something (`javascript:`, `data:`).
    private static func render(_ markdown: Substring) throws -> String {
        _ = extensions
        let options = CMARK_OPT_VALIDATE_UTF8
        guard let parser = unsafe cmark_parser_new(options) else { throw PlatformError(.internalError, "The card could not be rendered.") }
        defer { unsafe cmark_parser_free(parser) }
        for name in ["table", "strikethrough", "autolink"] {
            if let found = unsafe cmark_find_syntax_extension(name) { _ = unsafe cmark_parser_attach_syntax_extension(parser, found) }
        }
        let text = String(markdown)
        unsafe cmark_parser_feed(parser, text, text.utf8.count)
        guard let document = unsafe cmark_parser_finish(parser) else { throw PlatformError(.internalError, "The card could not be rendered.") }
        defer { unsafe cmark_node_free(document) }
        guard let html = unsafe cmark_render_html(document, options, cmark_parser_get_syntax_extensions(parser)) else {
            throw PlatformError(.internalError, "The card could not be rendered.")
        }
        defer { unsafe free(html) }
        return unsafe String(cString: html)
    }
}
