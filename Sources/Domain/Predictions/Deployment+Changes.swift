extension Deployment {
    package func with(isPublic: Bool) -> Deployment {
        Deployment(
            modelID: modelID, versionID: versionID, version: version, signature: signature, ownerID: ownerID, isPublic: isPublic, api: api,
            runtime: runtime, runner: runner
        )
    }

    package func with(api: ModelAPI) -> Deployment {
        Deployment(
            modelID: modelID, versionID: versionID, version: version, signature: signature, ownerID: ownerID, isPublic: isPublic, api: api,
            runtime: runtime, runner: runner
        )
    }
}
