import Domain

extension ScanRule {
    static let unlistedGlobal = ScanRule(
        "pickle.global.unlisted", .critical, "Loading the file would import this name, which is not among those a model needs; it can run code.",
        "Save the fitted model only, without helpers, callbacks or lambdas."
    )
    static let unknownPackage = ScanRule(
        "pickle.global.unknown_package", .medium,
        "The package is not known here: its code comes from the uploader and runs in the sandbox only.",
        "Name the package in the requirements, or replace it by a class of a known library."
    )
    static let computedCall = ScanRule(
        "pickle.call.computed", .critical, "Only classes and functions of the allow-list may be called; what this calls is decided at run time.",
        "Write the file again with the library that made the model."
    )
    static let computedGlobal = ScanRule(
        "pickle.global.computed", .critical, "A library writes names as constants; a computed one hides what is imported.",
        "Write the file again with the library that made the model."
    )
    static let extensionCode = ScanRule(
        "pickle.extension", .critical, "Only the loading process knows what an extension code imports.", "Do not use copyreg.add_extension."
    )
    static let persistentID = ScanRule(
        "pickle.persistent_id", .critical, "pickle.load and joblib.load cannot resolve it: the file would never load.",
        "Save PyTorch models with torch.save, and do not take the pickle out of its archive."
    )
    static let stateOfCallable = ScanRule(
        "pickle.build.callable", .critical, "State is set on a class, function or module itself: it changes what every later call of it does.",
        "Write the file again with the library that made the model."
    )
    static let plantedState = ScanRule(
        "pickle.build.planted", .critical, "The state plants something under a name that Python calls: it runs while the file is loaded, or when the model predicts.",
        "Write the file again with the library that made the model, without replaced methods."
    )
    static let argument = ScanRule(
        "pickle.argument", .critical, "An allowed constructor is given an argument that it is never given by its library.",
        "Write the file again with the library that made the model."
    )
    static let nestedBytes = ScanRule(
        "pickle.nested_bytes", .medium, "A byte string is itself a pickle that imports what is not allowed: something may load it later.",
        "Save the fitted model only."
    )
    static let torchStorage = ScanRule(
        "torch.storage", .high, "A tensor refers to a storage that is not there or is too small.", "Save the model again with torch.save."
    )

    static let pickles = [
        unlistedGlobal, unknownPackage, computedCall, computedGlobal, extensionCode, persistentID, stateOfCallable, plantedState, argument,
        nestedBytes, torchStorage,
    ]
}
