/** The page at `/docs`: Swagger UI, served from this machine, that shows `/openapi.json`. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { PageFile } from "../page-answer.js";

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>trade-canvas API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** No `validatorUrl`: the page asks nobody but the daemon. */
const START = `SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  validatorUrl: null,
});
`;

const START_FILE: PageFile = { type: "text/javascript; charset=utf-8", bytes: Buffer.from(START) };

/** Of the package's files those that the page loads, with their types. */
const PACKAGED: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

const locate = createRequire(import.meta.url);

/** The files of the page; those of the package are read when they are first asked for, and kept. */
export class DocsFiles {
  readonly #read = new Map<string, PageFile>();

  readonly page: PageFile = { type: "text/html; charset=utf-8", bytes: Buffer.from(HTML) };

  /** @returns undefined when the page has no such file. */
  find(name: string): PageFile | undefined {
    if (name === "start.js") return START_FILE;
    const type = Object.hasOwn(PACKAGED, name) ? PACKAGED[name] : undefined;
    if (type === undefined) return undefined;
    const known = this.#read.get(name);
    if (known !== undefined) return known;
    const file = { type, bytes: readFileSync(locate.resolve(`@fastify/swagger-ui/static/${name}`)) };
    this.#read.set(name, file);
    return file;
  }
}
