internal import Domain

extension APIReference {
    private static let listFilters: [(String, String)] = [
        ("page", "From 1 on."), ("limit", "1 to 200, 20 when left out."), ("size", "The same, 1 to 100; counts before limit."), ("algorithm", "Exactly this algorithm."),
        ("framework", "Exactly this framework."), ("category", "Exactly this category."), ("model_type", "A type, or a category."),
        ("tags", "Any of these, with commas."),
        ("min_accuracy", "test_accuracy, else accuracy, is at least this."), ("status", "pending, validated, active, deprecated or archived."),
        ("stage", "Models with a version in this stage."), ("search", "Text in name or description."),
        ("sort", "newest, oldest, name, accuracy, downloads or updated."),
    ]

    static let registry = [
        Operation("POST", "/api/v1/models", "Registry", "Register a model before its file comes").takes(.json("NewModel")).answers(201, "Registered").fails(
            400, 403, 404, 415),
        Operation("GET", "/api/v1/models", "Registry", "Models, page by page").asks(listFilters).like("model_type", QueryParameters.text).answers(200, "ModelPage").fails(
            400, 403),
        Operation("GET", "/api/v1/models/search", "Registry", "Models with these words, page by page").asks(
            [("q", "Words that begin words of name, description, tags, algorithm or dataset."), ("license", "What the card says, exactly.")] + listFilters
        ).like("model_type", QueryParameters.text).answers(200, "ModelPage").fails(400, 403),
        Operation("GET", "/api/v1/models/popular", "Registry", "Models by downloads").asks(listFilters).like("model_type", QueryParameters.text).answers(200, "ModelPage")
            .fails(400, 403),
        Operation("GET", "/api/v1/models/recent", "Registry", "Models by age").asks(listFilters).like("model_type", QueryParameters.text).answers(200, "ModelPage").fails(
            400, 403),
        Operation("GET", "/api/v1/models/statistics", "Registry", "The catalogue in numbers, as far as the caller sees it").answers(200, "Statistics").fails(403),
        Operation("GET", "/api/v1/statistics", "Registry", "The same in another shape").answers(200, "Statistics").fails(403),
        Operation("POST", "/api/v1/models/upload", "Registry", "Upload a model; the same name is a new version").takes(.form("RegistryUpload")).answers(
            201, "RegistryUploaded"
        ).fails(400, 403, 409, 413, 415, 422, 429),
        Operation("POST", "/api/v1/models/upload/batch", "Registry", "Upload up to 100 models in one archive with a manifest.json").takes(.form("ModelArchive"))
            .answers(201, "BatchResult").orAnswers(207, "Some of the models were refused", "BatchResult").fails(400, 403, 413, 415, 429),
        Operation("POST", "/api/v1/models/batch", "Registry", "Change up to 1,000 models").takes(.json("Batch")).answers(200, "BatchResult").fails(400, 403, 415),
        Operation("GET", "/api/v1/models/{model_id}", "Registry", "A model and what is said of its version").answers(200, "RegistryModel").fails(404),
        Operation("PUT", "/api/v1/models/{model_id}", "Registry", "Change what is said").takes(.json("RegistryChange")).fails(400, 403, 404, 409, 415),
        Operation("PATCH", "/api/v1/models/{model_id}", "Registry", "Change what is said").takes(.json("RegistryChange")).fails(400, 403, 404, 409, 415),
        Operation("DELETE", "/api/v1/models/{model_id}", "Registry", "Delete a model that is not in production").fails(403, 404, 409),
        Operation("GET", "/api/v1/models/{model_id}/info", "Registry", "The file's size, format and digest").asks(version).answers(200, "FileInfo").fails(404, 409),
        Operation("POST", "/api/v1/models/{model_id}/upload", "Registry", "Bring the file of a version").asks(version).takes(.form("RegistryFile")).answers(
            201, "RegistryUploaded"
        ).fails(400, 403, 404, 409, 413, 415, 422, 429),
        Operation("GET", "/api/v1/models/{model_id}/download", "Registry", "The file, whole or in part").asks(version).gives("application/octet-stream").fails(
            403, 404, 409, 416),
        Operation("HEAD", "/api/v1/models/{model_id}/download", "Registry", "Its size and digest").asks(version).gives("application/octet-stream").fails(403, 404, 409),
        Operation("POST", "/api/v1/models/{model_id}/versions", "Registry", "Register the next version before its file comes").takes(.json("NewVersion")).answers(
            201, "Registered"
        ).fails(400, 403, 404, 409, 415),
        Operation("GET", "/api/v1/models/{model_id}/versions", "Registry", "Versions, newest first").answers(200, "Success").fails(404),
        Operation("GET", "/api/v1/models/{model_id}/versions/{version}", "Registry", "A version by id, number or alias").answers(200, "Item").fails(404),
        Operation("DELETE", "/api/v1/models/{model_id}/versions/{version}", "Registry", "Delete a version that does not serve and is not in production").fails(
            403, 404, 409),
        Operation("POST", "/api/v1/maintenance/cleanup", "Registry", "What a clean-up would do, or the clean-up itself").takes(.json("Cleanup")).answers(
            200, "Success"
        ).fails(400, 403, 415),
        Operation("GET", "/api/v1/models/{model_id}/versions/{version}/bundle", "Registry", "The version's files with their signed manifest, a tar archive").gives(
            "application/x-tar"
        ).fails(403, 404, 409),
        Operation("POST", "/api/v1/models/import", "Registry", "Take a bundle in, as a new model").takes(.form("ModelBundle")).answers(201, "RegistryUploaded").fails(
            400, 403, 409, 413, 415, 422, 429),
        Operation("GET", "/api/v1/signing-key", "Registry", "The public key that this server's bundles are signed with").answers(200, "SigningKey").open,
        Operation("GET", "/api/v1/models/{model_id}/compare", "Registry", "What is different between two versions").asks(
            ("from", "Id, number or alias of a version; the one that serves when left out."), ("to", "The same of another; the newest when left out.")
        ).answers(200, "Item").fails(404),
        Operation("GET", "/api/v1/models/{model_id}/lineage", "Registry", "The version and what it was made from").asks(version).answers(200, "Success").fails(404),
        Operation("GET", "/api/v1/models/{model_id}/analytics", "Registry", "Calls of the last days, added up").asks(("days", "1 to 3650, 30 when left out.")).answers(
            200, "Analytics"
        ).fails(400, 403, 404),
        Operation("GET", "/api/v1/predict/history", "Predictions", "The caller's own predictions, newest first").asks(
            ("model_id", "Of one model."), ("status", "success or failed."), ("since", "RFC 3339."), ("until", "RFC 3339."), ("limit", "1 to 200."),
            ("cursor", "The next_cursor of the page before.")
        ).like("status", QueryParameters.oneOf(["success", "failed"])).answers(200, "Success").fails(400),
        Operation("POST", "/api/v1/predict/{model_id}", "Predictions", "Predict one row").asks(asynchronous, versioned).takes(.json("PredictOne"))
            .answers(200, "Prediction").queueing.fails(400, 403, 404, 409, 413, 415, 429, 503, 504),
        Operation("POST", "/api/v1/predict/{model_id}/batch", "Predictions", "Predict many rows").asks(asynchronous, versioned).takes(
            .json("PredictMany")
        ).answers(200, "Predictions").queueing.fails(400, 403, 404, 409, 413, 415, 429, 503, 504),
        Operation("GET", "/api/v1/marketplace", "Marketplace", "Public models that serve, with what can be chosen from").asks(
            [("q", "Words that begin words of name, description, tags, algorithm or dataset."), ("license", "What the card says, exactly.")] + listFilters
        ).like("model_type", QueryParameters.text).answers(200, "ModelPage").fails(400, 403),
        Operation("POST", "/api/v1/ml-models/{model_id}/ratings", "Marketplace", "Rate a public model, or change one's rating").takes(.json("NewRating")).answers(
            200, "Item"
        )
        .fails(400, 403, 404, 409, 415),
        Operation("GET", "/api/v1/ml-models/{model_id}/ratings", "Marketplace", "Ratings, newest first").asks(("page", "From 1 on."), ("limit", "1 to 200.")).answers(
            200, "Success"
        ).fails(400, 404),
        Operation("DELETE", "/api/v1/ml-models/{model_id}/ratings", "Marketplace", "Take one's rating back").fails(404),
        Operation("DELETE", "/api/v1/ml-models/{model_id}/ratings/{user_id}", "Marketplace", "Take a rating away, for admins").fails(403, 404),
        Operation("POST", "/api/v1/ml-models/{model_id}/fork", "Marketplace", "Take a public model into one's own account").takes(.json("Fork")).answers(
            201, "RegistryUploaded"
        ).fails(400, 403, 404, 409, 415, 429),
        Operation("POST", "/api/v1/uploads", "Uploads", "Begin an upload in parts").takes(.json("NewUpload")).answers(201, "UploadProgress").fails(
            400, 403, 413, 415, 429),
        Operation("GET", "/api/v1/uploads", "Uploads", "The caller's uploads that were not completed").answers(200, "List").fails(403),
        Operation("GET", "/api/v1/uploads/{upload_id}", "Uploads", "What is missing of an upload").answers(200, "UploadProgress").fails(403, 404),
        Operation("PUT", "/api/v1/uploads/{upload_id}/parts/{part}", "Uploads", "Send a part, with its Content-Digest").takes(.bytes).fails(400, 403, 404),
        Operation("POST", "/api/v1/uploads/{upload_id}/complete", "Uploads", "Put the parts together and store the model").takes(.json("UploadFields")).answers(
            201, "RegistryUploaded"
        ).fails(400, 403, 404, 409, 413, 415, 422),
        Operation("DELETE", "/api/v1/uploads/{upload_id}", "Uploads", "Give an upload up").fails(403, 404),
        Operation("HEAD", "/api/v1/uploads/digests/{sha256}", "Uploads", "Whether the caller has stored this file already").fails(400, 403, 404),
        Operation("POST", "/api/v1/models/{model_id}/versions/{version}/stage", "Stages", "Move a version to another stage").takes(.json("StageMove")).answers(
            200, "Item"
        )
        .waiting.fails(400, 403, 404, 409, 415),
        Operation("GET", "/api/v1/models/{model_id}/promotions", "Stages", "Moves between stages, newest first").asks(("limit", "1 to 200.")).answers(200, "List").fails(
            400, 404),
        Operation("POST", "/api/v1/models/{model_id}/promotions/{promotion_id}/approve", "Stages", "Agree to a promotion").answers(200, "Item").fails(403, 404, 409),
        Operation("POST", "/api/v1/models/{model_id}/promotions/{promotion_id}/reject", "Stages", "Refuse a promotion").answers(200, "Item").fails(403, 404, 409),
        Operation("POST", "/api/v1/models/{model_id}/promotions/{promotion_id}/revert", "Stages", "Put every version back").answers(200, "Item").fails(403, 404, 409),
        Operation("GET", "/api/v1/models/{model_id}/aliases", "Stages", "Names of versions").answers(200, "List").fails(404),
        Operation("PUT", "/api/v1/models/{model_id}/aliases/{alias}", "Stages", "Let a name stand for a version").takes(.json("AliasTarget")).answers(200, "Item").fails(
            400, 403, 404, 415),
        Operation("DELETE", "/api/v1/models/{model_id}/aliases/{alias}", "Stages", "Remove a name").fails(400, 403, 404),
    ]

