internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// The page that shows a model's API to a person: its columns, a form to try it, and snippets to copy.
///
/// One page for all models: it asks for the model's own document with the reader's key, which stays in their browser tab.
enum DocsPage {
    static var response: Response {
        let headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
            .contentSecurityPolicy:
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ]
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    private static let html = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Model API · Martlet</title>
        <link rel="stylesheet" href="/assets/docs.css">
        <script src="/assets/docs.js" defer></script>
        </head>
        <body>
        <header><h1 id="title">Model API</h1><p id="about"></p></header>
        <main>
        <section aria-labelledby="key-heading">
        <h2 id="key-heading">Your key</h2>
        <form id="key-form"><label for="key">API key or access token</label>
        <input id="key" type="password" autocomplete="off" spellcheck="false"><button>Show the API</button></form>
        <p id="problem" role="alert"></p>
        </section>
        <div id="api" hidden>
        <section aria-labelledby="try-heading"><h2 id="try-heading">Try it</h2>
        <form id="try-form"><div id="fields"></div><button>Predict</button></form>
        <pre id="answer" aria-live="polite"></pre></section>
        <section aria-labelledby="code-heading"><h2 id="code-heading">Call it</h2>
        <h3>curl</h3><pre id="curl"></pre><h3>Python</h3><pre id="python"></pre><h3>Swift</h3><pre id="swift"></pre></section>
        <section aria-labelledby="facts-heading"><h2 id="facts-heading">What it takes and gives</h2>
        <table><thead><tr><th scope="col">Feature</th><th scope="col">Type</th><th scope="col">May be missing</th></tr></thead><tbody id="features"></tbody></table>
        <p id="output"></p><p>OpenAPI document: <code id="openapi"></code></p></section>
        </div>
        </main>
        </body>
        </html>
        """
}
