extension APIReference {
    static let operations: [Operation] =
        accounts + people + audit + keys + models + permissions + versions + predictions + registry + community + notifications + work + service

    private static let accounts = [
        Operation("POST", "/api/v1/auth/register", "Accounts", "Make an account").takes(.json("Registration")).answers(201, "User").fails(400, 403, 409, 415)
            .open,
        Operation("POST", "/api/v1/auth/login", "Accounts", "Log in").takes(.json("Login")).answers(200, "TokenPair").fails(400, 401, 415, 429).open,
        Operation("POST", "/api/v1/auth/refresh", "Accounts", "Trade a refresh token for the next pair").takes(.json("Refresh")).answers(200, "TokenPair").fails(
            400, 401, 415
        ).open,
        Operation("POST", "/api/v1/auth/session", "Accounts", "Log in from a browser: the tokens are set as cookies").takes(.json("Login")).answers(
            200, "BrowserSession"
        ).fails(400, 401, 403, 415, 429).open,
        Operation("GET", "/api/v1/auth/session", "Accounts", "The browser's session, and the token that its changes need").answers(200, "BrowserSession").fails(403),
        Operation("POST", "/api/v1/auth/session/refresh", "Accounts", "Go on with the browser's session").answers(200, "BrowserSession").fails(401, 403).open,
        Operation("DELETE", "/api/v1/auth/session", "Accounts", "End the browser's session").fails(400, 403),
        Operation("POST", "/api/v1/auth/logout", "Accounts", "End the session").fails(400),
        Operation("POST", "/api/v1/auth/logout-all", "Accounts", "End every session of the account").fails(403),
        Operation("GET", "/api/v1/auth/sessions", "Accounts", "The account's sessions").answers(200, "List").fails(403),
        Operation("DELETE", "/api/v1/auth/sessions/{session_id}", "Accounts", "End one session").fails(403, 404),
        Operation("GET", "/api/v1/auth/me", "Accounts", "The caller's account").answers(200, "User"),
        Operation("PATCH", "/api/v1/auth/me", "Accounts", "Change one's name or address").takes(.json("ProfileChange")).answers(200, "User").fails(
            400, 403, 409, 415, 429),
        Operation("POST", "/api/v1/auth/me/password", "Accounts", "Change one's password; other sessions end").takes(.json("PasswordChange")).fails(
            400, 403, 415, 429),
        Operation("GET", "/api/v1/limits", "Accounts", "What the caller may use, and what is left").answers(200, "Limits"),
    ]

