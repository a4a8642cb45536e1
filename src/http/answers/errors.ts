/** What errors are answered with, by their codes. Spec: http-api §1.2, §1.3. */
import { type TSchema, Type } from "typebox";
import { HTTP_ERRORS, type HttpErrorCode } from "../errors.js";
import { always, list, map, named, object, text } from "./parts.js";

const Problem = named("Problem", "What is wrong with one member of a request.", {
  type: text("The kind of problem; docs/api/README.md lists them."),
  loc: list(Type.Union([Type.String(), Type.Integer()]), "`query` or `body`, then names and indices."),
  msg: text("In words."),
  input: { description: "The offending value; null if it is large." },
  ctx: Type.Optional(map({}, "Numbers and words of the problem.")),
});

/** Errors of one status. */
export interface ErrorAnswer {
  readonly status: number;
  /** A line for each, with its `detail` and what it means. */
  readonly description: string;
  readonly schema: TSchema;
}

/** How these errors are answered, by ascending status. Errors of one status share an answer. */
export function errorAnswers(codes: readonly HttpErrorCode[]): readonly ErrorAnswer[] {
  const statuses = [...new Set(codes.map((code) => HTTP_ERRORS[code].status))].sort((a, b) => a - b);
  return statuses.map((status) => {
    const kinds = codes.map((code) => HTTP_ERRORS[code]).filter((kind) => kind.status === status);
    const details = [...new Set(kinds.map(({ detail }) => detail))];
    const lines = kinds.map(({ detail, meaning }) => `\`${detail}\`: ${meaning}`);
    return { status, description: [...new Set(lines)].join("\n\n"), schema: errorSchema(details) };
  });
}

function errorSchema(details: readonly string[]): TSchema {
  const [first, ...others] = details.map(detailSchema);
  if (first === undefined) throw new Error("an error answer has at least one detail");
  return object({ detail: others.length === 0 ? first : Type.Union([first, ...others]) });
}

/** @param detail as in the table of errors: a list, a text, or one with something to be filled in. */
function detailSchema(detail: string): TSchema {
  if (detail === "[…]") return list(Problem, "One item per problem, in the order of the members.");
  if (!detail.includes("{")) return always(detail);
  return Type.String({ pattern: `^${detail.replace(/\{\w+\}/g, "[\\s\\S]+")}$`, description: detail });
}
