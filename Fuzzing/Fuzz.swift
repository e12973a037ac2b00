import Formats

/// What libFuzzer calls with every input: the whole scan, which chooses the reader by content. Texts have no magic: a first byte of 0 to 2
/// chooses Python, YAML or requirements. https://llvm.org/docs/LibFuzzer.html
private let scanInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt = { start, count in
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    if let first = bytes.first, Int(first) < TextKind.allCases.count {
        _ = ArtifactScanner().scan(text: TextKind.allCases[Int(first)], Array(bytes.dropFirst()))
    } else {
        _ = try? ArtifactScanner().scan(bytes)
    }
    return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ argc: UnsafeMutablePointer<CInt>, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The name under which the package manager links the entry of an executable.
@_cdecl("Fuzz_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
    var (argc, argv) = unsafe (argc, argv)
    return unsafe runDriver(&argc, &argv, scanInput)
}