    private static let people = [
        Operation("GET", "/api/v1/users", "People", "Accounts, newest first").asks(
            ("search", "Text in email or name."), ("role", "Accounts of this role."), ("is_active", "true or false."),
            ("limit", "1 to 200, 50 when left out."), ("cursor", "The next_cursor of the page before.")
        ).answers(200, "List").fails(400, 403),
        Operation("POST", "/api/v1/users", "People", "Make an account").takes(.json("NewUser")).answers(201, "User").fails(400, 403, 409, 415),
        Operation("GET", "/api/v1/users/{user_id}", "People", "One account").answers(200, "User").fails(403, 404),
        Operation("PATCH", "/api/v1/users/{user_id}", "People", "Change role, limits, or switch off").takes(.json("UserChange")).answers(200, "User").fails(
            400, 403, 404, 409, 415),
        Operation("POST", "/api/v1/users/{user_id}/password", "People", "Set a password; its sessions end").takes(.json("NewPassword")).fails(
            400, 403, 404, 409, 415),
        Operation("DELETE", "/api/v1/users/{user_id}", "People", "Close an account for good").asks(("transfer_to", "The account that gets its models.")).fails(
            400, 403, 404, 409),
        Operation("GET", "/api/v1/roles", "People", "Roles and what they allow").answers(200, "List"),
        Operation("POST", "/api/v1/roles", "People", "Make a role").takes(.json("NewRole")).answers(201, "Role").fails(400, 403, 409, 415),
        Operation("PATCH", "/api/v1/roles/{name}", "People", "Change a role").takes(.json("RoleChange")).answers(200, "Role").fails(400, 403, 404, 409, 415),
        Operation("DELETE", "/api/v1/roles/{name}", "People", "Remove a role that nobody has").fails(403, 404, 409),
        Operation("GET", "/api/v1/groups", "People", "The caller's groups; all of them for who manages users").answers(200, "List"),
        Operation("POST", "/api/v1/groups", "People", "Make a group").takes(.json("NewGroup")).answers(201, "Group").fails(400, 403, 409, 415),
        Operation("GET", "/api/v1/groups/{group_id}", "People", "A group and its members").answers(200, "Group").fails(404),
        Operation("PATCH", "/api/v1/groups/{group_id}", "People", "Rename a group").takes(.json("GroupChange")).answers(200, "Group").fails(
            400, 403, 404, 409, 415),
        Operation("DELETE", "/api/v1/groups/{group_id}", "People", "Remove a group and its permissions").fails(403, 404),
        Operation("PUT", "/api/v1/groups/{group_id}/members/{user_id}", "People", "Add a member").answers(200, "Group").fails(403, 404),
        Operation("DELETE", "/api/v1/groups/{group_id}/members/{user_id}", "People", "Remove a member").answers(200, "Group").fails(403, 404),
        Operation("GET", "/api/v1/invitations", "People", "Invitations, newest first").answers(200, "List").fails(403),
        Operation("POST", "/api/v1/invitations", "People", "Invite somebody; the token is shown once").takes(.json("NewInvitation")).answers(
            201, "Invitation"
        ).fails(400, 403, 415),
        Operation("DELETE", "/api/v1/invitations/{invitation_id}", "People", "Withdraw an invitation").fails(403, 404),
    ]

    private static let auditFilters = [
        ("user_id", "Entries of one account."), ("action", "Exactly this action."), ("resource_type", "Exactly this type."),
        ("resource_id", "Exactly this thing."), ("since", "RFC 3339."), ("until", "RFC 3339."), ("cursor", "The next_cursor of the page before."),
    ]

    private static let auditCursor = QueryParameters.pattern("^[1-9][0-9]{0,15}$")

    private static let audit = [
        Operation("GET", "/api/v1/audit", "Audit", "Who did what, newest first").asks(auditFilters + [("limit", "1 to 1000, 50 when left out.")]).like(
            "limit", QueryParameters.integer(1...1000)
        ).like("cursor", auditCursor).answers(
            200, "Page"
        ).fails(400, 403),
        Operation("GET", "/api/v1/audit/export", "Audit", "The same as JSON Lines").asks(auditFilters).like("cursor", auditCursor).gives("application/jsonl").fails(
            400, 403),
    ]

    private static let permissions = [
        Operation("GET", "/api/v1/ml-models/{model_id}/permissions", "Permissions", "Who was given what on the model").answers(200, "List").fails(403, 404),
        Operation("POST", "/api/v1/ml-models/{model_id}/permissions", "Permissions", "Give a user or group read, execute or admin").takes(.json("NewPermission"))
            .answers(201, "Permission").fails(400, 403, 404, 415),
        Operation("DELETE", "/api/v1/ml-models/{model_id}/permissions/{permission_id}", "Permissions", "Take a permission back").fails(403, 404),
    ]

    private static let keys = [
        Operation("POST", "/api/v1/api-keys", "API keys", "Make a key; its secret is shown once").takes(.json("NewAPIKey")).answers(201, "APIKey").fails(400, 403, 415),
        Operation("GET", "/api/v1/api-keys", "API keys", "The caller's keys").answers(200, "List").fails(403),
        Operation("GET", "/api/v1/api-keys/{key_id}", "API keys", "One key").answers(200, "APIKey").fails(403, 404),
        Operation("PATCH", "/api/v1/api-keys/{key_id}", "API keys", "Rename a key").takes(.json("APIKeyChange")).answers(200, "APIKey").fails(400, 403, 404, 415),
        Operation("DELETE", "/api/v1/api-keys/{key_id}", "API keys", "Revoke a key").fails(403, 404),
    ]

