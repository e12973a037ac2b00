import Domain
internal import Files

/// Reads the models of XGBoost and LightGBM as values, from their own files and from inside pickles.
enum FittedBooster {
    /// A booster with the attribute `model`.
    static func read(_ file: any RandomAccess, _ format: ModelFormat) throws -> FittedValue {
        do {
            switch format {
            case .xgboostUBJ: return booster("xgboost.core.Booster", value(try BoosterUBJReader.read(file)))
            case .xgboostJSON: return booster("xgboost.core.Booster", value(try BoosterJSONReader.read(try file.exactly(Int(file.count), at: 0))))
            default: return booster("lightgbm.basic.Booster", try LightGBMText.read(file))
            }
        } catch is ReadFault {
            throw FittedModelReader.Unreadable(reason: "the model cannot be read to its end")
        }
    }

    /// What a pickled booster holds in its handle: the bytes of XGBoost (configuration and model), or the text of LightGBM.
    /// - Returns: nil for another class.
    static func pickled(_ className: String, state: FittedValue?) throws -> FittedValue? {
        guard ["xgboost.core.Booster", "lightgbm.basic.Booster"].contains(className), case .dictionary(let entries)? = state else { return nil }
        var attributes: [String: FittedValue] = [:]
        for entry in entries {
            if let key = entry.key.string { attributes[key] = entry.value }
        }
        do {
            switch attributes["handle"] ?? attributes["_handle"] {
            case .bytes(let bytes)?:
                guard let model = try BoosterUBJReader.read(MemoryBytes(bytes))["Model"] else { throw FittedModelReader.Unreadable(reason: "a booster without a model") }
                attributes["model"] = value(model)
            case .string(let text)?: attributes["model"] = try LightGBMText.read(MemoryBytes(Array(text.utf8)))
            default: throw FittedModelReader.Unreadable(reason: "a booster without a model")
            }
        } catch is ReadFault {
            throw FittedModelReader.Unreadable(reason: "a booster of an older layout")
        }
        return .object(FittedObject(className: className, arguments: [], attributes: attributes))
    }

    private static func booster(_ className: String, _ model: FittedValue) -> FittedValue {
        .object(FittedObject(className: className, arguments: [], attributes: ["model": model]))
    }

    private static func value(_ value: BoosterValue) -> FittedValue {
        switch value {
        case .object(let members): .dictionary(members.map { FittedValue.Entry(key: .string($0.key), value: self.value($0.value)) })
        case .array(let items): .list(items.map(self.value))
        case .numbers(let numbers): .numbers(numbers)
        case .number(let number): .float(number)
        case .string(let text): .string(text)
        case .bool(let flag): .bool(flag)
        case .null: .none
        }
    }
}
