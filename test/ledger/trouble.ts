/** Scripts of all that may happen to a series. */
import fc from "fast-check";
import { type RunPolicy, runPolicies } from "../../src/actors/ingest/policy.js";

const { http, stream } = runPolicies({ pipelineV2: true, wsPipelinePublish: true });

/** Which stored candle is corrected, and how far into that part of the series it lies, from 0 to 1. */
export interface Spot {
  readonly where: "head" | "open block" | "anywhere" | "first";
  readonly part: number;
}

export interface Run {
  readonly do: "run";
  readonly fresh: number;
  readonly late: number;
  readonly corrected: readonly Spot[];
  readonly repeated: number;
  readonly policy: RunPolicy;
}

/** How the operator has set up the ledgers. */
export interface Operated {
  readonly windowCandles: number;
  readonly logicVersion: string;
  readonly factorOn: boolean;
  readonly overlayOn: boolean;
}

export type Step =
  | Run
  /** The next steps of an actor fail, or the next commits do. */
  | { readonly do: "fail"; readonly what: "factor" | "overlay" | "commit"; readonly times: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "reset drawing" }
  | { readonly do: "restart" }
  | ({ readonly do: "reopen" } & Operated);

export interface Trouble {
  readonly seed: number;
  /** Candles before the script begins. */
  readonly initial: number;
  readonly script: readonly Step[];
  readonly pivotWindowMajor: number;
  readonly compensateNewCandles: boolean;
  readonly compensateOverlay: boolean;
  readonly rebuildKeepCandles: number;
  readonly ledgerLimits: { readonly catchUpCandles: number; readonly maxRefoldCandles: number } | undefined;
}

const spot: fc.Arbitrary<Spot> = fc.record({
  where: fc.constantFrom("head", "open block", "anywhere", "anywhere", "first"),
  part: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

function mostlyNone<T>(none: T, some: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(none) }, { weight: 2, arbitrary: some });
}

const run: fc.Arbitrary<Run> = fc.record({
  do: fc.constant("run" as const),
  fresh: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 3 }) },
    { weight: 2, arbitrary: fc.integer({ min: 10, max: 60 }) },
    { weight: 1, arbitrary: fc.integer({ min: 200, max: 600 }) },
  ),
  late: mostlyNone(0, fc.integer({ min: 1, max: 3 })),
  corrected: mostlyNone<Spot[]>([], fc.array(spot, { minLength: 1, maxLength: 2 })),
  repeated: mostlyNone(0, fc.constantFrom(1, 5, 300)),
  policy: fc.constantFrom(stream, stream, http),
});

const fail: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("fail" as const),
  what: fc.constantFrom("factor" as const, "overlay" as const, "commit" as const),
  times: fc.integer({ min: 1, max: 3 }),
});

const reopen: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("reopen" as const),
  windowCandles: fc.constantFrom(2_000, 2_000, 100),
  logicVersion: fc.constantFrom("test", "test", "test", "other"),
  factorOn: fc.constantFrom(true, true, true, false),
  overlayOn: fc.constantFrom(true, true, true, false),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 11, arbitrary: run },
  { weight: 4, arbitrary: fail },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(500, 1_000, 31_000) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "reset drawing" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "restart" }) },
  { weight: 2, arbitrary: reopen },
);

export const trouble: fc.Arbitrary<Trouble> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  initial: fc.constantFrom(0, 250, 530, 800),
  script: fc.array(step, { minLength: 4, maxLength: 14, size: "max" }),
  pivotWindowMajor: fc.constantFrom(2, 8),
  compensateNewCandles: fc.boolean(),
  compensateOverlay: fc.boolean(),
  rebuildKeepCandles: fc.constantFrom(100_000, 100_000, 300),
  // Small enough for pages and cuts within a few hundred candles, or as they are.
  ledgerLimits: fc.constantFrom(undefined, { catchUpCandles: 100, maxRefoldCandles: 300 }),
});
