import Domain
import Files
import Foundation
import Testing
import TestSupport

@testable import Formats

@Suite("Scanning model files")
struct ArtifactScannerTests {
    private func scan(_ name: String) throws -> ScannedArtifact {
        let path = Fixture.path(name)
        return try ArtifactScanner().scan(try FileBytes(path: path))
    }

    private func judge(
        _ bytes: [UInt8], loader: PickleMachine.Loader, compression: Compression? = nil, limits: ScanLimits = ScanLimits(fileSize: 1 << 20)
    ) throws -> ScannedArtifact {
        let session = ScanSession(limits: limits)
        let subject = ScanSubject(bytes: MemoryBytes(bytes))
        let facts = try PickleScanner(loader: loader).read(subject, session, compression: compression)
        return ScannedArtifact(format: .pickle, facts: facts, findings: session.findings, imports: session.imports)
    }

    @Test(
        "An honest model passes in every container and protocol, and tells what it is",
        arguments: [
            "iris.joblib", "iris-zlib.joblib", "iris-gzip.joblib", "iris-bz2.joblib", "iris-xz.joblib", "iris-lzma.joblib", "iris-lz4.joblib",
            "iris-protocol0.pkl", "iris-protocol1.pkl", "iris-protocol2.pkl", "iris-protocol3.pkl", "iris-protocol4.pkl", "iris-protocol5.pkl",
        ])
    func honest(name: String) throws {
        let artifact = try scan(name)
        #expect(artifact.findings == [])
        #expect(artifact.format == (name.hasSuffix(".pkl") ? .pickle : .joblib))
        #expect(artifact.facts.className == "sklearn.linear_model._logistic.LogisticRegression")
        #expect(artifact.facts.framework == "scikit-learn")
        #expect(artifact.facts.frameworkVersion == "1.5.2")
        #expect(artifact.facts.featureCount == 4)
        #expect(artifact.facts.classes == [0, 1, 2])
        #expect(artifact.facts.hyperparameters["max_iter"] == 500)
        #expect(artifact.facts.impliedRequirements == (name.hasSuffix(".pkl") ? ["numpy>=2"] : []), "joblib keeps numpy out of the pickle")
    }

    @Test("String labels are read out of a joblib array of fixed-width text")
    func labels() throws {
        #expect(try scan("iris-names.joblib").facts.classes == ["setosa", "versicolor", "virginica"])
    }

    @Test("A pipeline is read through its steps")
    func pipeline() throws {
        let facts = try scan("breast-cancer.pkl").facts
        #expect(facts.className == "sklearn.pipeline.Pipeline")
        #expect(facts.steps == ["sklearn.preprocessing._data.StandardScaler", "sklearn.ensemble._forest.RandomForestClassifier"])
        #expect(facts.featureCount == 30)
        #expect(facts.featureNames?.first == "mean radius")
        #expect(facts.classes == [0, 1])
        #expect(facts.hyperparameters["n_estimators"] == 3)
        #expect(facts.frameworkVersion == "1.5.2")
    }

    @Test("A column transformer over mixed columns passes", arguments: ["mixed.joblib", "ridge.joblib", "breast-cancer.pkl", "iris-xgboost.pkl"])
    func ordinaryEstimators(name: String) throws {
        #expect(try scan(name).findings == [])
    }

    @Test(
        "Every attack is found and named",
        arguments: [
            ("evil-call.pkl", "pickle.global.unlisted", "posix.getppid"),
            ("evil-second.pkl", "file.trailing_bytes", "after the end"),
            ("evil-zlib.joblib", "pickle.global.unlisted", "posix.getppid"),
            ("evil-bz2.joblib", "pickle.global.unlisted", "posix.getppid"),
            ("evil-object-array.joblib", "pickle.global.unlisted", "posix.getppid"),
            ("evil-after-array.joblib", "pickle.global.unlisted", "posix.getppid"),
            ("evil-before-error.pkl", "pickle.global.unlisted", "posix.getppid"),
            ("evil-before-error.pkl", "file.unreadable", "0xff"),
            ("evil-computed.pkl", "pickle.global.computed", "computed"),
            ("evil-getattr.pkl", "pickle.global.unlisted", "builtins.getattr"),
            ("evil-dotted.pkl", "pickle.global.unlisted", "mypkg.os.system"),
            ("evil-inst.pkl", "pickle.global.unlisted", "os.system"),
            ("evil-escaped.pkl", "pickle.global.unlisted", "os.system"),
            ("evil-ext.pkl", "pickle.extension", "1"),
            ("evil-persid.pkl", "pickle.persistent_id", "persistent"),
            ("truncated.pkl", "file.unreadable", "ends in the middle"),
        ])
    func attacks(name: String, rule: String, found: String) throws {
        let artifact = try scan(name)
        #expect(artifact.verdict == .failed)
        let finding = artifact.findings.first { $0.rule == rule }
        #expect(finding?.severity == .critical)
        #expect(finding?.found.contains(found) == true)
        #expect(finding?.offset != nil)
    }

