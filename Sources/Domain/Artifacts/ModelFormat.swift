/// How the bytes of a model file are laid out; decided by content, never by name.
package enum ModelFormat: String, Sendable, Codable, CaseIterable {
    case pickle
    case joblib
    case xgboostJSON = "xgboost_json"
    case xgboostUBJ = "xgboost_ubj"
    case lightgbmText = "lightgbm_text"
    case catboost
    case numpyArray = "npy"
    case numpyArchive = "npz"
    case onnx
    case torchZip = "torch_zip"
    case torchLegacy = "torch_legacy"
    case torchScript = "torchscript"
    case torchExport = "torch_export"
    case kerasH5 = "keras_h5"
    case kerasArchive = "keras"
    case tensorflowGraph = "tensorflow_graph"
    case savedModel = "saved_model"
    case tflite
    case tensorRT = "tensorrt"
    case safetensors
    case skops
    case mlflow
    case archive

    /// The extension a stored file gets.
    package var fileExtension: String {
        switch self {
        case .pickle: "pkl"
        case .joblib, .onnx, .safetensors, .tflite, .skops: rawValue
        case .xgboostJSON: "json"
        case .xgboostUBJ: "ubj"
        case .lightgbmText: "txt"
        case .catboost: "cbm"
        case .numpyArray, .numpyArchive: rawValue
        case .torchZip, .torchLegacy, .torchScript: "pt"
        case .torchExport: "pt2"
        case .kerasH5: "h5"
        case .kerasArchive: "keras"
        case .tensorflowGraph: "pb"
        case .tensorRT: "engine"
        case .savedModel, .mlflow, .archive: "archive"
        }
    }

    /// Whether loading the file can run code that the file brings along.
    package var isExecutable: Bool {
        switch self {
        case .pickle, .joblib, .torchZip, .torchLegacy, .torchScript, .torchExport, .kerasH5, .kerasArchive, .mlflow, .archive, .skops: true
        default: false
        }
    }

    /// Whether there is a runtime here that can answer predictions with it; every format is read and judged.
    package var isServed: Bool {
        switch self {
        case .pickle, .joblib, .xgboostJSON, .xgboostUBJ, .lightgbmText, .skops, .catboost, .onnx, .torchZip, .torchLegacy, .torchScript, .torchExport, .kerasArchive,
            .kerasH5,
            .savedModel:
            true
        default: false
        }
    }

    /// Networks that can be converted to ONNX.
    package var isNetwork: Bool {
        switch self {
        case .torchZip, .torchLegacy, .torchScript, .torchExport, .kerasArchive, .kerasH5, .savedModel: true
        default: false
        }
    }

    /// The declared types that a file of this format may have.
    package var modelTypes: Set<ModelType> {
        switch self {
        case .pickle, .joblib: [.sklearn, .xgboost, .lightgbm, .custom]
        case .xgboostJSON, .xgboostUBJ: [.xgboost, .custom]
        case .lightgbmText: [.lightgbm, .custom]
        case .onnx: [.onnx, .custom]
        case .torchZip, .torchLegacy, .torchScript, .torchExport: [.pytorch, .custom]
        case .kerasH5, .kerasArchive, .tensorflowGraph, .savedModel, .tflite: [.tensorflow, .custom]
        case .skops: [.sklearn, .custom]
        case .safetensors: [.pytorch, .tensorflow, .custom]
        case .mlflow, .archive: Set(ModelType.allCases)
        case .catboost, .numpyArray, .numpyArchive, .tensorRT: [.custom]
        }
    }

    /// File name extensions of what can be uploaded, for messages.
    package static let supportedExtensions = [
        ".pkl", ".pickle", ".joblib", ".json (XGBoost)", ".ubj (XGBoost)", ".txt (LightGBM)", ".cbm", ".npy", ".npz", ".onnx", ".pt", ".pth",
        ".pt2", ".h5", ".keras", ".pb", ".tflite", ".engine", ".safetensors", ".skops", ".zip", ".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".7z",
    ]
}
