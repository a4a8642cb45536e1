/** The shape of a JSON value, exactly: every member with its type, none missing and none more. */

/** What is wrong with a value, one text each, beginning with where. */
export type Shape = (value: unknown, at: string) => readonly string[];

function kind(name: string, fits: (value: unknown) => boolean): Shape {
  return (value, at) => (fits(value) ? [] : [`${at}: ${JSON.stringify(value)} is not ${name}`]);
}

export const text = kind("a text", (value) => typeof value === "string");
export const flag = kind("a boolean", (value) => typeof value === "boolean");
export const number = kind("a number", (value) => typeof value === "number");
export const whole = kind("a whole number", Number.isSafeInteger);
/** A number of things, or a length of time. */
export const count = kind("a whole number from 0 on", (value) => Number.isSafeInteger(value) && Number(value) >= 0);

/** One of a few values, and nothing else. */
export function only(...values: readonly (string | number | boolean | null)[]): Shape {
  return kind(`one of ${JSON.stringify(values)}`, (value) => values.some((one) => one === value));
}

export function orNull(shape: Shape): Shape {
  return (value, at) => (value === null ? [] : shape(value, at));
}

export function listOf(item: Shape): Shape {
  return (value, at) =>
    Array.isArray(value)
      ? value.flatMap((one: unknown, index) => item(one, `${at}[${index}]`))
      : [`${at}: ${JSON.stringify(value)} is no list`];
}

/** An object whose members are named by what happened. */
export function mapOf(member: Shape): Shape {
  return (value, at) =>
    isObject(value)
      ? Object.entries(value).flatMap(([name, one]) => member(one, `${at}.${name}`))
      : [`${at}: ${JSON.stringify(value)} is no object`];
}

/** An object with these members; those of `more` may be left out. */
export function members(all: Readonly<Record<string, Shape>>, more: Readonly<Record<string, Shape>> = {}): Shape {
  return (value, at) => {
    if (!isObject(value)) return [`${at}: ${JSON.stringify(value)} is no object`];
    const known = { ...all, ...more };
    const missing = Object.keys(all).filter((name) => !Object.hasOwn(value, name));
    return [
      ...missing.map((name) => `${at}: ${name} is missing`),
      ...Object.entries(value).flatMap(([name, member]) => {
        const shape = Object.hasOwn(known, name) ? known[name] : undefined;
        return shape === undefined ? [`${at}: ${name} is too much`] : shape(member, `${at}.${name}`);
      }),
    ];
  };
}

/** The first shape of several that fits; what is wrong is told by the last one. */
export function oneOf(...shapes: readonly Shape[]): Shape {
  return (value, at) => {
    let wrong: readonly string[] = [`${at}: there is no shape to fit`];
    for (const shape of shapes) {
      wrong = shape(value, at);
      if (wrong.length === 0) return wrong;
    }
    return wrong;
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where all of these answers have a list without items: of what would stand in it, nothing was seen. */
export function emptyLists(answers: readonly unknown[]): readonly string[] {
  const filled = new Map<string, boolean>();
  for (const answer of answers) noteLists(answer, "", filled);
  return [...filled].flatMap(([at, isFilled]) => (isFilled ? [] : [at])).sort();
}

function noteLists(value: unknown, at: string, filled: Map<string, boolean>): void {
  if (Array.isArray(value)) {
    filled.set(at, value.length > 0 || filled.get(at) === true);
    for (const item of value) noteLists(item, `${at}[]`, filled);
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) noteLists(member, at === "" ? name : `${at}.${name}`, filled);
  }
}