    private static let models = [
        Operation("POST", "/api/v1/ml-models", "Models", "Upload a model").takes(.form("Upload")).answers(202, "Uploaded").fails(400, 403, 409, 413, 415, 422, 429),
        Operation("GET", "/api/v1/ml-models", "Models", "The models the caller may see, newest first").asks(
            ("category", "Exactly this category."), ("is_public", "true or false."), ("owner_id", "Models of one user."), ("model_type", "Exactly this type."),
            ("tag", "Models with this tag."), ("search", "Text in name or description."), ("status", "pending, validated, active, deprecated or archived."),
            ("limit", "1 to 200, 50 when left out."), ("cursor", "The next_cursor of the page before.")
        ).answers(200, "List").fails(400, 403),
        Operation("GET", "/api/v1/ml-models/{model_id}", "Models", "A model with its versions and usage").answers(200, "Item").fails(404),
        Operation("PATCH", "/api/v1/ml-models/{model_id}", "Models", "Change what is said about a model").takes(.json("ModelChange")).answers(200, "Item").fails(
            400, 403, 404, 409, 415),
        Operation("DELETE", "/api/v1/ml-models/{model_id}", "Models", "Delete a model; its files go after a grace period").fails(403, 404),
        Operation("POST", "/api/v1/ml-models/{model_id}/generate-api", "Models", "Set how the prediction API answers").takes(.json("APISettings")).answers(
            200, "GeneratedAPI"
        ).fails(400, 403, 404, 409, 415),
        Operation("GET", "/api/v1/ml-models/{model_id}/docs", "Models", "OpenAPI document of the model's own API").answers(200, "OpenAPI").fails(404, 409),
        Operation("GET", "/api/v1/ml-models/{model_id}/docs/ui", "Models", "The same as a page, with a form to try it").gives("text/html").open,
        Operation("GET", "/api/v1/ml-models/{model_id}/logs", "Models", "What the version that serves printed").gives("text/plain").fails(403, 404, 409),
    ]

    private static let versions = [
        Operation("POST", "/api/v1/ml-models/{model_id}/versions", "Versions", "Upload a new version").takes(.form("VersionUpload")).answers(202, "Uploaded").fails(
            400, 403, 404, 409, 413, 415, 422, 429),
        Operation("GET", "/api/v1/ml-models/{model_id}/versions", "Versions", "Versions, newest first").answers(200, "List").fails(404),
        Operation("GET", "/api/v1/ml-models/{model_id}/versions/{version_id}", "Versions", "One version").answers(200, "Item").fails(404),
        Operation("POST", "/api/v1/ml-models/{model_id}/versions/{version_id}/activate", "Versions", "Let a version serve; also the way back").fails(403, 404, 409),
        Operation("GET", "/api/v1/ml-models/{model_id}/versions/{version_id}/download", "Versions", "The file, whole or in part").gives("application/octet-stream").fails(
            403, 404, 416),
        Operation("HEAD", "/api/v1/ml-models/{model_id}/versions/{version_id}/download", "Versions", "Size and digest of the file").gives("application/octet-stream")
            .fails(403, 404),
        Operation("GET", "/api/v1/ml-models/{model_id}/versions/{version_id}/scan", "Versions", "What the scan found, and every import of the file").answers(
            200, "Scan"
        ).fails(404),
        Operation("GET", "/api/v1/ml-models/{model_id}/versions/{version_id}/logs", "Versions", "What the version printed").gives("text/plain").fails(403, 404),
        Operation("POST", "/api/v1/ml-models/{model_id}/validate", "Versions", "Validate again").asks(("version_id", "The current version when left out.")).answers(
            202, "ValidationStarted"
        ).fails(403, 404, 409),
        Operation("GET", "/api/v1/ml-models/{model_id}/validations", "Versions", "Validations, newest first").asks(("limit", "1 to 200.")).answers(200, "List").fails(
            400, 404),
        Operation("GET", "/api/v1/ml-models/{model_id}/validations/latest", "Versions", "The newest validation").answers(200, "Item").fails(404),
        Operation("GET", "/api/v1/ml-models/{model_id}/validations/{validation_id}", "Versions", "A validation and its report").answers(200, "Item").fails(404),
    ]

