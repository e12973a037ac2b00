package import Domain

/// The catalogue in numbers, in the two shapes of the registry's contract.
package enum StatisticsBodies {
    /// `GET /api/v1/models/statistics`
    package static func registry(_ statistics: CatalogueStatistics) -> JSONValue {
        .object([
            "total_models": .int(statistics.models), "algorithms": counts(statistics.byAlgorithm), "status_distribution": counts(statistics.byStatus),
            "total_downloads": .int(statistics.downloads),
            "storage_usage": .object([
                "total_size_gb": .double(rounded(Double(statistics.bytes) / 1_073_741_824)),
                "average_model_size_mb": .double(rounded(Double(statistics.averageBytes) / 1_048_576)), "total_bytes": .int(statistics.bytes),
            ]),
            "recent_activity": .object([
                "models_added_last_7_days": .int(statistics.addedInSevenDays), "downloads_last_24_hours": .int(statistics.downloadsInTheLastDay),
            ]),
        ])
    }

    /// `GET /api/v1/statistics`
    package static func platform(_ statistics: CatalogueStatistics) -> JSONValue {
        .object([
            "total_models": .int(statistics.models), "models_by_algorithm": counts(statistics.byAlgorithm), "models_by_status": counts(statistics.byStatus),
            "total_downloads": .int(statistics.downloads),
            "storage_stats": .object([
                "total_size": .string(ByteText.of(statistics.bytes)), "average_model_size": .string(ByteText.of(statistics.averageBytes)),
                "total_bytes": .int(statistics.bytes),
            ]),
            "recent_activity": .object([
                "models_created_today": .int(statistics.addedToday), "models_downloaded_today": .int(statistics.downloadsToday),
            ]),
        ])
    }

    private static func counts(_ counts: [String: Int]) -> JSONValue { .object(counts.mapValues { .int($0) }) }

    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
