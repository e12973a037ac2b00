package import Domain
internal import JSON

/// What is the same in all answers of a deployment, written once.
package struct AnswerParts: Sendable {
    /// `,"classes":[…]`, or nothing.
    let classes: [UInt8]
    /// Model, version and runtime.
    let source: [UInt8]

    package init(_ deployment: Deployment) {
        classes = deployment.signature.classes.isEmpty ? [] : Self.classes(deployment.signature.classes)
        var writer = JSONWriter()
        writer.raw(",\"model_id\":")
        writer.string(deployment.modelID.rawValue)
        writer.raw(",\"version\":")
        writer.string(deployment.version.description)
        writer.raw(",\"runtime\":")
        writer.string(deployment.runtime.rawValue)
        source = writer.bytes
    }

    private static func classes(_ labels: [JSONValue]) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw(",\"classes\":")
        writer.array(labels) { writer, value in
            switch value {
            case .string(let text): writer.string(text)
            case .int(let number): writer.number(number)
            case .double(let number): writer.number(number)
            case .bool(let flag): writer.raw(flag ? "true" : "false")
            default: writer.raw("null")
            }
        }
        return writer.bytes
    }
}
