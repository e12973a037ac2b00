import Domain
internal import Files

/// TensorRT engines, of which only the header is read: the rest is machine code.
struct EngineScanner {
    static let magics = [Array("ftrt".utf8), Array("ptrt".utf8)]

    func read(_ subject: ScanSubject, _ session: ScanSession) -> ArtifactFacts {
        var facts = ArtifactFacts()
        facts.framework = "tensorrt"
        session.add(.engine, "a TensorRT engine", in: subject)
        return facts
    }
}
