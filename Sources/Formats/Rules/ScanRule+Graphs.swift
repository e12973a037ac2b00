import Domain

extension ScanRule {
    static let kerasLambda = ScanRule(
        "keras.lambda", .critical, "A Lambda layer holds Python bytecode that runs when the model is loaded.",
        "Write the layer as a class of Keras's own layers, or export the model to ONNX."
    )
    static let kerasCustom = ScanRule(
        "keras.custom_object", .high, "The class or function is none of Keras's own: loading would import or run code of the file's choice.",
        "Use layers of Keras, or export the model to ONNX."
    )
    static let kerasUnread = ScanRule(
        "keras.h5_unread", .critical, "The description of the model cannot be read out of the HDF5 file, so what it builds is not judged.",
        "Save the model as .keras."
    )
    static let tensorflowOperator = ScanRule(
        "tensorflow.operator", .critical, "The operator reads or writes files, starts Python or reaches the network.",
        "Export the inference graph only."
    )
    static let tensorflowUnknown = ScanRule(
        "tensorflow.operator.unknown", .high, "The operator is none of TensorFlow's own: it needs a native library of the uploader's.",
        "Export the model with standard operators."
    )
    static let torchScriptOperator = ScanRule(
        "torchscript.operator", .critical, "The code calls something that reads or writes files or runs outside the tensor library.",
        "Script or trace the model's forward method only."
    )
    static let torchScriptNamespace = ScanRule(
        "torchscript.namespace", .high, "The operator belongs to no known namespace: it needs a native library of the uploader's.",
        "Use operators of torch and torchvision."
    )
    static let onnxExternal = ScanRule(
        "onnx.external_data", .critical, "The weights lie in a file outside the model's folder: loading would read files of the host.",
        "Save the model with its weights inside, or in a file beside it."
    )
    static let onnxDomain = ScanRule(
        "onnx.domain", .high, "The operators of this domain are none of ONNX's own: they need a native library of the uploader's.",
        "Export the model with standard operators."
    )
    static let graphDepth = ScanRule(
        "graph.depth", .high, "Graphs inside graphs are followed to a depth of 24 only.", "Simplify the model's control flow."
    )
    static let graphShape = ScanRule(
        "graph.shape", .high, "The bytes of a tensor contradict its shape and datatype: a loader may read beyond them.",
        "Export the model again."
    )
    static let tfliteCustom = ScanRule(
        "tflite.custom_operator", .high, "A custom operator needs a native library of the uploader's.", "Convert the model with built-in operators only."
    )
    static let tfliteBounds = ScanRule(
        "tflite.bounds", .critical, "An offset of the file leads outside of it.", "Convert the model again."
    )

    static let graphs = [
        kerasLambda, kerasCustom, kerasUnread, tensorflowOperator, tensorflowUnknown, torchScriptOperator, torchScriptNamespace, onnxExternal,
        onnxDomain, graphDepth, graphShape, tfliteCustom, tfliteBounds,
    ]
}
