/** Watches what the process asks of the exchange against what the exchange has told it. Feed bounds: B9, F26, F27. */
import type { MarketKind } from "../sim/settings.js";
import type { SimulatedClock } from "../sim/simulated-clock.js";
import type { NetworkWitness } from "./network.js";

interface Silence {
  readonly untilMs: number;
  readonly learnedMs: number;
  readonly life: number;
}

/** A silence that the process could not write down in time is forgotten with it, in milliseconds. */
const WRITE_DOWN_MS = 10_000;

export class BudgetWitness implements NetworkWitness {
  readonly violations: string[] = [];
  readonly #clock: SimulatedClock;
  readonly #silences = new Map<MarketKind, Silence>();
  /** When each life ended, by its number; Infinity once its disk could not be trusted to have kept what it learned. */
  readonly #endedMs = new Map<number, number>();

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  lifeEnded(life: number): void {
    this.#endedMs.set(life, this.#clock.now());
  }

  /** The disk takes nothing: what was learned before may not have been kept. */
  diskFailed(): void {
    for (const [market, silence] of this.#silences)
      this.#silences.set(market, { ...silence, learnedMs: this.#clock.now() });
  }

  requestSent(market: MarketKind, life: number, kind: "rest" | "handshake"): void {
    const silence = this.#silences.get(market);
    const now = this.#clock.now();
    if (silence === undefined || now >= silence.untilMs) return;
    if (life !== silence.life && !this.#wasKept(silence)) return;
    const leftS = (silence.untilMs - now) / 1000;
    this.violations.push(
      `${market}: a ${kind} request ${leftS.toFixed(1)} s before the end of a demanded silence (at ${now})`,
    );
  }

  refusalDelivered(
    market: MarketKind,
    life: number,
    { status, retryAfterS }: { readonly status: number; readonly retryAfterS: number | undefined },
  ): void {
    if ((status !== 429 && status !== 418) || retryAfterS === undefined) return;
    const learnedMs = this.#clock.now();
    const untilMs = Math.max(this.#silences.get(market)?.untilMs ?? 0, learnedMs + retryAfterS * 1000);
    this.#silences.set(market, { untilMs, learnedMs, life });
  }

  #wasKept({ learnedMs, life }: Silence): boolean {
    return (this.#endedMs.get(life) ?? 0) - learnedMs >= WRITE_DOWN_MS;
  }
}