    @Test(
        "Tricks with joblib's arrays, each of which really runs its call in joblib or pickle, never pass",
        arguments: [
            "evil-array-twice.joblib", "evil-array-flags.joblib", "evil-array-size.joblib", "evil-array-frame.joblib", "evil-array-copyreg.joblib",
            "evil-array-hidden.pkl",
        ])
    func arrayTricks(name: String) throws {
        #expect(try scan(name).verdict == .failed)
    }

    @Test("The uploader's own package is a warning, not a failure")
    func unknownPackage() throws {
        let artifact = try scan("unknown-package.pkl")
        #expect(artifact.verdict == .warning)
        #expect(artifact.findings.map(\.found) == ["mypkg.Model"])
    }

    @Test("Boosting files are told by content")
    func boosting() throws {
        let json = try scan("iris-xgboost.json")
        #expect(json.format == .xgboostJSON && json.facts.frameworkVersion == "2.0.3" && json.findings.isEmpty)
        let ubj = try scan("iris-xgboost.ubj")
        #expect(ubj.format == .xgboostUBJ && ubj.facts.frameworkVersion == "2.0.3" && ubj.findings.isEmpty)
        let light = try scan("iris-lightgbm.txt")
        #expect(light.format == .lightgbmText && light.facts.featureCount == 4 && light.findings.isEmpty)
    }

    @Test("What is no model is refused with the formats that are", arguments: ["empty.pkl", "truth.json"])
    func refused(name: String) throws {
        let error = #expect(throws: PlatformError.self) { try scan(name) }
        #expect(error?.code == .unsupportedFormat)
        #expect(error?.details?["supported_formats"] != nil)
    }

    @Test("A file cut anywhere is never clean", arguments: ["iris.joblib", "iris-xz.joblib", "breast-cancer.pkl"])
    func cut(name: String) throws {
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixture.path(name))))
        for length in stride(from: 1, to: whole.count - 1, by: 37) {
            let prefix = Array(whole.prefix(length))
            let found = try judge(prefix, loader: .joblib, compression: Compression(magic: prefix))
            #expect(found.verdict == .failed, "\(name) cut at \(length)")
        }
    }

    @Test("Flipped bytes never crash the scanner")
    func flipped() throws {
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Fixture.path("iris.joblib"))))
        var generator = SplitMix(seed: 42)
        for _ in 0..<2000 {
            var bytes = whole
            for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator) }
            _ = try judge(bytes, loader: .joblib)
        }
    }

    @Test("Content beyond the limit is refused while it is read")
    func bomb() throws {
        let pickle: [UInt8] = [0x80, 0x04, 0x8e] + (0..<8).map { UInt8(truncatingIfNeeded: (1 << 27) >> ($0 * 8)) }
        var limits = ScanLimits(fileSize: 1)
        limits.maximumExpandedBytes = 1 << 16
        let artifact = try judge(pickle + [UInt8](repeating: 0, count: 1 << 20), loader: .pickle, limits: limits)
        #expect(artifact.findings.contains { $0.rule == "file.limit" && $0.found.contains("more than 65536") })
    }

    @Test("Steps that refer to themselves a thousandfold end at once", .timeLimit(.minutes(1)))
    func circularSteps() throws {
        // An estimator whose 'steps' are 500 pairs that all hold the estimator itself.
        let pair = Array("(K\u{1}h\u{0}t".utf8)
        var pickle: [UInt8] =
            [0x80, 0x04] + Array("csklearn.pipeline\nPipeline\n)".utf8) + [0x81, 0x71, 0x00] + Array("}(X".utf8) + [5, 0, 0, 0] + Array("steps](".utf8)
        for _ in 0..<500 { pickle += pair }
        pickle += Array("eub.".utf8)
        let artifact = try judge(pickle, loader: .pickle)
        #expect(artifact.findings == [])
        #expect(artifact.facts.className == "sklearn.pipeline.Pipeline" && artifact.facts.steps.count == 500)
    }

    @Test("Sizes beyond all bounds are refused, not computed", arguments: ["U9223372036854775807", "f8,f8", "S-1", "8f", "l", "float64", "V99999999999"])
    func sizes(type: String) throws {
        let text = "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\u{81}}(Vshape\n(I9223372036854775807\ntVdtype\ncnumpy\ndtype\n(V\(type)\ntRub."
        let pickle = [0x80, 0x04] + text.unicodeScalars.map { UInt8($0.value) }
        #expect(try judge(pickle, loader: .joblib).verdict == .failed)
    }

    @Test("A million nested lists cost no call stack")
    func deep() throws {
        let pickle = [0x80, 0x04] + [UInt8](repeating: 0x5d, count: 1_000_000) + [UInt8](repeating: 0x61, count: 999_999) + [0x2e]
        let artifact = try judge(pickle, loader: .joblib)
        #expect(artifact.findings == [])
    }
}
