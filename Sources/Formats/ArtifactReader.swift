import Domain
internal import Files

/// Gives content to the reader of its format, and every other reader whose format it also is.
struct ArtifactReader {
    /// - Throws: ``ReadFault`` for content of no known format.
    func read(_ subject: ScanSubject, _ session: ScanSession) throws -> (format: ModelFormat, facts: ArtifactFacts) {
        guard let found = try readKnown(subject, session) else { throw ReadFault.malformed("content of no known model format", at: 0) }
        return found
    }

    /// - Returns: nil when the content is of no known format.
    func readKnown(_ subject: ScanSubject, _ session: ScanSession) throws -> (format: ModelFormat, facts: ArtifactFacts)? {
        let detected = try FormatDetector.detect(subject.bytes)
        guard case .content(let content) = detected else {
            if case .unsupported(let name) = detected {
                session.add(.unsupportedArchive, name, in: subject)
                return (.archive, ArtifactFacts())
            }
            return nil
        }
        if content.kind != .zip, try ZipArchive.findEnd(subject.bytes) != nil, (try? ZipArchive(subject.bytes)) != nil {
            session.add(.polyglot, "\(content.kind) that is a zip archive as well", in: subject)
            _ = try ArchiveScanner().readZip(subject, session)
        }
        return try read(content, subject, session)
    }

    private func read(_ content: FormatDetector.Content, _ subject: ScanSubject, _ session: ScanSession) throws -> (ModelFormat, ArtifactFacts) {
        switch content.kind {
        case .format(let format):
            do {
                return (format, try read(format, content.compression, subject, session))
            } catch let error as PlatformError {
                throw error
            } catch {
                session.add(error, in: subject)
                return (format, ArtifactFacts())
            }
        case .zip: return try ArchiveScanner().readZip(subject, session)
        case .sevenZip: return try ArchiveScanner().readSevenZip(subject, session)
        case .tar:
            guard let compression = content.compression else { return try ArchiveScanner().readTar(subject, session) }
            let expanded = try session.spool(try DecompressingSource(SequentialSource(subject.bytes), compression))
            return try ArchiveScanner().readTar(ScanSubject(bytes: expanded, member: subject.member, depth: subject.depth), session)
        }
    }

    private func read(_ format: ModelFormat, _ compression: Compression?, _ subject: ScanSubject, _ session: ScanSession) throws -> ArtifactFacts {
        switch format {
        case .pickle: return try PickleScanner(loader: .pickle).read(subject, session)
        case .joblib: return try PickleScanner(loader: .joblib).read(subject, session, compression: compression)
        case .xgboostJSON, .xgboostUBJ: return try XGBoostScanner().read(subject, session, format: format)
        case .lightgbmText: return try LightGBMScanner().read(subject, session)
        case .numpyArray: return try NumpyScanner().read(subject, session)
        case .safetensors: return try SafetensorsScanner().read(subject, session)
        case .onnx: return try OnnxScanner().read(subject, session)
        case .tensorflowGraph: return try TensorFlowScanner().read(subject, session, kind: .graph)
        case .savedModel: return try TensorFlowScanner().read(subject, session, kind: .savedModel)
        case .kerasH5: return try KerasH5Scanner().read(subject, session)
        case .tflite: return try TFLiteScanner().read(subject, session)
        case .torchLegacy: return try TorchScanner().readLegacy(subject, session)
        case .catboost: return try CatBoostScanner().read(subject, session)
        default: return EngineScanner().read(subject, session)
        }
    }
}
