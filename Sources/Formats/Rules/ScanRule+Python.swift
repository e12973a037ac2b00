import Domain

extension ScanRule {
    static let pythonProcess = ScanRule(
        "python.process", .high, "The code starts programs or processes.", "Remove the call: a model needs none."
    )
    static let pythonDynamic = ScanRule(
        "python.dynamic", .high, "The code runs text as code, or imports names that are computed.", "Write the code out."
    )
    static let pythonNetwork = ScanRule(
        "python.network", .medium, "The code reaches for the network, which the sandbox refuses.", "Put everything that the model needs into its files."
    )
    static let pythonFile = ScanRule(
        "python.file", .medium, "The code opens files; the sandbox shows it none but its libraries.", "Put everything that the model needs into its files."
    )
    static let pythonNative = ScanRule(
        "python.native", .medium, "The code loads native libraries or reaches into memory.", "Use a package that is installed as a wheel."
    )
    static let pythonSyntax = ScanRule("python.syntax", .high, "The text is no Python: nothing in it can be judged.", "Correct the code.")

    static let python = [pythonProcess, pythonDynamic, pythonNetwork, pythonFile, pythonNative, pythonSyntax]
}
