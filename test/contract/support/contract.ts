/** The contract of a route as a table: what it takes, what it answers, what it refuses and how. */
import type { CallOptions, HttpAnswer } from "../../http/request.js";
import type { TestDaemon } from "../../support/daemon.js";
import { describedCall, expectDescribed } from "./described.js";
import type { Member, Members, Place } from "./member.js";
import type { Shape } from "./shape.js";

/** Who may ask. The settings of one of the lists in `opens` are enough, all of them together; names without prefix. */
export type Gate =
  | "open"
  | { readonly asked: "before validation" | "after validation"; readonly opens: readonly (readonly string[])[] };

export type Values = Readonly<Record<string, unknown>>;

/** An error of the route itself. Those of its gate, of its members and of all routes are checked without being named. */
export interface ErrorCase {
  readonly status: number;
  /** As in the table of errors, with what is filled in in braces. */
  readonly detail: string;
  /** What it is filled in with here. */
  readonly filled?: string;
  /** Settings under which it happens, besides those that open the route. */
  readonly env?: Readonly<Record<string, string>>;
  /** Brings it about. */
  readonly arrange?: (daemon: TestDaemon) => void | Promise<void>;
  /** Members of the request, over the samples of those that are required. */
  readonly values?: Values;
}

export interface RouteContract {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly gate: Gate;
  readonly members: Members;
  /** Makes what members of a request have to name, and names it. */
  readonly given?: (daemon: TestDaemon) => Promise<Values>;
  /** Requests that are answered with 200, by their members over the samples of those that are required. */
  readonly examples: readonly Values[];
  readonly answer: Shape;
  /** It is answered with server-sent events, without an end; `answer` is the data of the first one. */
  readonly isStream?: boolean;
  /** It is answered with plain text; `answer` is its shape. */
  readonly isText?: boolean;
  /** Lists that are empty in the answers to all examples: to fill them takes an exchange, a failure, or more candles. */
  readonly emptyHere?: readonly string[];
  readonly errors: readonly ErrorCase[];
}

export function routeOf({ method, path }: { readonly method: string; readonly path: string }): string {
  return `${method} ${path}`;
}

export function placeOf({ method }: RouteContract): Place {
  return method === "GET" ? "query" : "body";
}

/** The samples of the members that a request cannot do without. */
export function required(members: Members): Values {
  const needed = Object.entries(members).filter(([, { need }]) => need === "required");
  return Object.fromEntries(needed.map(([name, { sample }]) => [name, sample]));
}

/** A request that nothing is wrong with: what is required, and no more. */
export async function goodRequest(daemon: TestDaemon, { members, given }: RouteContract): Promise<Values> {
  return { ...required(members), ...(await given?.(daemon)) };
}

/** Asks with exactly these members, and expects an answer as described. Texts of a query are percent-encoded. */
export async function ask(
  { url }: Pick<TestDaemon, "url">,
  { method, path, isStream = false }: RouteContract,
  values: Values,
  options: CallOptions = {},
): Promise<HttpAnswer> {
  if (method === "POST") return describedCall(url, path, { ...options, method, body: values });
  const query = queryOf(values);
  const target = query.size === 0 ? path : `${path}?${query}`;
  const answer = firstEvent(await describedCall(url, target, { ...options, firstChunkOnly: isStream }));
  if (isStream) await expectDescribed(target, options, answer);
  return answer;
}

/** Of server-sent events the data of the first one; any other answer as it is. */
function firstEvent(answer: HttpAnswer): HttpAnswer {
  if (answer.headers["content-type"]?.startsWith("text/event-stream") !== true) return answer;
  const [, data = ""] = /^data: (.*)$/m.exec(answer.text) ?? [];
  const { status, headers, text } = answer;
  return { status, headers, text, json: JSON.parse(data) as HttpAnswer["json"] };
}

/** The values as a query, percent-encoded. */
export function queryOf(values: Values): URLSearchParams {
  const texts = Object.entries(values).map(([name, value]) => [name, String(value)] as [string, string]);
  return new URLSearchParams(texts);
}

/** A member that may stand deeper in a body. */
export interface PlacedMember {
  /** Names from the outermost on. */
  readonly path: readonly string[];
  readonly member: Member;
}

/** All members, those of objects inside of a body included. */
export function placedMembers(members: Members, path: readonly string[] = []): readonly PlacedMember[] {
  return Object.entries(members).flatMap(([name, member]) => {
    const placed = { path: [...path, name], member };
    return member.kind === "object" ? [placed, ...placedMembers(member.members, placed.path)] : [placed];
  });
}

/** The values with another one in one place; undefined takes it out. */
export function replaced(values: Values, [name = "", ...deeper]: readonly string[], value: unknown): Values {
  const { [name]: inner, ...others } = values;
  if (deeper.length > 0) return { ...values, [name]: replaced(inner as Values, deeper, value) };
  return value === undefined ? others : { ...values, [name]: value };
}
