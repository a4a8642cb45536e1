/** Schemas that have a name stand once in a document, and are referred to everywhere else. */

/** JSON Schema, or a part of it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Keywords whose members are schemas by name, keywords with a list of schemas, and keywords with one. */
const BY_NAME = new Set(["properties", "patternProperties"]);
const LISTS = new Set(["anyOf", "oneOf", "allOf"]);
const SINGLE = new Set(["items", "additionalProperties"]);

/** Collects named schemas while others are copied. The name of a schema is its `title`. */
export class NamedSchemas {
  readonly #schemas = new Map<string, JsonSchema>();
  /** What each name was last met as: a member that may be left out is another object with the same content. */
  readonly #sources = new Map<string, object>();

  /** By their names, each behind those that it refers to. */
  get schemas(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries(this.#schemas);
  }

  /**
   * A copy of the schema in which each named one is a reference, and the schema itself when it has a name.
   * @throws Error when two schemas have one name: a reference could mean either.
   */
  refer(schema: object): JsonSchema {
    const { title } = schema as { readonly title?: string };
    if (title === undefined) return this.#copy(schema);
    if (this.#sources.get(title) !== schema) this.#add(title, schema);
    return { $ref: `#/components/schemas/${title}` };
  }

  #add(title: string, schema: object): void {
    const copy = this.#copy(schema);
    const known = this.#schemas.get(title);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(copy)) {
      throw new Error(`two schemas are called ${title}`);
    }
    this.#schemas.set(title, copy);
    this.#sources.set(title, schema);
  }

  #copy(schema: object): JsonSchema {
    return Object.fromEntries(
      Object.entries(schema).map(([keyword, value]) => [keyword, this.#inside(keyword, value)]),
    );
  }

  #inside(keyword: string, value: unknown): unknown {
    if (SINGLE.has(keyword) && typeof value === "object" && value !== null) return this.refer(value);
    if (LISTS.has(keyword)) return (value as readonly object[]).map((one) => this.refer(one));
    if (!BY_NAME.has(keyword)) return value;
    return Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, this.refer(one as object)]));
  }
}
