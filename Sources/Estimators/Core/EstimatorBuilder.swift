import Formats

/// Builds estimators from what a file holds: one entry for each class that is evaluated exactly.
struct EstimatorBuilder {
    typealias Make = @Sendable (Attributes) throws -> any FittedEstimator

    /// What building finds out beside the estimators themselves.
    final class Notes {
        /// Columns of the widest rows between two steps.
        var widest = 1
        /// Whether the answer to a row depends on the rows beside it.
        var hasDependentRows = false
    }

    private static let maximumDepth = 40
    private var depth = 0
    private let notes: Notes

    init(_ notes: Notes = Notes()) {
        self.notes = notes
    }

    /// Tells how many columns an estimator makes.
    func note(width: Int) { notes.widest = max(notes.widest, width) }

    /// Tells that an estimator looks at all rows of a call together.
    func noteDependentRows() { notes.hasDependentRows = true }

    /// Builds what `value` holds.
    /// - Throws: ``Uncovered`` with the name of the class or option that is not evaluated.
    func build(_ value: FittedValue, within version: LibraryVersion? = nil) throws -> any FittedEstimator {
        if case .string("passthrough") = value { return Passthrough() }
        guard case .object(let object) = value else { throw Uncovered("something that is no estimator") }
        guard depth < Self.maximumDepth else { throw Uncovered("estimators nested deeper than \(Self.maximumDepth)") }
        let package = object.className.prefix { $0 != "." }
        let key = "\(package).\(object.typeName)"
        guard let make = Self.classes[key] else { throw Uncovered(key) }
        let stated = object.attributes["_sklearn_version"]?.string.flatMap { LibraryVersion($0) }
        guard let version = stated ?? version ?? Self.versionless[String(package)] else { throw Uncovered("\(key) of an unknown version") }
        var inner = self
        inner.depth += 1
        return try make(Attributes(object: object, version: version, builder: inner))
    }

    /// Packages whose estimators do not tell their version; what differs is told by their attributes.
    private static let versionless = ["xgboost": LibraryVersion(0, 0), "lightgbm": LibraryVersion(0, 0), "imblearn": LibraryVersion(0, 0)]

    private static let classes: [String: Make] = [linear, leastSquares, trees, boosting, bayes, neighbors, kernels, networks, clusters, preprocessing, text, composition]
        .reduce(into: [:]) { $0.merge($1) { first, _ in first } }
}

/// A step that leaves the rows as they are.
struct Passthrough: Transformer {
    func transform(_ rows: Rows) throws -> Rows { rows }
}
