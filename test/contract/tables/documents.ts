/** The descriptions of the contract for machines. What they say is checked by test/http/documents. */
import type { RouteContract } from "../support/contract.js";
import { listOf, mapOf, members, only, type Shape, text } from "../support/shape.js";

/** Whatever the specification of the document allows there. */
const any: Shape = () => [];

export const DOCUMENTS: readonly RouteContract[] = [
  {
    method: "GET",
    path: "/openapi.json",
    gate: "open",
    members: {},
    examples: [{}],
    answer: members({
      openapi: only("3.1.0"),
      info: members({ title: text, version: text, description: text }),
      servers: listOf(mapOf(text)),
      tags: listOf(members({ name: text, description: text })),
      paths: mapOf(mapOf(any)),
      components: members({ schemas: mapOf(any), securitySchemes: mapOf(any) }),
    }),
    errors: [],
  },
  {
    method: "GET",
    path: "/asyncapi.json",
    gate: "open",
    members: {},
    examples: [{}],
    answer: members({
      asyncapi: only("3.0.0"),
      info: members({ title: text, version: text, description: text }),
      defaultContentType: only("application/json"),
      servers: mapOf(any),
      channels: mapOf(members({ address: text, description: text, messages: mapOf(any) })),
      operations: mapOf(any),
      components: members({ messages: mapOf(any), schemas: mapOf(any), securitySchemes: mapOf(any) }),
    }),
    errors: [],
  },
];
