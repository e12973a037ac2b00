import Domain

extension ScanRule {
    static let unreadable = ScanRule(
        "file.unreadable", .critical, "What cannot be read to the end cannot be judged, and is never loaded.",
        "Write the file again with the library that made the model, and check that it was not cut on the way."
    )
    static let limit = ScanRule(
        "file.limit", .critical, "The content is larger, deeper or more numerous than a scan follows; what was not read is not judged.",
        "Make the model smaller, or ask the operator."
    )
    static let trailingBytes = ScanRule(
        "file.trailing_bytes", .critical, "A second pickle or other data can hide behind the end; a model file ends where its content ends.",
        "Write the model alone into the file."
    )
    static let polyglot = ScanRule(
        "file.polyglot", .high, "The file is two formats at once: what one reader judges another one does not load.",
        "Write the file again with the library that made the model."
    )
    static let arraySize = ScanRule(
        "array.size", .high, "The bytes of an array contradict its shape and datatype: a loader may read beyond them.",
        "Write the file again with the library that made the model."
    )
    static let arrayObjects = ScanRule(
        "array.objects", .medium, "An array of objects is a pickle: loading it runs what the pickle says.",
        "Save arrays of numbers or text only."
    )
    static let safetensorsHeader = ScanRule(
        "safetensors.header", .critical, "The header contradicts itself or the data: ranges overlap, leave gaps, or keys are given twice.",
        "Write the file again with the safetensors library."
    )
    static let engine = ScanRule(
        "tensorrt.unread", .medium, "A TensorRT engine is machine code of one GPU; only its header can be read, and it is deserialised by native code.",
        "Publish the ONNX file that the engine was built from."
    )
    static let boosterShape = ScanRule(
        "booster.shape", .critical, "A tree refers to a node, feature or category that is not there: a loader may read beyond its arrays.",
        "Write the model again with the library that made it."
    )
    static let boosterTruncated = ScanRule(
        "booster.truncated", .critical, "The model is incomplete.", "Write the model again with the library that made it."
    )
    static let yamlTag = ScanRule(
        "yaml.tag", .high, "A tag makes a YAML loader construct objects of its choice.", "Write plain YAML: maps, lists, text and numbers."
    )
    static let yamlAliases = ScanRule(
        "yaml.aliases", .high, "Aliases of aliases multiply: a few lines become gigabytes.", "Write the values out."
    )
    static let requirement = ScanRule(
        "requirements.not_plain", .high, "An address, an option or another file in the requirements can bring in any code.",
        "List names and versions only: 'scikit-learn==1.5.2'."
    )

    package static let virusSignature = ScanRule(
        "antivirus.signature", .critical, "The virus scanner of the operator knows the file.", "Do not publish the file; find out where it came from."
    )

    static let general = [
        virusSignature, unreadable, limit, trailingBytes, polyglot, arraySize, arrayObjects, safetensorsHeader, engine, boosterShape, boosterTruncated,
        yamlTag, yamlAliases, requirement,
    ]
}
