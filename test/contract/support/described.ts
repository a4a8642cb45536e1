/** Answers and messages, held against the documents that the server gives of itself; what they do not name is too much. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";
import { asyncApiDocument } from "../../../src/http/documents/asyncapi.js";
import { openApiDocument } from "../../../src/http/documents/openapi.js";
import { OPERATIONS } from "../../../src/http/documents/operations/all.js";
import { VERSION } from "../../../src/version.js";
import { type CallOptions, call, type HttpAnswer } from "../../http/request.js";
import { registeredRoutes } from "./registered.js";

/** What is wrong with a value, one text each. */
type Check = (value: unknown) => readonly string[];

/** A copy of a document in which objects have the members that are described, and no others. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, closed(member)]));
  const isObjectSchema = copy.type === "object" && typeof copy.properties === "object";
  return isObjectSchema ? { ...copy, additionalProperties: false } : copy;
}

/** The schemas of a document, by where they stand. */
export class Described {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  readonly document: Readonly<Record<string, unknown>>;

  constructor(document: Readonly<Record<string, unknown>>) {
    this.document = document;
    this.#ajv.addSchema(closed(document) as object, "document");
  }

  /** The check of the schema at these names from the root; undefined when the document has none there. */
  at(...names: readonly string[]): Check | undefined {
    if (this.find(...names) === undefined) return undefined;
    const pointer = names.map((name) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1")));
    const validate = this.#ajv.getSchema(`document#/${pointer.join("/")}`);
    if (validate === undefined) throw new Error(`no schema at ${names.join(" ")}`);
    return (value) => {
      if (validate(value) === true) return [];
      return (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath || "/"} ${message} ${JSON.stringify(params)}`,
      );
    };
  }

  /** What the document has at these names from the root. */
  find(...names: readonly string[]): unknown {
    let value: unknown = this.document;
    for (const name of names) value = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
    return value;
  }
}

/** The document of `GET /openapi.json`. */
export const openApi: Promise<Described> = registeredRoutes().then(
  (routes) => new Described(openApiDocument(routes, OPERATIONS, VERSION)),
);

/** The document of `GET /asyncapi.json`. */
export const asyncApi = new Described(asyncApiDocument(VERSION));

/** What of an answer is not as the document has it. Of paths and methods that no route has, nothing is said. */
export async function wrongInAnswer(method: string, path: string, answer: HttpAnswer): Promise<readonly string[]> {
  const document = await openApi;
  const operation = ["paths", path.split("?")[0] ?? "", method.toLowerCase()];
  if (document.find(...operation) === undefined) return [];
  const type = String(answer.headers["content-type"]).split(";")[0] ?? "";
  const check = document.at(...operation, "responses", String(answer.status), "content", type, "schema");
  if (check === undefined) return [`${answer.status} ${type} is not described`];
  return check(type === "text/plain" ? answer.text : answer.json);
}

/** What of a message from the daemon is not as the document has it. @param channel `market` or `debug`. */
export function wrongInMessage(channel: string, message: unknown): readonly string[] {
  const { type } = message as { readonly type?: unknown };
  const name = String(type);
  if (asyncApi.find("channels", channel, "messages", name) === undefined) return [`${name} is not described`];
  return asyncApi.at("components", "messages", name, "payload")?.(message) ?? [`${name} has no payload`];
}

/** Like {@link call}, for answers that have to be as described. */
export async function describedCall(url: string, path: string, options: CallOptions = {}): Promise<HttpAnswer> {
  const answer = await call(url, path, options);
  if (answer.headers["content-type"]?.startsWith("text/event-stream") !== true)
    await expectDescribed(path, options, answer);
  return answer;
}

/** Expects an answer to be as described. */
export async function expectDescribed(path: string, options: CallOptions, answer: HttpAnswer): Promise<void> {
  const { method = options.body === undefined ? "GET" : "POST" } = options;
  const wrong = await wrongInAnswer(method, path, answer);
  expect(wrong, `${method} ${path.slice(0, 200)}: ${answer.text.slice(0, 300)}`).toEqual([]);
}