    private static let version = [("version", "Id, number or alias; the one that serves, else the newest, when left out.")]

    static let community = [
        Operation("GET", "/api/v1/ml-models/{model_id}/card", "Community", "What the owner tells of the model: Markdown, rendered, and its front matter").answers(
            200, "Item"
        ).fails(404),
        Operation("PUT", "/api/v1/ml-models/{model_id}/card", "Community", "Write the card; text/markdown is taken as well").takes(.json("NewCard")).answers(
            200, "Item"
        ).fails(400, 403, 404, 413, 415),
        Operation("DELETE", "/api/v1/ml-models/{model_id}/card", "Community", "Remove the card").fails(403, 404),
        Operation("POST", "/api/v1/ml-models/{model_id}/reports", "Community", "Report a public model to the moderators").takes(.json("NewReport")).answers(201, "Item")
            .fails(400, 404, 409, 415),
        Operation("GET", "/api/v1/reports", "Community", "Reports, newest first; for moderators").asks(
            ("state", "open, dismissed or upheld."), ("limit", "1 to 200, 50 when left out."), ("cursor", "The next_cursor of the page before.")
        ).like("state", QueryParameters.oneOf(ModelReport.State.allCases.map(\.rawValue))).like("cursor", QueryParameters.id(ModelReport.idPrefix)).answers(
            200, "Page"
        ).fails(400, 403),
        Operation("GET", "/api/v1/reports/{report_id}", "Community", "One report: of one's own, and any for moderators").answers(200, "Item").fails(404),
        Operation("POST", "/api/v1/reports/{report_id}/decide", "Community", "Uphold a report, which takes the model out of public view, or dismiss it").takes(
            .json("ReportDecision")
        ).answers(200, "Item").fails(400, 403, 404, 409, 415),
    ]

