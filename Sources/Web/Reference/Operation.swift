internal import Domain

/// One operation of the API as its reference describes it.
struct Operation {
    /// What a request carries.
    enum Body {
        case none
        /// JSON of a named schema.
        case json(String)
        /// A form of a named schema.
        case form(String)
        /// Any bytes.
        case bytes
    }

    let method: String
    let path: String
    let tag: String
    let summary: String
    var query: [(name: String, description: String)] = []
    /// Of parameters that are like this here, and otherwise elsewhere.
    var queryLikeness: [String: JSONValue] = [:]
    var body = Body.none
    var status = 200
    /// Named schema of the answer, or a media type when it is not JSON.
    var answer = "Success"
    var mediaType = "application/json"
    /// Statuses of the errors that are particular to the operation.
    var errors: [Int] = []
    /// What it may answer instead: descriptions and schemas by status.
    var others: [Int: (description: String, schema: String)] = [:]
    /// Whether anybody may call it.
    var isOpen = false

    init(_ method: String, _ path: String, _ tag: String, _ summary: String) {
        self.method = method
        self.path = path
        self.tag = tag
        self.summary = summary
    }

    func takes(_ body: Body) -> Operation { changed { $0.body = body } }
    func asks(_ query: (String, String)...) -> Operation { asks(query) }
    func asks(_ query: [(String, String)]) -> Operation { changed { $0.query = query } }
    func like(_ name: String, _ schema: JSONValue) -> Operation { changed { $0.queryLikeness[name] = schema } }
    func answers(_ status: Int = 200, _ schema: String) -> Operation {
        changed {
            $0.status = status
            $0.answer = schema
        }
    }
    func orAnswers(_ status: Int, _ description: String, _ schema: String) -> Operation { changed { $0.others[status] = (description, schema) } }
    var queueing: Operation { orAnswers(202, "The prediction is queued; its result will stand in the task", "QueuedPrediction") }
    var waiting: Operation { orAnswers(202, "It waits for a second person's approval", answer) }
    func gives(_ mediaType: String) -> Operation { changed { $0.mediaType = mediaType } }
    func fails(_ errors: Int...) -> Operation { changed { $0.errors = errors } }
    var open: Operation { changed { $0.isOpen = true } }

    private func changed(_ change: (inout Operation) -> Void) -> Operation {
        var copy = self
        change(&copy)
        return copy
    }

    /// The operation object of OpenAPI 3.1.
    var document: JSONValue {
        var object: [String: JSONValue] = [
            "summary": .string(summary), "tags": [.string(tag)], "operationId": .string(identifier), "responses": .object(responses),
        ]
        if isOpen { object["security"] = [] }
        let parameters =
            pathParameters + query.map { Self.parameter($0.name, "query", $0.description, required: false, queryLikeness[$0.name] ?? QueryParameters.schema($0.name)) }
        if !parameters.isEmpty { object["parameters"] = .array(parameters) }
        switch body {
        case .none: break
        case .json(let schema): object["requestBody"] = Self.content("application/json", schema)
        case .bytes:
            object["requestBody"] = .object([
                "required": true,
                "content": .object(["application/octet-stream": .object(["schema": .object(["type": "string", "contentMediaType": "application/octet-stream"])])]),
            ])
        case .form(let schema): object["requestBody"] = Self.content("multipart/form-data", schema)
        }
        return .object(object)
    }

    private var identifier: String {
        let words = path.split { "/-{}_.".contains($0) }.filter { $0 != "api" && $0 != "v1" }
        return method.lowercased() + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private var pathParameters: [JSONValue] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            let name = String(part.dropFirst().dropLast())
            return Self.parameter(name, "path", "", required: true, QueryParameters.path(name))
        }
    }

    private static func parameter(
        _ name: String, _ place: String, _ description: String, required: Bool, _ schema: JSONValue = .object(["type": "string"])
    ) -> JSONValue {
        var parameter: [String: JSONValue] = [
            "name": .string(name), "in": .string(place), "required": .bool(required), "description": .string(description), "schema": schema,
        ]
        // A form sends the fields that nobody filled in; they are taken as left out.
        if place == "query" { parameter["allowEmptyValue"] = true }
        return .object(parameter)
    }

    private static func content(_ mediaType: String, _ schema: String) -> JSONValue {
        .object(["required": true, "content": .object([mediaType: .object(["schema": reference(schema)])])])
    }

    private static func reference(_ schema: String) -> JSONValue { .object(["$ref": .string("#/components/schemas/\(schema)")]) }

    private static func response(_ description: String, _ schema: String) -> JSONValue {
        .object(["description": .string(description), "content": .object(["application/json": .object(["schema": reference(schema)])])])
    }

    private var responses: [String: JSONValue] {
        var success: [String: JSONValue] = ["description": .string(summary)]
        if method != "HEAD" {
            let schema: JSONValue = mediaType == "application/json" ? Self.reference(answer) : .object(["type": "string"])
            success["content"] = .object([mediaType: .object(["schema": schema])])
        }
        var all = ["\(status)": JSONValue.object(success)]
        for (status, other) in others { all["\(status)"] = Self.response(other.description, other.schema) }
        for code in Set(errors + (isOpen ? [] : [401]) + (query.isEmpty ? [] : [400]) + [500]) {
            all["\(code)"] = .object(["$ref": "#/components/responses/Error"])
        }
        return all
    }
}
