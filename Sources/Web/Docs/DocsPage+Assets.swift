extension DocsPage {
    static let style = """
        :root { color-scheme: light dark; --line: #8886; --ink: light-dark(#1b1f24, #e8e8e8); --paper: light-dark(#fff, #16181b); --mark: light-dark(#0b5cad, #8ec3ff); }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
        h1, h2, h3 { line-height: 1.2; }
        section { border-top: 1px solid var(--line); padding: .5rem 0 1rem; }
        label { display: block; font-weight: 600; }
        input { width: 100%; padding: .4rem; font: inherit; border: 1px solid var(--line); border-radius: .3rem; background: transparent; color: inherit; }
        button { margin: .6rem 0; padding: .45rem 1rem; font: inherit; border: 0; border-radius: .3rem; background: var(--mark); color: var(--paper); cursor: pointer; }
        button:focus-visible, input:focus-visible, a:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
        #fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: .6rem; }
        pre { overflow: auto; padding: .6rem; border: 1px solid var(--line); border-radius: .3rem; white-space: pre-wrap; overflow-wrap: anywhere; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
        a { color: var(--mark); }
        """

    static let script = """
        "use strict";
        const base = location.pathname.replace(/\\/docs\\/ui\\/?$/, "");
        const byId = (id) => document.getElementById(id);
        const headers = () => { const key = byId("key").value.trim(); return key ? { Authorization: "Bearer " + key } : {}; };

        async function show() {
          byId("problem").textContent = "";
          byId("api").hidden = true;
          const answer = await fetch(base + "/docs", { headers: headers() });
          const body = await answer.json();
          if (!answer.ok) { byId("problem").textContent = body.error.message; return; }
          sessionStorage.setItem("martlet-key", byId("key").value.trim());
          render(body);
        }

        let endpoint = "";

        function render(api) {
          document.title = api.info.title + " · Martlet";
          byId("title").textContent = api.info.title + " " + api.info.version;
          byId("about").textContent = api.info.description;
          const row = api.components.schemas.Row.anyOf[0];
          const names = api["x-martlet"].features.length ? api["x-martlet"].features : Object.keys(row.properties || {});
          endpoint = Object.keys(api.paths).find((path) => !path.endsWith("/batch"));
          const example = api.paths[endpoint].post.requestBody.content["application/json"].example || { data: {} };
          byId("features").replaceChildren(...names.map((name) => featureRow(name, row)));
          byId("fields").replaceChildren(...names.map((name, index) => field(name, index, (row.properties || {})[name] || {}, example.data[name])));
          byId("output").textContent = "Output: " + (api.components.schemas.Prediction.properties.prediction.description || "");
          byId("openapi").textContent = "GET " + base + "/docs";
          snippets(example);
          byId("api").hidden = false;
        }

        function featureRow(name, row) {
          const schema = (row.properties || {})[name] || {};
          const line = document.createElement("tr");
          for (const text of [name, [].concat(schema.type || "any").filter((t) => t !== "null").join(" or "), [].concat(schema.type).includes("null") ? "yes" : "no"]) {
            const cell = document.createElement("td");
            cell.textContent = text;
            line.append(cell);
          }
          return line;
        }

        function field(name, index, schema, value) {
          const box = document.createElement("div");
          const label = document.createElement("label");
          const input = document.createElement("input");
          input.id = "field-" + index;
          input.dataset.name = name;
          input.dataset.type = [].concat(schema.type || "number")[0];
          input.value = value ?? "";
          label.htmlFor = input.id;
          label.textContent = name;
          box.append(label, input);
          return box;
        }

        function rowFromForm() {
          const row = {};
          for (const input of byId("fields").querySelectorAll("input")) {
            const text = input.value.trim();
            if (text === "") { row[input.dataset.name] = null; continue; }
            row[input.dataset.name] = input.dataset.type === "string" ? text : Number(text);
          }
          return row;
        }

        function pythonText(value) {
          if (value === null) return "None";
          if (typeof value === "boolean") return value ? "True" : "False";
          if (Array.isArray(value)) return "[" + value.map(pythonText).join(", ") + "]";
          if (typeof value === "object") return "{" + Object.entries(value).map(([key, item]) => JSON.stringify(key) + ": " + pythonText(item)).join(", ") + "}";
          return JSON.stringify(value);
        }

        function snippets(example) {
          const url = location.origin + endpoint;
          const body = JSON.stringify(example);
          byId("curl").textContent = "curl -X POST " + url + " \\\\\\n  -H 'Authorization: Bearer YOUR_API_KEY' -H 'Content-Type: application/json' \\\\\\n  -d '" + body.replaceAll("'", "'\\\\''") + "'";
          byId("python").textContent = "import requests\\n\\nanswer = requests.post(\\n    " + JSON.stringify(url) + ",\\n    json=" + pythonText(example) + ",\\n    headers={\\"Authorization\\": \\"Bearer YOUR_API_KEY\\"},\\n)\\nprint(answer.json()[\\"prediction\\"])";
          byId("swift").textContent = "import Foundation\\n#if canImport(FoundationNetworking)\\nimport FoundationNetworking\\n#endif\\n\\nvar request = URLRequest(url: URL(string: " + JSON.stringify(url) + ")!)\\nrequest.httpMethod = \\"POST\\"\\nrequest.setValue(\\"Bearer YOUR_API_KEY\\", forHTTPHeaderField: \\"Authorization\\")\\nrequest.setValue(\\"application/json\\", forHTTPHeaderField: \\"Content-Type\\")\\nrequest.httpBody = Data(#\\"" + body + "\\"#.utf8)\\nlet (data, _) = try await URLSession.shared.data(for: request)\\nprint(String(decoding: data, as: UTF8.self))";
        }

        byId("key-form").addEventListener("submit", (event) => { event.preventDefault(); show(); });
        byId("try-form").addEventListener("submit", async (event) => {
          event.preventDefault();
          const answer = await fetch(endpoint, {
            method: "POST", headers: { ...headers(), "Content-Type": "application/json" }, body: JSON.stringify({ data: rowFromForm() }),
          });
          byId("answer").textContent = JSON.stringify(await answer.json(), null, 2);
        });
        byId("key").value = sessionStorage.getItem("martlet-key") || "";
        if (byId("key").value) show();
        """
}
