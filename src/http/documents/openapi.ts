/**
 * The HTTP side of the contract as an OpenAPI document: what each route takes, from the schemas that its requests are checked
 * against; what it answers, from its operation. Pure.
 */
import type { TSchema } from "typebox";
import { type Access, accessOf } from "../access/scopes.js";
import { errorAnswers } from "../answers/errors.js";
import type { HttpErrorCode } from "../errors.js";
import { SHED_PATHS } from "../read-shedding.js";
import { LIVENESS_PATH } from "../routes/probes.js";
import type { RegisteredRoute } from "../server.js";
import { type JsonSchema, NamedSchemas } from "./named-schemas.js";
import { type Operation, type Operations, TAGS } from "./operation.js";

export const OPENAPI_VERSION = "3.1.0";

/** What the way to be let in is called. */
export const TOKEN = "token";

export const TOKEN_DESCRIPTION =
  "An access token whose scopes include that of the route. Where no tokens are configured, none is needed: the daemon then " +
  "listens on loopback only.";

const DESCRIPTION = `Live Binance candles, what is derived from them, and how they are fed.

Times are whole Unix seconds and mean the open time of a candle; members that end in \`_ms\` are milliseconds. Members may be
added to answers: leave out what you do not know. Queries and bodies are read leniently: numbers and booleans may be texts, null
in a body counts as left out where it may stand, and members that are not known are ignored.

Whatever goes wrong is answered with exactly one member, \`detail\`. Besides the errors of each operation, a path that no route has
is 404 \`Not Found\`, a wrong method 405 \`Method Not Allowed\`, a request that is too large or too slow to arrive 431
\`headers_too_large\` or 408 \`request_timeout\`, and a connection too many 503 \`too_many_connections\`. The messages of the WebSockets are described in \`/asyncapi.json\`.`;

/** @param routes routes without an operation are files of a page, and are left out. */
export function openApiDocument(
  routes: readonly RegisteredRoute[],
  operations: Operations,
  version: string,
): JsonSchema {
  const named = new NamedSchemas();
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    const operation = operations[`${route.method} ${route.path}`];
    if (operation === undefined) continue;
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: describe(route, operation, named) };
  }
  return {
    openapi: OPENAPI_VERSION,
    info: { title: "trade-canvas", version, description: DESCRIPTION },
    servers: [{ url: "/", description: "The daemon that this document came from." }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: named.schemas,
      securitySchemes: { [TOKEN]: { type: "http", scheme: "bearer", description: TOKEN_DESCRIPTION } },
    },
  };
}

function describe(
  { method, path, query, body }: RegisteredRoute,
  operation: Operation,
  named: NamedSchemas,
): JsonSchema {
  const takesMembers = query !== undefined || body !== undefined;
  const access = accessOf(method, path);
  const codes: readonly HttpErrorCode[] = [
    ...operation.errors,
    ...accessErrors(method, access),
    ...(operation.opensWith === undefined ? [] : (["http.gate_closed"] as const)),
    ...(takesMembers ? (["http.invalid_request"] as const) : []),
    ...(body === undefined ? [] : (["http.body_too_large", "http.malformed_request"] as const)),
    ...(method === "GET" && SHED_PATHS.has(path) ? (["http.busy"] as const) : []),
    "http.internal",
    ...(path === LIVENESS_PATH ? [] : (["http.shutting_down"] as const)),
  ];
  return {
    operationId: operation.id,
    tags: [operation.tag],
    // Nobody is asked for a token where none are configured.
    ...(access === "open" ? {} : { security: [{ [TOKEN]: [access] }, {}] }),
    summary: operation.summary,
    description: [operation.description, gateText(operation), accessText(access)]
      .filter((text) => text !== undefined)
      .join("\n\n"),
    ...(query === undefined ? {} : { parameters: parameters(query, named) }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(named.refer(accepted(body))) } }),
    responses: { 200: success(operation, named), ...failures(codes, named) },
  };
}

/** What is asked before anything of the request is looked at. */
function accessErrors(method: string, access: Access): readonly HttpErrorCode[] {
  return [
    ...(access === "open" ? [] : (["http.token_required", "http.token_unknown", "http.scope_missing"] as const)),
    "http.foreign_host",
    ...(method === "GET" ? [] : (["http.foreign_origin"] as const)),
    "http.too_many_requests",
  ];
}

function accessText(access: Access): string {
  return access === "open" ? "Token: none." : `Token: with scope \`${access}\`, where tokens are configured.`;
}

function gateText({ opensWith }: Operation): string {
  if (opensWith === undefined) return "Gate: none.";
  const lists = opensWith.map((settings) => settings.map((name) => `\`${name}=1\``).join(" and "));
  return `Gate: ${lists.join(" or ")}, otherwise 404 \`not_found\`.`;
}

function success({ answer, contentType = "application/json" }: Operation, named: NamedSchemas): JsonSchema {
  const { description = "The answer." } = answer as { readonly description?: string };
  return { description, content: { [contentType]: { schema: named.refer(answer) } } };
}

function failures(codes: readonly HttpErrorCode[], named: NamedSchemas): Readonly<Record<string, JsonSchema>> {
  const retryAfter = {
    "retry-after": {
      description: "With `busy` and `too_many_requests`: when to ask again, in seconds.",
      schema: { type: "integer" },
    },
  };
  return Object.fromEntries(
    errorAnswers(codes).map(({ status, description, schema }) => [
      status,
      {
        description,
        ...(status === 429 || (status === 503 && codes.includes("http.busy")) ? { headers: retryAfter } : {}),
        content: json(named.refer(schema)),
      },
    ]),
  );
}

function json(schema: JsonSchema): JsonSchema {
  return { "application/json": { schema } };
}

function parameters(query: TSchema, named: NamedSchemas): readonly JsonSchema[] {
  const { properties, required } = accepted(query) as {
    readonly properties: Readonly<Record<string, JsonSchema>>;
    readonly required: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: named.refer(schema),
  }));
}

/** What may be sent: the validator requires what has a default of nobody but itself. */
function accepted(schema: object): JsonSchema {
  const {
    properties = {},
    required = [],
    ...rest
  } = schema as {
    readonly properties?: Readonly<Record<string, { readonly default?: unknown }>>;
    readonly required?: readonly string[];
  };
  return { ...rest, properties, required: required.filter((name) => properties[name]?.default === undefined) };
}
