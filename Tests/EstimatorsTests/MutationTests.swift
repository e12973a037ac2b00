import Foundation
import Testing

@testable import Estimators
@testable import Formats

@Suite("Broken models")
struct MutationTests {
    /// Rounds over all models; more are run by hand.
    private static let rounds = ProcessInfo.processInfo.environment["MARTLET_MUTATIONS"].flatMap { Int($0) } ?? 3

    @Test("A model whose attributes were changed is refused or evaluated, and never ends the process")
    func mutated() throws {
        guard let version = truthVersions.dropLast().last else { return }
        let folder = URL(fileURLWithPath: truthFolder).appendingPathComponent(version)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).filter { $0.pathExtension == "json" }
        var built = 0
        for (index, file) in files.sorted(by: { $0.path < $1.path }).enumerated() {
            let truth = try TruthCase(file)
            let root = try truth.root()
            let rows = truth.rows.rows(0..<3)
            for round in 0..<Self.rounds {
                if ProcessInfo.processInfo.environment["MARTLET_MUTATIONS"] != nil { FileHandle.standardError.write(Data("\(file.lastPathComponent) \(round)\n".utf8)) }
                var mutation = Mutation(seed: UInt64(index * 10_000 + round))
                guard let estimator = try? EstimatorBuilder().build(mutation.mutated(root)) else { continue }
                built += 1
                _ = try? (estimator as? any Classifier)?.answer(rows)
                _ = try? (estimator as? any Classifier)?.decision(rows)
                _ = try? (estimator as? any Regressor)?.values(rows)
                _ = try? (estimator as? any OutlierDetector)?.predict(rows)
                _ = try? (estimator as? any MultiLabelClassifier)?.labels(rows)
                _ = try? (estimator as? any Clusterer)?.clusters(rows)
                _ = try? (estimator as? any Transformer)?.transform(rows)
            }
        }
        #expect(built > 0)
    }
}

/// Changes one value somewhere in a model.
private struct Mutation {
    private var generator: XorShift

    init(seed: UInt64) {
        generator = XorShift(state: seed &* 0x9e37_79b9_7f4a_7c15 | 1)
    }

    /// Goes down a random way and changes what it meets there.
    mutating func mutated(_ value: FittedValue, depth: Int = 0) -> FittedValue {
        if depth > 0, Int.random(in: 0..<6, using: &generator) == 0 { return changed(value) }
        switch value {
        case .object(let object):
            guard let key = object.attributes.keys.sorted().randomElement(using: &generator), let inner = object.attributes[key] else { return changed(value) }
            var attributes = object.attributes
            attributes[key] = mutated(inner, depth: depth + 1)
            return .object(FittedObject(className: object.className, arguments: object.arguments, attributes: attributes, state: object.state))
        case .list(var items):
            guard let index = items.indices.randomElement(using: &generator) else { return changed(value) }
            items[index] = mutated(items[index], depth: depth + 1)
            return .list(items)
        case .dictionary(var entries):
            guard let index = entries.indices.randomElement(using: &generator) else { return changed(value) }
            entries[index] = .init(key: entries[index].key, value: mutated(entries[index].value, depth: depth + 1))
            return .dictionary(entries)
        default: return changed(value)
        }
    }

    private mutating func changed(_ value: FittedValue) -> FittedValue {
        let odd: [FittedValue] = [
            .none, .int(-1), .int(0), .int(1 << 40), .int(.max), .int(.min), .float(.nan), .float(1e300), .string("x"), .list([]), .numbers([]), .numbers([1, 2]),
            .bool(true), .dictionary([]),
        ]
        switch value {
        case .array(let array) where Bool.random(using: &generator): return .array(changed(array) ?? array)
        case .numbers(var numbers) where Bool.random(using: &generator):
            if let index = numbers.indices.randomElement(using: &generator) { numbers[index] = [-1, 1e18, .nan, 3, 8_589_934_592].randomElement(using: &generator) ?? 0 }
            return .numbers(Bool.random(using: &generator) ? numbers : numbers.dropLast())
        case .list(let items) where Bool.random(using: &generator): return .list(Bool.random(using: &generator) ? Array(items.dropLast()) : items + items)
        default: return odd.randomElement(using: &generator) ?? .none
        }
    }

    /// Other bytes, another shape, or one element less.
    private mutating func changed(_ array: FittedArray) -> FittedArray? {
        if array.element.kind == "O" {
            return FittedArray(objects: Array(array.objects.dropLast()), shape: [max(0, array.count - 1)], isFortranOrdered: false)
        }
        var bytes = array.bytes
        var shape = array.shape
        switch Int.random(in: 0..<3, using: &generator) {
        case 0:
            guard let index = bytes.indices.randomElement(using: &generator) else { return nil }
            bytes[index] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &generator) ?? 0
        case 1:
            guard let extent = shape.first, extent > 0 else { return nil }
            shape[0] -= 1
            bytes.removeLast(bytes.count / extent)
        default: shape = [array.count]
        }
        return FittedArray(element: array.element, shape: shape, isFortranOrdered: false, bytes: bytes)
    }
}

/// Marsaglia, "Xorshift RNGs", 2003.
private struct XorShift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
