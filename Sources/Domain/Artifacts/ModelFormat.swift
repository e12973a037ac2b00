/// How the bytes of a model file are laid out; decided by content, never by name.
package enum ModelFormat: String, Sendable, CaseIterable {
    case pickle
    case joblib
    case xgboostJSON = "xgboost_json"
    case xgboostUBJ = "xgboost_ubj"
    case lightgbmText = "lightgbm_text"

    /// The extension a stored file gets.
    package var fileExtension: String {
        switch self {
        case .pickle: "pkl"
        case .joblib: "joblib"
        case .xgboostJSON: "json"
        case .xgboostUBJ: "ubj"
        case .lightgbmText: "txt"
        }
    }

    /// Whether loading the file can run code that the file brings along.
    package var isExecutable: Bool { self == .pickle || self == .joblib }

    /// The declared types that a file of this format may have.
    package var modelTypes: Set<ModelType> {
        switch self {
        case .pickle, .joblib: [.sklearn, .xgboost, .lightgbm, .custom]
        case .xgboostJSON, .xgboostUBJ: [.xgboost, .custom]
        case .lightgbmText: [.lightgbm, .custom]
        }
    }

    /// File name extensions of what can be uploaded, for messages.
    package static let supportedExtensions = [".pkl", ".pickle", ".joblib", ".json (XGBoost)", ".ubj (XGBoost)", ".txt (LightGBM)"]
}
