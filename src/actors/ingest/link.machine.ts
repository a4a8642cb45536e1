/**
 * The link of one series to its stream, as a statechart: it asks the breaker, verifies the series, attaches, is live
 * with the first candle, and starts over when the connection is lost. What the states do is given as effects; candles
 * do not run through the machine. Spec: ingest §4.7, §5.3; feed bound B4.
 */
import { assign, fromPromise, setup } from "xstate";
import type { SeriesVerdict } from "../feed/exchange-port.js";

export interface LinkEffects {
  /** Asks the breaker. @returns milliseconds to wait; 0 to go ahead. */
  attempt(): number;
  verify(): Promise<SeriesVerdict>;
  attach(): void;
  detach(): void;
  /** The first valid candle has come. */
  succeeded(): void;
  /** @returns milliseconds to wait before the next attempt. */
  failed(reason: string): number;
  /** The exchange will not serve this series. */
  refused(reason: string): void;
}

export type LinkEvent =
  | { readonly type: "FIRST_KLINE" }
  | { readonly type: "LOST"; readonly reason: string }
  /** The exchange will not serve the series, as it turned out after attaching it unverified. */
  | { readonly type: "REFUSED"; readonly reason: string }
  | { readonly type: "STOP" };

interface LinkContext {
  readonly effects: LinkEffects;
  readonly waitMs: number;
  readonly reason: string | null;
}

/** A series that the exchange will not serve is looked up again after this time: it may be listed later. */
const REVERIFY_MS = 10 * 60_000;

export const linkMachine = setup({
  types: {
    context: {} as LinkContext,
    events: {} as LinkEvent,
    /** `waitMs`: pause before the first attempt, after a crash. */
    input: {} as { readonly effects: LinkEffects; readonly waitMs: number },
  },
  actors: {
    verify: fromPromise<SeriesVerdict, LinkEffects>(({ input }) => input.verify()),
  },
  delays: { pause: ({ context }) => context.waitMs, reverify: REVERIFY_MS },
  guards: {
    mustWait: ({ context }) => context.waitMs > 0,
    unusable: (_, verdict: SeriesVerdict) => verdict.type === "unusable",
  },
  actions: {
    ask: assign({ waitMs: ({ context }) => context.effects.attempt() }),
    backOff: assign(({ context, event }) => {
      const reason = event.type === "LOST" ? event.reason : "lost";
      return { ...context, reason, waitMs: context.effects.failed(reason) };
    }),
    attach: ({ context }) => context.effects.attach(),
    detach: ({ context }) => context.effects.detach(),
    // An assignment like the other calls of the breaker, which is a machine itself and must not run inside a custom action.
    succeeded: assign(({ context }) => {
      context.effects.succeeded();
      return context;
    }),
    refused: ({ context }, params: { reason: string }) => context.effects.refused(params.reason),
  },
}).createMachine({
  id: "link",
  initial: "waiting",
  context: ({ input }) => ({ ...input, reason: null }),
  on: { STOP: ".stopped" },
  states: {
    waiting: { after: { pause: "asking" } },
    asking: { entry: "ask", always: [{ guard: "mustWait", target: "waiting" }, { target: "verifying" }] },
    verifying: {
      invoke: {
        src: "verify",
        input: ({ context }) => context.effects,
        onDone: [
          {
            guard: { type: "unusable", params: ({ event }) => event.output },
            target: "refused",
            actions: {
              type: "refused",
              params: ({ event }) => ({ reason: event.output.type === "unusable" ? event.output.reason : "" }),
            },
          },
          { target: "attached" },
        ],
        onError: "attached",
      },
    },
    refused: { after: { reverify: "asking" } },
    attached: {
      initial: "unproven",
      entry: "attach",
      exit: "detach",
      on: {
        LOST: { target: "waiting", actions: "backOff" },
        REFUSED: { target: "refused", actions: { type: "refused", params: ({ event }) => ({ reason: event.reason }) } },
      },
      states: {
        unproven: { on: { FIRST_KLINE: { target: "live", actions: "succeeded" } } },
        live: {},
      },
    },
    stopped: { type: "final" },
  },
});
