import Formats

/// Splits a text into the tokens that a vectorizer of scikit-learn counts.
///
/// Letters, digits and lower case follow Unicode as Python does; texts are sequences of code points, never of characters.
/// Source: `_VectorizerMixin`, https://github.com/scikit-learn/scikit-learn/blob/main/sklearn/feature_extraction/text.py
struct TextAnalyzer: Sendable {
    private enum Unit: String, Sendable {
        case word, char, char_wb
    }

    private let unit: Unit
    private let lowercases: Bool
    private let ngrams: ClosedRange<Int>
    private let stopWords: Set<ExactText>
    /// Tokens shorter than this are no words.
    private static let minimumWord = 2

    init(_ attributes: Attributes) throws {
        guard let unit = Unit(rawValue: attributes.optionalText("analyzer") ?? "") else { throw attributes.uncovered("analyzer") }
        for name in ["preprocessor", "tokenizer", "strip_accents"] where attributes.has(name) { throw attributes.uncovered(name) }
        if unit == .word, attributes.optionalText("token_pattern") != #"(?u)\b\w\w+\b"# { throw attributes.uncovered("token_pattern") }
        self.unit = unit
        lowercases = try attributes.flag("lowercase")
        let range = try attributes.integers("ngram_range")
        guard range.count == 2, range[0] >= 1, range[0] <= range[1], range[1] <= 20 else { throw attributes.uncovered("ngram_range") }
        ngrams = range[0]...range[1]
        switch attributes.object.attributes["stop_words"] {
        case nil, FittedValue.none?: stopWords = []
        case .string("english")?: stopWords = EnglishStopWords.all
        case let value?:
            guard let words = Attributes.items(value)?.compactMap(\.string) else { throw attributes.uncovered("stop_words") }
            stopWords = Set(words.map { ExactText($0) })
        }
    }

    /// Calls `body` with the UTF-8 bytes of each token.
    func forEachToken(in text: String, _ body: (ExactText) -> Void) {
        let scalars = lowercases ? PythonText.lowercased(text) : Array(text.unicodeScalars)
        switch unit {
        case .word: forEachWordGram(Self.words(scalars).filter { stopWords.isEmpty || !stopWords.contains(ExactText(utf8: Self.utf8($0))) }, body)
        case .char: forEachGram(Self.collapsed(scalars), body)
        case .char_wb: forEachPaddedGram(scalars, body)
        }
    }

    private func forEachWordGram(_ words: [ArraySlice<Unicode.Scalar>], _ body: (ExactText) -> Void) {
        let bytes = words.map { Self.utf8($0) }
        for length in ngrams where length <= bytes.count {
            for start in 0...(bytes.count - length) {
                body(ExactText(utf8: Array(bytes[start..<start + length].joined(separator: [UInt8(ascii: " ")]))))
            }
        }
    }

    private func forEachGram(_ scalars: [Unicode.Scalar], _ body: (ExactText) -> Void) {
        for length in ngrams where length <= scalars.count {
            for start in 0...(scalars.count - length) { body(ExactText(utf8: Self.utf8(scalars[start..<start + length]))) }
        }
    }

    /// Within words, each with a space on both sides; a word shorter than the n-gram counts once.
    private func forEachPaddedGram(_ scalars: [Unicode.Scalar], _ body: (ExactText) -> Void) {
        for word in scalars.split(whereSeparator: PythonText.isSpace) {
            let padded = [" "] + Array(word) + [" "]
            for length in ngrams {
                body(ExactText(utf8: Self.utf8(padded[0..<min(length, padded.count)])))
                var start = 0
                while start + length < padded.count {
                    start += 1
                    body(ExactText(utf8: Self.utf8(padded[start..<start + length])))
                }
                if start == 0 { break }
            }
        }
    }

    private static func words(_ scalars: [Unicode.Scalar]) -> [ArraySlice<Unicode.Scalar>] {
        scalars.split { !PythonText.isWord($0) }.filter { $0.count >= minimumWord }
    }

    /// Two and more spaces become one.
    private static func collapsed(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        var index = 0
        while index < scalars.count {
            var end = index
            while end < scalars.count, PythonText.isSpace(scalars[end]) { end += 1 }
            if end - index >= 2 {
                result.append(" ")
                index = end
            } else {
                result.append(scalars[index])
                index += 1
            }
        }
        return result
    }

    private static func utf8(_ scalars: ArraySlice<Unicode.Scalar>) -> [UInt8] {
        scalars.flatMap { UTF8.encode($0).map(Array.init) ?? [] }
    }
}

/// What Python's `str` and `re` know of code points.
enum PythonText {
    /// `\w`: letters, everything with a numeric value, and the underscore.
    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_" }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return scalar.properties.numericType != nil
        }
    }

    /// `\s` and `str.split()`.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0d, 0x1c...0x20, 0x85, 0xa0, 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000: true
        default: false
        }
    }

    /// `str.lower()`: the full mapping, and the final form of sigma at the end of a word.
    static func lowercased(_ text: String) -> [Unicode.Scalar] {
        let scalars = Array(text.unicodeScalars)
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(scalars.count)
        for (index, scalar) in scalars.enumerated() {
            if scalar.isASCII {
                result.append(("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) + 32) : scalar)
            } else if scalar.value == 0x3a3 {
                result.append(isFinal(index, scalars) ? "\u{3c2}" : "\u{3c3}")
            } else {
                result += scalar.properties.lowercaseMapping.unicodeScalars
            }
        }
        return result
    }

    private static func isFinal(_ index: Int, _ scalars: [Unicode.Scalar]) -> Bool {
        let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
        let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        return (before?.properties.isCased ?? false) && !(after?.properties.isCased ?? false)
    }
}
