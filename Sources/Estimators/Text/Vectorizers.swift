import Formats
internal import Glibc

/// A transformer whose input is one column of texts.
protocol TextTransformer: Transformer {}

extension TextTransformer {
    func texts(_ rows: Rows) throws -> [String] {
        guard rows.columns == 1, case .texts(let texts) = rows.column(0) else { throw EvaluationFailure("expected texts, found numbers") }
        return try texts.map {
            guard let text = $0 else { throw EvaluationFailure("np.nan is an invalid document, expected byte or unicode string.") }
            return text
        }
    }
}

/// Counts the words of a vocabulary.
struct CountVectorizer: TextTransformer {
    private let analyzer: TextAnalyzer
    private let vocabulary: [ExactText: Int]
    private let isBinary: Bool
    private let width: Int

    init(_ attributes: Attributes) throws {
        analyzer = try TextAnalyzer(attributes)
        isBinary = try attributes.flag("binary")
        guard case .dictionary(let entries) = try attributes.value("vocabulary_") else { throw attributes.uncovered("vocabulary_") }
        width = entries.count
        var vocabulary: [ExactText: Int] = [:]
        for entry in entries {
            guard let term = entry.key.string, let index = entry.value.integer, (0..<width).contains(index) else { throw attributes.uncovered("vocabulary_") }
            vocabulary[ExactText(term)] = index
        }
        self.vocabulary = vocabulary
        attributes.builder.note(width: width)
    }

    func transform(_ rows: Rows) throws -> Rows {
        let texts = try texts(rows)
        var counts = Matrix(rows: texts.count, columns: width)
        for (row, text) in texts.enumerated() {
            analyzer.forEachToken(in: text) { token in
                guard let index = vocabulary[token] else { return }
                if isBinary { counts[row, index] = 1 } else { counts[row, index] += 1 }
            }
        }
        return .matrix(counts)
    }
}

/// Weighs counts by how rare a word is.
struct TfidfTransformer: Transformer {
    private let weights: [Double]?
    private let isSublinear: Bool
    private let normalizer: NormKind?

    init(_ attributes: Attributes) throws {
        isSublinear = try attributes.flag("sublinear_tf")
        normalizer = attributes.has("norm") ? try NormKind(named: try attributes.text("norm"), of: attributes) : nil
        guard try attributes.flag("use_idf") else {
            weights = nil
            return
        }
        if attributes.has("idf_") {
            weights = try attributes.numbers("idf_")
        } else {
            // Before 1.5 the weights were the diagonal of a sparse matrix.
            guard case .object(let diagonal) = try attributes.value("_idf_diag"), let data = diagonal.attributes["data"], let numbers = Attributes.numbers(data) else {
                throw attributes.uncovered("_idf_diag")
            }
            weights = numbers
        }
    }

    func transform(_ rows: Rows) throws -> Rows {
        var matrix = try rows.finite(columns: weights?.count)
        for index in matrix.values.indices where matrix.values[index] != 0 {
            if isSublinear { matrix.values[index] = log(matrix.values[index]) + 1 }
            if let weights { matrix.values[index] *= weights[index % matrix.columns] }
        }
        return .matrix(normalizer?.apply(matrix) ?? matrix)
    }
}

struct TfidfVectorizer: TextTransformer {
    private let counts: CountVectorizer
    private let weights: TfidfTransformer

    init(_ attributes: Attributes) throws {
        counts = try CountVectorizer(attributes)
        guard let weights = try attributes.estimator("_tfidf") as? TfidfTransformer else { throw attributes.uncovered("_tfidf") }
        self.weights = weights
    }

    func transform(_ rows: Rows) throws -> Rows { try weights.transform(try counts.transform(rows)) }
}

/// Counts words by their hash.
struct HashingVectorizer: TextTransformer {
    private let analyzer: TextAnalyzer
    private let width: Int
    private let alternatesSign: Bool
    private let isBinary: Bool
    private let normalizer: NormKind?

    init(_ attributes: Attributes) throws {
        analyzer = try TextAnalyzer(attributes)
        width = try attributes.count("n_features")
        guard (1...1 << 22).contains(width) else { throw attributes.uncovered("n_features") }
        attributes.builder.note(width: width)
        alternatesSign = try attributes.flag("alternate_sign")
        isBinary = try attributes.flag("binary")
        normalizer = attributes.has("norm") ? try NormKind(named: try attributes.text("norm"), of: attributes) : nil
    }

    func transform(_ rows: Rows) throws -> Rows {
        let texts = try texts(rows)
        var counts = Matrix(rows: texts.count, columns: width)
        for (row, text) in texts.enumerated() {
            analyzer.forEachToken(in: text) { token in
                let hash = token.murmurHash
                let place = hash == .min ? (Int(Int32.max) - (width - 1)) % width : Int(abs(hash)) % width
                counts[row, place] += alternatesSign && hash < 0 ? -1 : 1
            }
        }
        if isBinary {
            for index in counts.values.indices where counts.values[index] != 0 { counts.values[index] = 1 }
        }
        return .matrix(normalizer?.apply(counts) ?? counts)
    }
}

/// The norms that rows of counts are divided by.
enum NormKind: String, Sendable {
    case l1, l2

    init(named name: String, of attributes: Attributes) throws {
        guard let kind = NormKind(rawValue: name) else { throw attributes.uncovered("norm") }
        self = kind
    }

    func apply(_ matrix: Matrix) -> Matrix {
        var result = matrix
        for row in 0..<matrix.rows {
            let values = matrix.row(row)
            let size = self == .l1 ? values.reduce(0) { $0 + abs($1) } : values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard size != 0 else { continue }
            for column in 0..<matrix.columns { result[row, column] /= size }
        }
        return result
    }
}

extension ExactText {
    /// MurmurHash3, 32 bits, seed 0: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
    var murmurHash: Int32 {
        let bytes = bytes
        func mixed(_ block: UInt32) -> UInt32 {
            let product = block &* 0xcc9e_2d51
            return (product << 15 | product >> 17) &* 0x1b87_3593
        }
        var hash: UInt32 = 0
        let whole = bytes.count / 4 * 4
        for start in stride(from: 0, to: whole, by: 4) {
            let block = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32($1 * 8) }
            hash ^= mixed(block)
            hash = (hash << 13 | hash >> 19) &* 5 &+ 0xe654_6b64
        }
        if whole < bytes.count {
            hash ^= mixed(bytes[whole...].enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << UInt32($1.offset * 8) })
        }
        hash ^= UInt32(bytes.count)
        hash = (hash ^ hash >> 16) &* 0x85eb_ca6b
        hash = (hash ^ hash >> 13) &* 0xc2b2_ae35
        return Int32(bitPattern: hash ^ hash >> 16)
    }
}

extension EstimatorBuilder {
    static let text: [String: Make] = [
        "sklearn.CountVectorizer": { try CountVectorizer($0) },
        "sklearn.TfidfTransformer": { try TfidfTransformer($0) },
        "sklearn.TfidfVectorizer": { try TfidfVectorizer($0) },
        "sklearn.HashingVectorizer": { try HashingVectorizer($0) },
    ]
}
