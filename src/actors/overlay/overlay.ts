/**
 * The overlay actor: owns the drawing state of one series. Like the factor actor it computes ahead of the commit and
 * takes its result over when the commit is durable. Design: §4, C-6.
 */
import type { Clock } from "../../clock/clock.js";
import type { FactorState } from "../../factors/engine.js";
import type { OverlayEngine, OverlayState } from "../../overlays/engine.js";
import type { StoreReader } from "../../storage/store.js";
import type { Behavior } from "../runtime/actor.js";
import type { OverlayMessage, OverlayRendered } from "./protocol.js";

export interface OverlayOptions {
  readonly series: string;
  readonly store: StoreReader;
  readonly clock: Clock;
  readonly engine: OverlayEngine;
  /** Off: the ledger's head never moves. */
  readonly enabled: boolean;
  /** Called when an incarnation finds at its start that the drawing is behind the stored factor ledger. */
  readonly onLagging: () => void;
}

const NOTHING_DRAWN: OverlayState = { headTime: null };

export class OverlayBehavior implements Behavior<OverlayMessage> {
  readonly #options: OverlayOptions;
  #state: OverlayState = NOTHING_DRAWN;
  #prepared: OverlayState | undefined;

  constructor(options: OverlayOptions) {
    this.#options = options;
  }

  start(): void {
    const { store, series, enabled, onLagging } = this.#options;
    const headTime = store.ledgerHead(series, "overlay")?.time ?? null;
    this.#state = { headTime };
    const factorTime = store.ledgerHead(series, "factor")?.time ?? null;
    if (enabled && factorTime !== null && (headTime === null || headTime < factorTime)) onLagging();
  }

  receive(message: OverlayMessage): void {
    switch (message.type) {
      case "render":
        message.reply.resolve(this.#render(message.factor, message.rebuilt));
        return;
      case "settle":
        if (message.outcome === "committed") this.#state = this.#prepared ?? this.#state;
        this.#prepared = undefined;
        return;
      case "reset":
        this.#state = NOTHING_DRAWN;
        return;
    }
  }

  #render(factor: FactorState, rebuilt: boolean): OverlayRendered {
    const { clock, engine, enabled } = this.#options;
    const startedMs = clock.monotonic();
    if (!enabled) return { change: undefined, headTime: this.#state.headTime, durationMs: 0 };
    const state = engine.render(rebuilt ? NOTHING_DRAWN : this.#state, factor);
    this.#prepared = state;
    const { headTime } = state;
    const moved = headTime !== null && (rebuilt || headTime !== this.#state.headTime);
    return {
      change: moved ? { type: "advanced", head: { time: headTime, fingerprint: engine.fingerprint } } : undefined,
      headTime,
      durationMs: clock.monotonic() - startedMs,
    };
  }
}