    static let asynchronous = ("async", "true: answer 202 with a job.")
    static let versioned = ("version", "Id, number or alias of the version that is to answer; the one that serves when left out.")

    private static let predictions = [
        Operation("POST", "/api/v1/ml-models/{model_id}/predict", "Predictions", "Predict one row").asks(asynchronous, versioned).takes(
            .json("PredictOne")
        ).answers(200, "Prediction").queueing.fails(400, 403, 404, 409, 413, 415, 429, 503, 504),
        Operation("POST", "/api/v1/ml-models/{model_id}/predict/batch", "Predictions", "Predict many rows").asks(asynchronous, versioned).takes(
            .json("PredictMany")
        ).answers(200, "Predictions").queueing.fails(400, 403, 404, 409, 413, 415, 429, 503, 504),
        Operation("POST", "/api/v1/ml-models/{model_id}/{endpoint}", "Predictions", "Predict one row, at the path given to generate-api").asks(
            asynchronous, versioned
        ).takes(.json("PredictOne")).answers(200, "Prediction").queueing.fails(400, 403, 404, 409, 413, 415, 429, 503, 504),
        Operation("POST", "/api/v1/ml-models/{model_id}/{endpoint}/batch", "Predictions", "Predict many rows, at the path given to generate-api").asks(
            asynchronous, versioned
        ).takes(.json("PredictMany")).answers(200, "Predictions").queueing.fails(400, 403, 404, 409, 413, 415, 429, 503, 504),
        Operation(
            "POST", "/api/v1/ml-models/{model_id}/versions/{version_id}/predict", "Predictions", "Predict one row with a version by its id, number or alias"
        ).asks(asynchronous).takes(.json("PredictOne")).answers(200, "Prediction").queueing.fails(400, 403, 404, 409, 413, 415, 429, 503, 504),
        Operation(
            "POST", "/api/v1/ml-models/{model_id}/versions/{version_id}/predict/batch", "Predictions", "Predict many rows with a version by its id, number or alias"
        ).asks(asynchronous).takes(.json("PredictMany")).answers(200, "Predictions").queueing.fails(400, 403, 404, 409, 413, 415, 429, 503, 504),
    ]

    private static let work = [
        Operation("GET", "/api/v1/tasks", "Tasks", "The caller's tasks, newest first").asks(("limit", "1 to 200.")).answers(200, "List").fails(400),
        Operation("GET", "/api/v1/tasks/{task_id}", "Tasks", "One task").answers(200, "Item").fails(404),
        Operation("GET", "/api/v1/tasks/{task_id}/events", "Tasks", "Its progress as server-sent events").gives("text/event-stream").fails(404),
        Operation("POST", "/api/v1/tasks/{task_id}/cancel", "Tasks", "Stop it at its next step").answers(202, "Success").fails(403, 404, 409),
    ]

    private static let service = [
        Operation("GET", "/api/v1/openapi.json", "Service", "This document").answers(200, "OpenAPI").open,
        Operation("GET", "/api/v1/docs", "Service", "The same for people").gives("text/html").open,
        Operation("GET", "/health", "Service", "State of the whole service").answers(200, "Health").fails(503).open,
        Operation("GET", "/health/detailed", "Service", "Every check and number").answers(200, "Health").fails(403, 503),
        Operation("GET", "/metrics", "Service", "Numbers for Prometheus; for admins, and from allowed addresses").gives("text/plain").fails(401, 403).open,
        Operation("GET", "/health/live", "Service", "Whether the process lives").answers(200, "Health").open,
        Operation("GET", "/health/ready", "Service", "Whether requests can be taken").answers(200, "Health").fails(503).open,
        Operation("GET", "/assets/docs.js", "Service", "Script of the documentation page").gives("text/javascript").open,
        Operation("GET", "/assets/docs.css", "Service", "Style of the documentation page").gives("text/css").open,
    ]
}
