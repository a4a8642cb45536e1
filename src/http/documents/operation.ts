/** What is said of a route besides the members that it takes, which its own schemas say. */
import type { TSchema } from "typebox";
import type { HttpErrorCode } from "../errors.js";

/** The groups of the document, in its order. */
export const TAGS = {
  market: "Candles, and the markets that they are of.",
  factors: "What the factors say, and the drawing that is made of it.",
  replay: "Packages of a stretch of candles, to be played back.",
  feed: "Where candles come from, what is missing, and why.",
  operation: "What the process is doing.",
  development: "For development and for operators' hands.",
} as const;

export interface Operation {
  /** Names the route in generated clients. */
  readonly id: string;
  readonly tag: keyof typeof TAGS;
  /** What it is for, in a line. */
  readonly summary: string;
  /** What else one has to know. */
  readonly description?: string;
  /** What is answered with 200. Of server-sent events, the data of each. */
  readonly answer: TSchema;
  /** Of answers that are no JSON. */
  readonly contentType?: string;
  /** Errors of its own; those of its gate, its members and of all routes follow. */
  readonly errors: readonly HttpErrorCode[];
  /** Settings that open the route: one of these lists is enough, all of it together. Without it the route is open. */
  readonly opensWith?: readonly (readonly string[])[];
}

/** Operations by `<method> <path>`. */
export type Operations = Readonly<Record<string, Operation>>;
