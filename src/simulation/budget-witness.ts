/**
 * Watches what the process asks of the exchange against what the exchange has told it: a refused request silences
 * requests, across restarts; a refused handshake silences handshakes. Feed bounds: B9, F18, F26, F27.
 */
import type { MarketKind } from "../sim/settings.js";
import type { SimulatedClock } from "../sim/simulated-clock.js";
import type { NetworkWitness } from "./network.js";

type RequestKind = "rest" | "handshake";

interface Silence {
  readonly kind: RequestKind;
  readonly untilMs: number;
  readonly learnedMs: number;
  readonly life: number;
}

/** A silence that the process could not write down in time is forgotten with it, in milliseconds. */
const WRITE_DOWN_MS = 10_000;

export class BudgetWitness implements NetworkWitness {
  readonly violations: string[] = [];
  readonly #clock: SimulatedClock;
  readonly #silences = new Map<string, Silence>();
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

  requestSent(market: MarketKind, life: number, kind: RequestKind): void {
    const silence = this.#silences.get(`${market} ${kind}`);
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
    { status, retryAfterS, kind }: Parameters<NetworkWitness["refusalDelivered"]>[2],
  ): void {
    if ((status !== 429 && status !== 418) || retryAfterS === undefined) return;
    const learnedMs = this.#clock.now();
    const key = `${market} ${kind}`;
    const untilMs = Math.max(this.#silences.get(key)?.untilMs ?? 0, learnedMs + retryAfterS * 1000);
    this.#silences.set(key, { kind, untilMs, learnedMs, life });
  }

  #wasKept({ kind, learnedMs, life }: Silence): boolean {
    return kind === "rest" && (this.#endedMs.get(life) ?? 0) - learnedMs >= WRITE_DOWN_MS;
  }
}
