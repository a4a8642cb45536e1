/** What is wrong with a request, item by item, as existing clients know it. Spec: http-api §1.3. */

/** Where in the request: `query`, `path` or `body`, then names and indices. */
export type Location = readonly (string | number)[];

export interface Problem {
  readonly type: string;
  readonly loc: Location;
  readonly msg: string;
  /** The offending value: of a missing field the object that lacks it. */
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

/** Thrown by the validating side of a route; answered with 422 and the problems as `detail`. */
export class ValidationError extends Error {
  override readonly name = "ValidationError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super("the request is not valid");
    this.problems = problems;
  }
}

type Maker = (loc: Location, input: unknown) => Problem;

const plain =
  (type: string, msg: string): Maker =>
  (loc, input) => ({ type, loc, msg, input });

/** Problems without numbers in them. */
export const PROBLEMS = {
  missing: plain("missing", "Field required"),
  notAnObject: plain("model_attributes_type", "Input should be a valid dictionary or object to extract fields from"),
  notAString: plain("string_type", "Input should be a valid string"),
  notAnInteger: plain("int_type", "Input should be a valid integer"),
  integerParsing: plain("int_parsing", "Input should be a valid integer, unable to parse string as an integer"),
  integerTooLarge: plain("int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size"),
  integerFromFraction: plain("int_from_float", "Input should be a valid integer, got a number with a fractional part"),
  notANumber: plain("float_type", "Input should be a valid number"),
  numberParsing: plain("float_parsing", "Input should be a valid number, unable to parse string as a number"),
  notFinite: plain("finite_number", "Input should be a finite number"),
  notABoolean: plain("bool_type", "Input should be a valid boolean"),
  booleanParsing: plain("bool_parsing", "Input should be a valid boolean, unable to interpret input"),
  notAList: plain("list_type", "Input should be a valid list"),
} as const;

export function atLeast(loc: Location, input: unknown, ge: number): Problem {
  return { type: "greater_than_equal", loc, msg: `Input should be greater than or equal to ${ge}`, input, ctx: { ge } };
}

export function atMost(loc: Location, input: unknown, le: number): Problem {
  return { type: "less_than_equal", loc, msg: `Input should be less than or equal to ${le}`, input, ctx: { le } };
}

/** @param words at least two. */
export function notOneOf(loc: Location, input: unknown, words: readonly string[]): Problem {
  const quoted = words.map((word) => `'${word}'`);
  const expected = `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`;
  return { type: "literal_error", loc, msg: `Input should be ${expected}`, input, ctx: { expected } };
}

export function stringTooShort(loc: Location, input: unknown, min: number): Problem {
  const msg = `String should have at least ${count(min, "character")}`;
  return { type: "string_too_short", loc, msg, input, ctx: { min_length: min } };
}

export function stringTooLong(loc: Location, input: unknown, max: number): Problem {
  const msg = `String should have at most ${count(max, "character")}`;
  return { type: "string_too_long", loc, msg, input, ctx: { max_length: max } };
}

export function listTooShort(loc: Location, input: readonly unknown[], min: number): Problem {
  const msg = `List should have at least ${count(min, "item")} after validation, not ${input.length}`;
  const ctx = { field_type: "List", min_length: min, actual_length: input.length };
  return { type: "too_short", loc, msg, input, ctx };
}

/** The offending list is left out: it may be as long as the largest body. */
export function listTooLong(loc: Location, length: number, max: number): Problem {
  const msg = `List should have at most ${count(max, "item")} after validation, not ${length}`;
  return {
    type: "too_long",
    loc,
    msg,
    input: null,
    ctx: { field_type: "List", max_length: max, actual_length: length },
  };
}

/** @param offset position in the text at which it stopped being JSON. */
export function invalidJson(offset: number, error: string): Problem {
  return { type: "json_invalid", loc: ["body", offset], msg: "JSON decode error", input: {}, ctx: { error } };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
