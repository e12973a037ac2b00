package import Database

/// The history of the schema, oldest first. A released migration never changes; a new one is added at the end.
package enum Schema {
    package static let migrations: [Migration] = [
        accounts, catalogue, work, customCode, runtime, conversion, people, auditChain, keyParents, usage, registry, uploads, sharing, idempotency, community, provenance,
        lists, lastCalls, covering, tagOrder,
    ]
}
