internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// `GET /api/v1/docs`: every operation of the API for people, made from the same list as its OpenAPI document. No script.
enum ReferencePage {
    static var response: Response {
        let headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "public, max-age=300",
            .contentSecurityPolicy: "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ]
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    private static let html = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>API · Martlet</title>
        <link rel="stylesheet" href="/assets/docs.css">
        </head>
        <body>
        <header><h1>API</h1><p>Send an API key or an access token: <code>Authorization: Bearer …</code>. For programs:
        <a href="/api/v1/openapi.json">the OpenAPI document</a>. Each model has a page of its own: <code>/api/v1/ml-models/{model_id}/docs/ui</code>.</p></header>
        <main>
        \(sections)
        </main>
        </body>
        </html>
        """

    private static var sections: String {
        var tags: [String] = []
        for operation in APIReference.operations where !tags.contains(operation.tag) { tags.append(operation.tag) }
        return tags.map { tag in
            let rows = APIReference.operations.filter { $0.tag == tag }.map(row).joined(separator: "\n")
            return """
                <section><h2>\(escaped(tag))</h2>
                <table><thead><tr><th scope="col">Method</th><th scope="col">Path</th><th scope="col">What it does</th></tr></thead><tbody>
                \(rows)
                </tbody></table></section>
                """
        }.joined(separator: "\n")
    }

    private static func row(_ operation: Operation) -> String {
        let query = operation.query.map { "<br><code>\(escaped($0.name))</code>: \(escaped($0.description))" }.joined()
        return "<tr><td>\(operation.method)</td><td><code>\(escaped(operation.path))</code></td><td>\(escaped(operation.summary))\(query)</td></tr>"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
