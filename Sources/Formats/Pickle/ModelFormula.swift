/// Judges a formula that a library keeps in a model as text and runs as Python code, when the model is loaded and when it predicts:
/// `y ~ a + np.log(b) + C(group)`. Arithmetic and a list of functions pass; everything else is code.
/// https://patsy.readthedocs.io/en/latest/formulas.html
struct ModelFormula {
    private static let functions: Set<String> = [
        "C", "I", "Q", "abs", "bs", "cc", "center", "cr", "log", "exp", "poly", "scale", "standardize", "te", "Treatment", "Sum", "Poly", "Diff", "Helmert",
    ]
    private static let arrayFunctions: Set<String> = [
        "abs", "absolute", "arcsinh", "arctan", "cbrt", "ceil", "clip", "cos", "exp", "expm1", "floor", "log", "log10", "log1p", "log2", "maximum",
        "minimum", "power", "round", "sign", "sin", "sqrt", "square", "tan", "tanh", "where",
    ]
    private static let keywords: Set<String> = ["lambda", "import", "yield", "await", "async", "exec", "def", "class", "global", "del", "with", "as", "for"]
    private static let marks = Set(" +-*/%:^~|(),.<>=!&")
    private static let maximumLength = 10_000

    /// Whether it computes with columns and listed functions only.
    static func isArithmetic(_ text: String) -> Bool {
        // The library takes the end of a line for a space, before it looks for names.
        let text = String(text.map { $0.isNewline ? " " : $0 })
        guard text.utf8.count <= maximumLength, !text.contains("__") else { return false }
        var rest = text[...]
        var closesBefore = false
        while let first = rest.first {
            if first == "'" || first == "\"" {
                guard let literal = literal(rest) else { return false }
                rest = rest.dropFirst(literal)
            } else if first.isLetter || first == "_" || first.isNumber {
                let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
                rest = rest.dropFirst(name.count)
                // A name before a quote is a prefix: f'{…}' is code.
                guard rest.first != "'", rest.first != "\"", isAllowed(name, isCalled: rest.first { $0 != " " } == "(") else { return false }
            } else {
                // What follows a call or a bracket is not called once more.
                guard marks.contains(first), !(first == "(" && closesBefore) else { return false }
                rest = rest.dropFirst()
            }
            if first != " " { closesBefore = first == ")" }
        }
        return true
    }

    /// Length of a plain string at the start; nil when it has escapes or no end.
    private static func literal(_ text: Substring) -> Int? {
        guard let quote = text.first, let end = text.dropFirst().firstIndex(of: quote) else { return nil }
        let content = text[text.startIndex..<end]
        return content.contains("\\") || content.contains("\n") ? nil : content.count + 1
    }

    private static func isAllowed(_ name: Substring, isCalled: Bool) -> Bool {
        if name.first?.isNumber ?? false { return !isCalled && name.allSatisfy { $0.isHexDigit || $0 == "." } }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return isCalled ? functions.contains(String(name)) : !keywords.contains(String(name)) }
        return isCalled && parts.count == 2 && ["np", "numpy"].contains(parts[0]) && arrayFunctions.contains(String(parts[1]))
    }
}
