/** What a request is made of: the members of a query or a body, with what may and what may not stand there. */

/** What happens when a member is left out. */
export type Need = "required" | "optional" | { readonly default: number | boolean | string };

interface Common {
  readonly need: Need;
  /** A body may have null here; it counts as left out. */
  readonly nullable?: boolean;
  /** A value that is taken; a request has it if the member is required. */
  readonly sample: unknown;
}

export type Member = Common &
  (
    | { readonly kind: "text"; readonly min?: number; readonly max?: number }
    | { readonly kind: "integer" | "number"; readonly min?: number; readonly max?: number }
    | { readonly kind: "boolean" }
    | { readonly kind: "choice"; readonly choices: readonly string[] }
    | { readonly kind: "list"; readonly min: number; readonly max: number }
    | { readonly kind: "object"; readonly members: Members }
  );

export type Members = Readonly<Record<string, Member>>;

/** Where a member stands: in a query every value is a text. */
export type Place = "query" | "body";

/** A value that is refused, and the problem that says so. */
export interface Wrong {
  readonly given: unknown;
  readonly type: string;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

/** Values that are not taken, from beyond each bound and of each wrong kind. Spec: http-api §1.3. */
export function wrongValues(member: Member, place: Place): readonly Wrong[] {
  const nulls = place === "body" && member.nullable !== true ? [null] : [];
  const others = place === "body" ? [...nulls, [], {}] : [];
  switch (member.kind) {
    case "text":
      return [...all(place === "body" ? [...others, 5, true] : [], "string_type"), ...wrongLengths(member)];
    case "integer":
      return [
        ...all(place === "body" ? [...others, true] : [], "int_type"),
        ...all(["", "x", "1.5", "0x10", "1_000"], "int_parsing"),
        ...(place === "body" ? all([1.5], "int_from_float") : []),
        ...all(["1e999"], "finite_number"),
        ...all(["9007199254740993"], "int_parsing_size"),
        ...outOfBounds(member, place, 1),
      ];
    case "number":
      return [
        ...all(place === "body" ? [...others, true] : [], "float_type"),
        ...all(["", "x", "1,5"], "float_parsing"),
        ...all(["1e999"], "finite_number"),
        ...outOfBounds(member, place, 0.001),
      ];
    case "boolean":
      return [...all(others, "bool_type"), ...all(["", "maybe", "2"], "bool_parsing")];
    case "choice":
      return [...all(["", "other", member.choices[0]?.toUpperCase()], "literal_error")];
    case "list":
      return [...all([...nulls, {}, "x", 5], "list_type"), ...wrongCounts(member)];
    case "object":
      return all([...nulls, [], "x", 5], "model_attributes_type");
  }
}

/** Values that are taken: each bound, and what is read leniently. Spec: http-api §1.3. */
export function rightValues(member: Member, place: Place): readonly unknown[] {
  const nulls = place === "body" && member.nullable === true ? [null] : [];
  switch (member.kind) {
    case "text":
      return [
        ...nulls,
        ...[member.min, member.max].flatMap((length) => (length === undefined ? [] : ["x".repeat(length)])),
      ];
    case "integer": {
      const bounds = [member.min ?? 0, member.max ?? Number.MAX_SAFE_INTEGER];
      return [...nulls, ...(place === "body" ? bounds : []), ...bounds.map(String), `${bounds[0]}.0`, ` ${bounds[0]} `];
    }
    case "number": {
      const bounds = [member.min, member.max].filter((bound) => bound !== undefined);
      return [...nulls, ...(place === "body" ? [...bounds, 1.5] : []), ...bounds.map(String), "1.5", "2", " 3e0 "];
    }
    case "boolean": {
      const words = ["1", "0", "true", "FALSE", "Yes", "no", "on", "Off", "t", "F", "y", "N"];
      return [...nulls, ...(place === "body" ? [true, false, 1, 0] : []), ...words];
    }
    case "choice":
      return member.choices;
    case "list":
      return [member.min, member.max].map((length) => Array.from({ length }, () => (member.sample as unknown[])[0]));
    case "object":
      return [...nulls, member.sample];
  }
}

function all(given: readonly unknown[], type: string): readonly Wrong[] {
  return given.map((one) => ({ given: one, type }));
}

function wrongLengths({ min = 0, max }: { readonly min?: number; readonly max?: number }): readonly Wrong[] {
  return [
    ...(min > 0 ? [{ given: "x".repeat(min - 1), type: "string_too_short", ctx: { min_length: min } }] : []),
    ...(max === undefined ? [] : [{ given: "x".repeat(max + 1), type: "string_too_long", ctx: { max_length: max } }]),
  ];
}

function wrongCounts({ min, max, sample }: { readonly min: number; readonly max: number; readonly sample: unknown }) {
  const items = (length: number) => Array.from({ length }, () => (sample as unknown[])[0]);
  const ctx = (bound: object, length: number) => ({ field_type: "List", ...bound, actual_length: length });
  return [
    ...(min > 0 ? [{ given: items(min - 1), type: "too_short", ctx: ctx({ min_length: min }, min - 1) }] : []),
    { given: items(max + 1), type: "too_long", ctx: ctx({ max_length: max }, max + 1) },
  ];
}

function outOfBounds(
  { min, max }: { readonly min?: number; readonly max?: number },
  place: Place,
  step: number,
): readonly Wrong[] {
  const written = (value: number) => (place === "query" ? String(value) : value);
  return [
    ...(min === undefined ? [] : [{ given: written(min - step), type: "greater_than_equal", ctx: { ge: min } }]),
    ...(max === undefined ? [] : [{ given: written(max + step), type: "less_than_equal", ctx: { le: max } }]),
  ];
}
