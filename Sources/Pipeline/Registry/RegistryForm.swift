internal import Domain
internal import Foundation

/// The upload form of the registry, in the words of the hosting form.
///
/// There `model_type` is the framework and decides who may read the file; here it may also be the task (`detection`), which becomes the category.
enum RegistryForm {
    /// Parts of the form that the other one calls otherwise.
    static let partNames = ["model_file": "file", "requirements_file": "requirements", "modelName": "name", "archive": "file", "bundle": "file"]

    private static let types: [(names: Set<String>, type: ModelType)] = [
        (["pytorch", "torch"], .pytorch), (["tensorflow", "keras", "tflite"], .tensorflow), (["sklearn", "scikit-learn", "scikit_learn"], .sklearn),
        (["xgboost"], .xgboost), (["lightgbm"], .lightgbm), (["onnx"], .onnx),
    ]
    private static let endings: [String: ModelType] = [
        ".pt": .pytorch, ".pth": .pytorch, ".pt2": .pytorch, ".onnx": .onnx, ".pb": .tensorflow, ".tflite": .tensorflow, ".h5": .tensorflow, ".keras": .tensorflow,
        ".pkl": .sklearn, ".pickle": .sklearn, ".joblib": .sklearn, ".skops": .sklearn,
    ]

    /// Looks at a form before its file is put together.
    /// - Throws: as the upload itself would.
    static func check(_ fields: [String: String], fileName: String) throws {
        _ = try ending(of: fileName)
        if let version = fields["version"], !version.isEmpty, SemanticVersion(version) == nil {
            throw PlatformError.field("/version", "expected a semantic version such as 1.2.3, found '\(version.prefix(40))'")
        }
    }

    /// - Throws: `schemaViolation`, `unsupportedFormat` for a file whose name ends otherwise than those that are read here.
    static func hosting(_ upload: ReceivedUpload) throws -> ReceivedUpload {
        var upload = upload
        guard let file = upload.files["file"] else { throw PlatformError.field("/model_file", "required") }
        let ending = try ending(of: file.originalName)
        let declared = upload.fields["model_type"]?.lowercased() ?? ""
        let framework = upload.fields["framework"]?.lowercased() ?? ""
        if ModelType(rawValue: declared) == nil {
            if !declared.isEmpty { upload.fields["category"] = upload.fields["category"] ?? declared }
            let type = types.first { $0.names.contains(framework) }?.type ?? (framework.isEmpty ? endings[ending] : nil)
            upload.fields["model_type"] = (type ?? .custom).rawValue
        }
        return upload
    }

    private static func ending(of name: String) throws -> String {
        let lower = name.lowercased()
        let allowed = ModelFormat.supportedExtensions.map { String($0.prefix { $0 != " " }) }
        guard let ending = allowed.filter({ lower.hasSuffix($0) }).max(by: { $0.count < $1.count }) else {
            throw PlatformError(
                .unsupportedFormat, "Expected a model file with the ending of a supported format, found '\(name.suffix(40))'.",
                details: .object(["supported_formats": .strings(ModelFormat.supportedExtensions)]))
        }
        return ending
    }
}
