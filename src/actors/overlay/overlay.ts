/**
 * The overlay actor: owns the drawing of one series. Like the factor actor it computes ahead of the commit and takes its
 * result over when the commit is durable. Design: §4, C-6.
 */
import { type Clock, nextTurn } from "../../clock/clock.js";
import type { FactorRun } from "../../ledger/factor-ledger.js";
import { NOTHING_DRAWN, OverlayLedger, type OverlayLedgerOptions } from "../../ledger/overlay-ledger.js";
import type { Behavior } from "../runtime/actor.js";
import type { OverlayMessage, OverlayRendered } from "./protocol.js";

export interface OverlayOptions extends OverlayLedgerOptions {
  readonly clock: Clock;
  /** Off: the ledger's head never moves. */
  readonly enabled: boolean;
  /** Called when an incarnation finds at its start that the drawing is behind the stored factor ledger. */
  readonly onLagging: () => void;
}

export class OverlayBehavior implements Behavior<OverlayMessage> {
  readonly #options: OverlayOptions;
  readonly #ledger: OverlayLedger;

  constructor(options: OverlayOptions) {
    this.#options = options;
    this.#ledger = new OverlayLedger(options);
  }

  start(): void {
    const { store, id, enabled, onLagging } = this.#options;
    const factorTime = store.ledger(id.text, "factor").head?.time;
    const time = this.#ledger.usableHead()?.time;
    if (enabled && factorTime !== undefined && (time === undefined || time < factorTime)) onLagging();
  }

  async receive(message: OverlayMessage): Promise<void> {
    switch (message.type) {
      case "render":
        message.reply.resolve(await this.#render(message.factor));
        return;
      case "settle":
        this.#ledger.settle(message.outcome);
        return;
    }
  }

  async #render(factor: Pick<FactorRun, "frames" | "restart">): Promise<OverlayRendered> {
    const { clock, enabled } = this.#options;
    const startedMs = clock.monotonic();
    if (!enabled) return { ...NOTHING_DRAWN, durationMs: 0 };
    const drawing = this.#ledger.draw(factor);
    for (;;) {
      const step = drawing.next();
      if (step.done === true) return { ...step.value, durationMs: clock.monotonic() - startedMs };
      await nextTurn(clock);
    }
  }
}
