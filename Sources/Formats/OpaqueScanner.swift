import Domain

/// Formats of which only the frame is read here: CatBoost, TensorRT engines.
struct OpaqueScanner {
    static let catboostMagic = Array("CBM1".utf8)
    static let hdf5Magic: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
    static let engineMagics = [Array("ftrt".utf8), Array("ptrt".utf8)]

    func read(_ subject: ScanSubject, _ session: ScanSession, format: ModelFormat) throws -> ArtifactFacts {
        var facts = ArtifactFacts()
        switch format {
        case .catboost: try readCatboost(subject, session, &facts)
        default:
            facts.framework = "tensorrt"
            session.add(.engine, "a TensorRT engine", in: subject)
        }
        return facts
    }

    /// `CBM1`, the length of a flatbuffer in 4 bytes, the flatbuffer, then the parts it names.
    /// https://github.com/catboost/catboost/blob/master/catboost/libs/model/model.cpp
    private func readCatboost(_ subject: ScanSubject, _ session: ScanSession, _ facts: inout ArtifactFacts) throws {
        facts.framework = "catboost"
        var fields = LittleEndianFields(try subject.bytes.exactly(8, at: 0))
        fields.skip(4)
        _ = try subject.bytes.slice(at: 8, length: Int64(fields.next(4)))
        session.add(.catboostUnread, "a CatBoost model", in: subject)
    }
}
