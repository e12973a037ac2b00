/// What its owner tells people of a model: Markdown with front matter, as model hubs have it.
package struct ModelCard: Sendable {
    /// Bytes.
    package static let maximumMarkdown = 64 << 10

    package let modelID: ModelID
    /// As it was written, front matter and all.
    package let markdown: String
    /// The Markdown without its front matter, rendered: no HTML of the author's own, no links but to the web and to mail addresses.
    package let html: String
    /// `license`, `framework`, `datasets`, `metrics`, `intended_use`, and whatever else the author wrote.
    package let frontMatter: [String: JSONValue]
    package let updatedAt: Timestamp
    package let updatedBy: UserID

    package init(modelID: ModelID, markdown: String, html: String, frontMatter: [String: JSONValue], updatedAt: Timestamp, updatedBy: UserID) {
        self.modelID = modelID
        self.markdown = markdown
        self.html = html
        self.frontMatter = frontMatter
        self.updatedAt = updatedAt
        self.updatedBy = updatedBy
    }

    package var license: String? { frontMatter["license"]?.stringValue }
}
