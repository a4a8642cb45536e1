/** Control messages of a stream connection: how they are read, and the texts of their errors. Spec: binance-protocol §2.3. */
import type { MarketKind } from "../settings.js";

export type ControlId = number | string | null;

export type ControlRequest = { readonly id: ControlId } & (
  | { readonly method: "SUBSCRIBE" | "UNSUBSCRIBE"; readonly streams: readonly string[] }
  | { readonly method: "LIST_SUBSCRIPTIONS" }
  | { readonly method: "SET_PROPERTY"; readonly combined: boolean }
  | { readonly method: "GET_PROPERTY" }
);

export interface ControlProblem {
  readonly code: number;
  readonly message: string;
  /** Null when the message could not be read far enough to know it. */
  readonly id: ControlId;
}

export type ControlReading =
  | { readonly read: true; readonly request: ControlRequest }
  | { readonly read: false; readonly problem: ControlProblem };

export const CONTROL_CODES = {
  unknownProperty: 0,
  expectedBoolean: 1,
  invalidRequest: 2,
  invalidJson: 3,
  tooManySubscriptions: 4,
} as const;

const METHODS = ["SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY"] as const;
const SPOT_ID_TEXT = /^[A-Za-z0-9]{1,36}$/;

class Refusal extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Reads a control message; never throws. */
export function readControl(text: string, market: MarketKind): ControlReading {
  let id: ControlId = null;
  try {
    const message = parseObject(text);
    id = readId(message.id, market);
    return { read: true, request: readRequest(message, id, text) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { read: false, problem: { code: error.code, message: error.message, id } };
  }
}

/** The text of an error frame, in the shape seen on the wire or in the documented one. */
export function errorFrame({ code, message, id }: ControlProblem, shape: "wrapped" | "plain"): string {
  return shape === "wrapped"
    ? JSON.stringify({ error: { code, msg: message }, id })
    : JSON.stringify({ code, msg: message });
}

/** The text of an answer; never wrapped in `stream` and `data`. */
export function resultFrame(result: unknown, id: ControlId): string {
  return JSON.stringify({ result, id });
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(
      CONTROL_CODES.invalidJson,
      `Invalid JSON: expected value at line 1 column ${problemColumn(text)}`,
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal(CONTROL_CODES.invalidRequest, "Invalid request: expected a map at line 1 column 1");
  }
  return value as Record<string, unknown>;
}

function readId(id: unknown, market: MarketKind): ControlId {
  if (Number.isSafeInteger(id) && (market === "spot" || (id as number) >= 0)) return id as number;
  if (market === "spot" && (id === null || id === undefined)) return null;
  if (market === "spot" && typeof id === "string" && SPOT_ID_TEXT.test(id)) return id;
  throw new Refusal(CONTROL_CODES.invalidRequest, "Invalid request: request ID must be an unsigned integer");
}

function readRequest(message: Record<string, unknown>, id: ControlId, text: string): ControlRequest {
  const method = message.method;
  if (method === undefined) {
    throw new Refusal(
      CONTROL_CODES.invalidRequest,
      `Invalid request: missing field \`method\` at line 1 column ${text.length}`,
    );
  }
  if (!isMethod(method)) {
    const name = JSON.stringify(method);
    const expected = METHODS.map((known) => `\`${known}\``).join(", ");
    throw new Refusal(
      CONTROL_CODES.invalidRequest,
      `Invalid request: unknown variant \`${String(method)}\`, expected one of ${expected} at line 1 column ${text.indexOf(name) + name.length}`,
    );
  }
  const params = message.params ?? [];
  switch (method) {
    case "SUBSCRIBE":
    case "UNSUBSCRIBE":
      return { method, id, streams: readStreams(params) };
    case "LIST_SUBSCRIPTIONS":
      return { method, id };
    case "SET_PROPERTY":
      return { method, id, combined: readProperty(params, 2) as boolean };
    case "GET_PROPERTY":
      readProperty(params, 1);
      return { method, id };
  }
}

function isMethod(method: unknown): method is (typeof METHODS)[number] {
  return (METHODS as readonly unknown[]).includes(method);
}

function readStreams(params: unknown): readonly string[] {
  const isList = Array.isArray(params) && params.every((name) => typeof name === "string" && name !== "");
  if (!isList) throw new Refusal(CONTROL_CODES.invalidRequest, "Invalid request: invalid stream");
  return params;
}

/** `combined` is the only property; a set carries its value behind the name. */
function readProperty(params: unknown, count: 1 | 2): unknown {
  const [property, value, ...more] = Array.isArray(params) ? params : [];
  if (typeof property !== "string") {
    throw new Refusal(CONTROL_CODES.invalidRequest, "Invalid request: property name must be a string");
  }
  if (more.length > 0 || (count === 1 && value !== undefined)) {
    throw new Refusal(CONTROL_CODES.invalidRequest, "Invalid request: too many parameters");
  }
  if (property !== "combined") throw new Refusal(CONTROL_CODES.unknownProperty, "Unknown property");
  if (count === 2 && typeof value !== "boolean") {
    throw new Refusal(CONTROL_CODES.expectedBoolean, "Invalid value type: expected Boolean");
  }
  return value;
}

/** Where a reader fails, counted from 1: at a first character that begins no value, else (by assumption) at the end. */
function problemColumn(text: string): number {
  const first = text.search(/\S/);
  return first >= 0 && /[^{["\-\dtfn]/.test(text[first] ?? "") ? first + 1 : text.length;
}
