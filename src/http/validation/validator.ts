/**
 * Checks a request against the JSON schema of its route, and turns what does not fit into the problems that existing
 * clients know. The same schemas give the types and the documentation. Only the keywords below are understood; a schema
 * with another one is refused when the route is registered, so that nothing documented goes unchecked.
 */
import type { Static, TSchema } from "typebox";
import {
  atLeast,
  atMost,
  type Location,
  listTooLong,
  listTooShort,
  notOneOf,
  PROBLEMS,
  type Problem,
  stringTooLong,
  stringTooShort,
  ValidationError,
} from "./problem.js";
import { type Read, readBoolean, readInteger, readNumber, readString } from "./scalars.js";

/** Problems reported for one request at most: a list of 20,000 bad items is answered with the first of them. */
const MAX_PROBLEMS = 100;

type Check = (input: unknown, loc: Location, problems: Problem[]) => unknown;

/** What a schema may say; a superset of what any one type uses. */
interface Keywords {
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly enum?: readonly string[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Keywords;
  readonly properties?: Readonly<Record<string, Keywords>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Keywords[];
  readonly default?: unknown;
}

const UNDERSTOOD = new Set([
  ...["type", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "items", "properties"],
  ...["enum", "required", "anyOf", "default", "description", "examples"],
]);

/**
 * A function that returns the value of an input that fits the schema, with defaults filled in and unknown members left
 * out, and throws ValidationError for one that does not.
 * @param from what the location of a problem begins with: `query` or `body`.
 */
export function validator<S extends TSchema>(schema: S, from: "query" | "body"): (input: unknown) => Static<S> {
  const check = compile(schema as Keywords);
  return (input) => {
    // No body at all, and a body that says so.
    if (input === undefined || input === null) throw new ValidationError([PROBLEMS.missing([from], null)]);
    const problems: Problem[] = [];
    const value = check(input, [from], problems);
    if (problems.length > 0) throw new ValidationError(problems.slice(0, MAX_PROBLEMS));
    return value as Static<S>;
  };
}

function compile(schema: Keywords): Check {
  const foreign = Object.keys(schema).filter((keyword) => !UNDERSTOOD.has(keyword));
  if (foreign.length > 0) throw new Error(`the schema keyword '${foreign[0]}' is not checked by this validator`);
  if (schema.anyOf !== undefined) return compileNullable(schema.anyOf);
  switch (schema.type) {
    case "object":
      return compileObject(schema);
    case "array":
      return compileArray(schema);
    case "integer":
      return compileScalar(schema, readInteger);
    case "number":
      return compileScalar(schema, readNumber);
    case "boolean":
      return compileScalar(schema, readBoolean);
    case "string":
      return compileScalar(schema, readString);
    default:
      throw new Error(`the schema type '${schema.type}' is not checked by this validator`);
  }
}

/** The only union in use: something, or null. */
function compileNullable(members: readonly Keywords[]): Check {
  const something = members.filter((member) => member.type !== "null");
  const [only] = something;
  if (only === undefined || something.length > 1)
    throw new Error("only unions with null are checked by this validator");
  const check = compile(only);
  return (input, loc, problems) => (input === null ? null : check(input, loc, problems));
}

function compileScalar<T>(schema: Keywords, read: (input: unknown, loc: Location) => Read<T>): Check {
  return (input, loc, problems) => {
    const result = read(input, loc);
    const problem = "problem" in result ? result.problem : boundsProblem(schema, result.value, input, loc);
    if (problem !== undefined) problems.push(problem);
    return "value" in result ? result.value : undefined;
  };
}

function boundsProblem(schema: Keywords, value: unknown, input: unknown, loc: Location): Problem | undefined {
  const { minimum, maximum, minLength, maxLength, enum: words } = schema;
  if (typeof value === "number") {
    if (minimum !== undefined && value < minimum) return atLeast(loc, input, minimum);
    if (maximum !== undefined && value > maximum) return atMost(loc, input, maximum);
  }
  if (typeof value === "string") {
    if (words !== undefined && !words.includes(value)) return notOneOf(loc, input, words);
    const characters = [...value].length;
    if (minLength !== undefined && characters < minLength) return stringTooShort(loc, input, minLength);
    if (maxLength !== undefined && characters > maxLength) return stringTooLong(loc, input, maxLength);
  }
  return undefined;
}

function compileArray(schema: Keywords): Check {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema;
  const item = compile(schema.items ?? {});
  return (input, loc, problems) => {
    if (!Array.isArray(input)) {
      problems.push(PROBLEMS.notAList(loc, input));
      return undefined;
    }
    if (input.length > maxItems) {
      problems.push(listTooLong(loc, input.length, maxItems));
      return undefined;
    }
    if (input.length < minItems) problems.push(listTooShort(loc, input, minItems));
    return input.map((value, index) =>
      problems.length < MAX_PROBLEMS ? item(value, [...loc, index], problems) : undefined,
    );
  };
}

function compileObject(schema: Keywords): Check {
  const required = new Set(schema.required ?? []);
  const members = Object.entries(schema.properties ?? {}).map(([name, member]) => ({
    name,
    check: compile(member),
    fallback: member.default,
    isRequired: required.has(name),
  }));
  return (input, loc, problems) => {
    if (typeof input !== "object" || input === null || Array.isArray(input)) {
      problems.push(PROBLEMS.notAnObject(loc, input));
      return undefined;
    }
    const value: Record<string, unknown> = {};
    for (const { name, check, fallback, isRequired } of members) {
      const given = Object.hasOwn(input, name) ? (input as Record<string, unknown>)[name] : undefined;
      const at = [...loc, name];
      if (given !== undefined) value[name] = check(given, at, problems);
      else if (fallback !== undefined) value[name] = fallback;
      else if (isRequired) problems.push(PROBLEMS.missing(at, loc[0] === "query" ? null : input));
    }
    return value;
  };
}
