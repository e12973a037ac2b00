internal import Access
internal import Domain
internal import Hummingbird
internal import Pipeline

/// `GET /metrics`: for admins, and for whoever comes from an address that may ask without a login.
struct MetricsRoutes {
    private static let shownModels = 100
    let registry: RegistryService
    let requests: RequestMetrics
    let health: HealthCheck
    let addresses: [AddressRange]

    func add(to router: Router<AppContext>) {
        router.get("metrics", use: metrics)
    }

    @Sendable private func metrics(_ request: Request, _ context: AppContext) async throws -> Response {
        if !(context.address.map { address in addresses.contains { $0.contains(address) } } ?? false) {
            try context.principal.require(.administerModels)
        }
        var text = PrometheusText()
        try await addCatalogue(to: &text)
        addRequests(to: &text)
        let transactions = health.transactions()
        text.family("model_service_mongodb_operations_total", .counter, "Transactions of the database, whichever it is.")
        text.sample("model_service_mongodb_operations_total", [("operation", "find")], transactions.reads)
        text.sample("model_service_mongodb_operations_total", [("operation", "update")], transactions.writes)
        for gauge in await health.gauges() {
            text.family(gauge.name, gauge.isCounter ? .counter : .gauge, gauge.help)
            text.sample(gauge.name, [], gauge.value)
        }
        return Answer.bytes(Array(text.text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
    }

    private func addCatalogue(to text: inout PrometheusText) async throws {
        let numbers = try await registry.numbers(models: Self.shownModels)
        text.family("model_downloads_total", .counter, "Downloads that came to their end, of the \(Self.shownModels) models with the most.")
        for model in numbers.downloads { text.sample("model_downloads_total", [("model_id", model.id.rawValue), ("algorithm", model.algorithm)], model.downloads) }
        text.family("model_service_downloads_total", .counter, "The same by model alone.")
        for model in numbers.downloads { text.sample("model_service_downloads_total", [("model_id", model.id.rawValue)], model.downloads) }
        text.family("model_registrations_total", .counter, "Models that were ever made known.")
        for (algorithm, count) in numbers.registrations.sorted(by: { $0.key < $1.key }) {
            text.sample("model_registrations_total", [("algorithm", algorithm.isEmpty ? "unknown" : algorithm)], count)
        }
        text.family("active_models_total", .untyped, "Models that are active.")
        text.sample("active_models_total", [], numbers.statistics.byStatus["active"] ?? 0)
        text.family("model_service_models_total", .untyped, "Models in the catalogue.")
        text.sample("model_service_models_total", [], numbers.statistics.models)
        text.family("storage_usage_bytes", .gauge, "Bytes of all model files.")
        text.sample("storage_usage_bytes", [], Double(numbers.statistics.bytes))
    }

    private func addRequests(to text: inout PrometheusText) {
        let all = requests.all.map { ($0.place, $0.series.snapshot) }
        text.family("model_service_api_requests_total", .counter, "Requests that were answered.")
        for (place, counts) in all {
            for (status, count) in counts.statuses.sorted(by: { $0.key < $1.key }) {
                text.sample("model_service_api_requests_total", [("endpoint", place.endpoint), ("method", place.method), ("status", "\(status)")], count)
            }
        }
        for name in ["api_request_duration_seconds", "model_service_request_duration_seconds"] {
            text.family(name, .histogram, "From the head of a request to its answer.")
            for (place, counts) in all {
                let labels = [("endpoint", place.endpoint), ("method", place.method)]
                var seen = 0
                for (bound, count) in zip(RequestMetrics.bounds.map { "\($0)" } + ["+Inf"], counts.buckets) {
                    seen += count
                    text.sample("\(name)_bucket", labels + [("le", bound)], seen)
                }
                text.sample("\(name)_sum", labels, counts.seconds)
                text.sample("\(name)_count", labels, seen)
            }
        }
    }
}
