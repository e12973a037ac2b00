internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Wire

/// `/api/v1/openapi.json`, the same as a page, and the files of the documentation pages.
struct ReferenceRoutes {
    func add(to router: Router<AppContext>) {
        router.get("api/v1/openapi.json") { _, _ in try Answer.json(APIReference.document) }
        router.get("api/v1/docs") { _, _ in ReferencePage.response }
        router.get("assets/docs.js") { _, _ in
            Answer.bytes(Array(DocsPage.script.utf8), type: "text/javascript; charset=utf-8", headers: [.cacheControl: "public, max-age=300"])
        }
        router.get("assets/docs.css") { _, _ in
            Answer.bytes(Array(DocsPage.style.utf8), type: "text/css; charset=utf-8", headers: [.cacheControl: "public, max-age=300"])
        }
    }
}
