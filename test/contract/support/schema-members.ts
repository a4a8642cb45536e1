/** The members of a request, read off the schemas that the server checks it against. */
import type { RegisteredRoute } from "../../../src/http/server.js";
import type { Member } from "./member.js";

export interface FoundMember {
  /** With the names of the objects that it stands in: `candle.open`. */
  readonly name: string;
  readonly kind: Member["kind"];
  readonly nullable: boolean;
  readonly required: boolean;
  readonly default: unknown;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly choices: readonly string[] | undefined;
}

interface Schema {
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly default?: unknown;
}

const KINDS: Readonly<Record<string, Member["kind"]>> = {
  string: "text",
  integer: "integer",
  number: "number",
  boolean: "boolean",
  array: "list",
  object: "object",
};

/** Members of query and body, those of objects in a body behind the object. */
export function membersOf(route: Pick<RegisteredRoute, "query" | "body"> | undefined): readonly FoundMember[] {
  return [route?.query, route?.body].flatMap((schema) => (schema === undefined ? [] : inside(schema as Schema, "")));
}

function inside({ properties = {}, required = [] }: Schema, prefix: string): readonly FoundMember[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const found = memberOf(prefix + name, schema, required.includes(name));
    return [found, ...(found.kind === "object" ? inside(schema, `${found.name}.`) : [])];
  });
}

function memberOf(name: string, schema: Schema, isRequired: boolean): FoundMember {
  const branches = (schema.anyOf ?? [schema]).filter(({ type }) => type !== "null");
  const [only = {}] = branches;
  const words = only.enum ?? branches.flatMap((branch) => (branch.const === undefined ? [] : [branch.const]));
  return {
    name,
    kind: words.length > 0 ? "choice" : (KINDS[only.type ?? ""] ?? "object"),
    nullable: schema.anyOf?.some(({ type }) => type === "null") === true,
    // What has a default is not missed.
    required: isRequired && schema.default === undefined,
    default: schema.default,
    min: only.minimum ?? only.minLength ?? only.minItems,
    max: only.maximum ?? only.maxLength ?? only.maxItems,
    choices: words.length > 0 ? words : undefined,
  };
}
