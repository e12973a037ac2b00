import Domain
internal import Files

/// Reads Keras models in HDF5: the attributes that Keras builds the model from. https://keras.io/api/models/model_saving_apis/
struct KerasH5Scanner {
    func read(_ subject: ScanSubject, _ session: ScanSession) throws -> ArtifactFacts {
        var facts = ArtifactFacts()
        let attributes: HDF5Attributes
        do {
            attributes = try HDF5Attributes(subject.bytes)
        } catch {
            facts.framework = "keras"
            session.add(.kerasUnread, Self.words(error), in: subject)
            return facts
        }
        for name in ["training_config", "model_config"] {
            guard let text = attributes.texts[name] else { continue }
            do {
                let found = KerasConfig(session: session, subject: subject).judge(try JSONDocument.read(Array(text.prefix { $0 != 0 })))
                if name == "model_config" { facts = found }
            } catch {
                session.add(.kerasUnread, "'\(name)': \(Self.words(error))", in: subject)
            }
        }
        facts.framework = "keras"
        facts.frameworkVersion = attributes.texts["keras_version"].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return facts
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case ReadFault.malformed(let what, _), ReadFault.limit(let what, _): what
        default: "the content ends in the middle"
        }
    }
}
