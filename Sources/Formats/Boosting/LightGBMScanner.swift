import Domain

/// Reads the header of a LightGBM text model; the format holds data only.
///
/// Source: `GBDT::SaveModelToString`, https://github.com/microsoft/LightGBM/blob/master/src/boosting/gbdt_model_text.cpp
struct LightGBMScanner {
    func scan(path: String) throws -> ScannedArtifact {
        var facts = ArtifactFacts()
        facts.framework = "lightgbm"
        facts.packages = ["lightgbm"]
        let reader = ByteReader(try FileSource(path: path), limit: .max)
        var findings: [Finding] = []
        do {
            for _ in 0..<64 {
                let line = String(decoding: try reader.line(atMost: 16 << 20), as: UTF8.self)
                if line.hasPrefix("Tree=") { break }
                read(line, into: &facts)
            }
        } catch {
            findings.append(
                Finding(.critical, "lightgbm.truncated", found: "a header that ends before the first tree", reason: "The model is incomplete.")
            )
        }
        return ScannedArtifact(format: .lightgbmText, facts: facts, findings: findings)
    }

    private func read(_ line: String, into facts: inout ArtifactFacts) {
        guard let equals = line.firstIndex(of: "=") else { return }
        let value = String(line[line.index(after: equals)...])
        switch line[..<equals] {
        case "max_feature_idx": facts.featureCount = Int(value).flatMap { (0..<Int(Int32.max)).contains($0) ? $0 + 1 : nil }
        case "feature_names": facts.featureNames = value.split(separator: " ").map(String.init)
        case "objective", "num_class", "version": facts.hyperparameters[String(line[..<equals])] = .string(value)
        default: break
        }
    }
}
