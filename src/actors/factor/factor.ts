/**
 * The factor actor: owns the factor ledger of one series. It computes ahead of the commit and takes the result over only
 * when the commit is durable, so that memory never says more than the store. A throw in a factor is a crash: the candles
 * are committed without it, and the next incarnation catches up from the store. Design: §4, C-1.
 */
import { type Clock, nextTurn } from "../../clock/clock.js";
import { FactorLedger, type FactorLedgerOptions, NOTHING_FOLDED } from "../../ledger/factor-ledger.js";
import type { Candle } from "../../market/candle.js";
import type { Behavior } from "../runtime/actor.js";
import type { FactorFolded, FactorMessage, FactorStatus } from "./protocol.js";

export interface FactorOptions extends FactorLedgerOptions {
  readonly clock: Clock;
  /** Off: the ledger's head never moves. */
  readonly enabled: boolean;
  /** Called when an incarnation finds at its start that the ledger is behind the store. */
  readonly onLagging: () => void;
}

export class FactorBehavior implements Behavior<FactorMessage> {
  readonly #options: FactorOptions;
  readonly #ledger: FactorLedger;

  constructor(options: FactorOptions) {
    this.#options = options;
    this.#ledger = new FactorLedger(options);
  }

  start(): void {
    const { status } = this;
    if (status === "lagging" || status === "rebuild_due") this.#options.onLagging();
  }

  async receive(message: FactorMessage): Promise<void> {
    switch (message.type) {
      case "fold":
        message.reply.resolve(await this.#fold(message.candles, message.changedFrom));
        return;
      case "settle":
        this.#ledger.settle(message.outcome);
        return;
    }
  }

  get status(): FactorStatus {
    const { enabled, store, id } = this.#options;
    if (!enabled) return "off";
    const storedHeadTime = store.head(id.text).lastTime;
    const head = this.#ledger.usableHead();
    if (storedHeadTime === null) return "current";
    if (head === null) return "rebuild_due";
    return head.time < storedHeadTime ? "lagging" : "current";
  }

  async #fold(candles: readonly Candle[], changedFrom: number | undefined): Promise<FactorFolded> {
    const { clock, enabled } = this.#options;
    const startedMs = clock.monotonic();
    if (!enabled) return { ...NOTHING_FOLDED, durationMs: 0 };
    const folding = this.#ledger.fold(candles, changedFrom);
    for (;;) {
      const step = folding.next();
      if (step.done === true) return { ...step.value, durationMs: clock.monotonic() - startedMs };
      await nextTurn(clock);
    }
  }
}