    static let notifications = [
        Operation("GET", "/api/v1/notifications", "Notifications", "The caller's inbox, newest first").asks(
            ("unread", "true: only what was not read."), ("limit", "1 to 200, 50 when left out."), ("cursor", "The next_cursor of the page before.")
        ).like("cursor", QueryParameters.id(Notification.idPrefix)).answers(200, "Page").fails(400, 403),
        Operation("GET", "/api/v1/notifications/unread", "Notifications", "How many were not read").fails(403),
        Operation("GET", "/api/v1/notifications/events", "Notifications", "What comes, as server-sent events; Last-Event-ID brings what was missed").gives(
            "text/event-stream"
        ).fails(403, 429),
        Operation("POST", "/api/v1/notifications/read", "Notifications", "Mark all as read").fails(403),
        Operation("POST", "/api/v1/notifications/{notification_id}/read", "Notifications", "Mark one as read").fails(403, 404),
        Operation("DELETE", "/api/v1/notifications/{notification_id}", "Notifications", "Remove one").fails(403, 404),
        Operation("POST", "/api/v1/webhooks", "Webhooks", "Have events sent to an address; the secret is shown once").takes(.json("NewWebhook")).answers(201, "Webhook")
            .fails(400, 403, 415),
        Operation("GET", "/api/v1/webhooks", "Webhooks", "The caller's webhooks").answers(200, "List").fails(403),
        Operation("GET", "/api/v1/webhooks/{webhook_id}", "Webhooks", "One webhook").answers(200, "Webhook").fails(403, 404),
        Operation("PATCH", "/api/v1/webhooks/{webhook_id}", "Webhooks", "Change a webhook").takes(.json("WebhookChange")).answers(200, "Webhook").fails(
            400, 403, 404, 415),
        Operation("DELETE", "/api/v1/webhooks/{webhook_id}", "Webhooks", "Remove a webhook and its log").fails(403, 404),
        Operation("POST", "/api/v1/webhooks/{webhook_id}/rotate-secret", "Webhooks", "Give it another secret, shown once").answers(200, "Webhook").fails(403, 404),
        Operation("POST", "/api/v1/webhooks/{webhook_id}/test", "Webhooks", "Send a test event").answers(202, "Delivery").fails(403, 404, 409),
        Operation("GET", "/api/v1/webhooks/{webhook_id}/deliveries", "Webhooks", "What was sent and what became of it, newest first").asks(
            ("limit", "1 to 200, 50 when left out."), ("cursor", "The next_cursor of the page before.")
        ).like("cursor", QueryParameters.id(WebhookDelivery.idPrefix)).answers(200, "Page").fails(400, 403, 404),
        Operation("POST", "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/retry", "Webhooks", "Send it once more").answers(202, "Delivery").fails(403, 404, 409),
    ]
}
