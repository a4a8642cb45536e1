/**
 * The exchange's clock, estimated from its `/time` answers. Whether a candle is closed, which weight minute it is and when
 * a ban ends are decided by it, never by the machine's wall clock, which may be wrong and may jump.
 * Spec: binance-protocol F24, F25.
 */
import type { Clock } from "../../clock/clock.js";

/** One `/time` answer and when it travelled. */
export interface ServerTimeSample {
  /** Milliseconds since the Unix epoch, UTC. */
  readonly serverTimeMs: number;
  /** Milliseconds of the monotonic clock. */
  readonly sentMonotonicMs: number;
  readonly receivedMonotonicMs: number;
}

/** Samples that are kept; of these the one with the shortest round trip counts. */
const MAX_SAMPLES = 8;

/** Older samples are dropped, in milliseconds: clocks drift apart. */
const SAMPLE_MAX_AGE_MS = 1_800_000;

/** How far two clocks may drift apart over that age, in milliseconds. */
const DRIFT_ALLOWANCE_MS = 250;

/** An estimate older than this is to be renewed, in milliseconds. */
export const TIME_SYNC_INTERVAL_MS = 600_000;

/** The wall clock has jumped if it has moved this much more or less than the monotonic one, in milliseconds. */
export const CLOCK_JUMP_MS = 1_000;

/** The exchange's time = monotonic time + `baseMs`, give or take `uncertaintyMs`. */
interface Estimate {
  readonly baseMs: number;
  readonly uncertaintyMs: number;
  readonly atMonotonicMs: number;
  /** Wall clock minus monotonic clock when it was taken. */
  readonly wallBaseMs: number;
}

export class ExchangeTime {
  readonly #clock: Clock;
  /** Oldest first. */
  #estimates: readonly Estimate[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the exchange has told its time. Until then nothing may be taken for closed by the clock alone. */
  get isKnown(): boolean {
    return this.#estimates.length > 0;
  }

  /** Milliseconds since the Unix epoch, UTC; the wall clock's until the exchange has told its time. */
  exchangeNowMs(): number {
    const best = this.#best();
    return best === undefined ? this.#clock.now() : this.#clock.monotonic() + best.baseMs;
  }

  /** The exchange's time is at most this much earlier or later than {@link exchangeNowMs}; 0 while it is not known. */
  uncertaintyMs(): number {
    return this.#best()?.uncertaintyMs ?? 0;
  }

  /** The exchange's clock minus the machine's, in milliseconds. */
  offsetMs(): number {
    return this.exchangeNowMs() - this.#clock.now();
  }

  /** Takes a sample in. Earlier ones that contradict it are forgotten: a clock was moved, or the machine slept. */
  observe(sample: ServerTimeSample): void {
    const { serverTimeMs, sentMonotonicMs, receivedMonotonicMs } = sample;
    const estimate: Estimate = {
      baseMs: serverTimeMs - (sentMonotonicMs + receivedMonotonicMs) / 2,
      uncertaintyMs: (receivedMonotonicMs - sentMonotonicMs) / 2,
      atMonotonicMs: receivedMonotonicMs,
      wallBaseMs: this.#wallBaseMs(),
    };
    const kept = this.#estimates.filter(
      (other) => receivedMonotonicMs - other.atMonotonicMs <= SAMPLE_MAX_AGE_MS && agree(other, estimate),
    );
    this.#estimates = [...kept, estimate].slice(-MAX_SAMPLES);
  }

  /** Whether `/time` should be asked: never asked, long ago, or a clock has jumped since. */
  needsSync(): boolean {
    const newest = this.#estimates.at(-1);
    if (newest === undefined) return true;
    if (this.#clock.monotonic() - newest.atMonotonicMs >= TIME_SYNC_INTERVAL_MS) return true;
    return Math.abs(this.#wallBaseMs() - newest.wallBaseMs) > CLOCK_JUMP_MS;
  }

  #best(): Estimate | undefined {
    let best: Estimate | undefined;
    for (const estimate of this.#estimates) {
      if (best === undefined || estimate.uncertaintyMs <= best.uncertaintyMs) best = estimate;
    }
    return best;
  }

  #wallBaseMs(): number {
    return this.#clock.now() - this.#clock.monotonic();
  }
}

function agree(a: Estimate, b: Estimate): boolean {
  return Math.abs(a.baseMs - b.baseMs) <= a.uncertaintyMs + b.uncertaintyMs + DRIFT_ALLOWANCE_MS;
}
