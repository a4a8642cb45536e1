/**
 * A circuit breaker (opossum) around one group of REST requests, driven by the injected clock. Left alone, opossum counts
 * and waits in real time, which is wrong under a scaled or simulated clock. So its window is rotated from here, and the
 * step from open to half-open, which it offers only by a timer of its own, is taken by starting a new breaker in that state.
 * Both happen when the breaker is next asked, so no timer runs at all. Spec: feed-behaviour B1.
 */
import { EventEmitter } from "node:events";
import CircuitBreaker from "opossum";
import type { Clock } from "../../clock/clock.js";
import { isEndpointFailure, RestError } from "./rest-errors.js";

/** Failures are counted over this many milliseconds, in so many steps. */
export const BREAKER_WINDOW_MS = 60_000;
const BREAKER_WINDOW_STEPS = 6;
const STEP_MS = BREAKER_WINDOW_MS / BREAKER_WINDOW_STEPS;

/** Opens when more than this share of the window's requests failed, in percent … */
const FAILURE_THRESHOLD_PERCENT = 50;
/** … out of at least this many. */
export const BREAKER_MIN_REQUESTS = 5;

/** How long it stays open before one request may try, in milliseconds. */
export const BREAKER_OPEN_MS = 20_000;

/** What a caller is told to wait while another request is trying, in milliseconds. */
const PROBE_RETRY_MS = 1_000;

/** Transitions that the snapshot remembers. */
const MAX_TRANSITIONS = 20;

/** What a caller is told to wait while the breaker is held open by hand, in milliseconds. */
const ISOLATED_RETRY_MS = 10_000;

/** Opossum's own timer is never to fire: the longest wait that Node's timers have, in milliseconds. */
const NEVER_MS = 2 ** 31 - 1;

/** `isolated`: held open by hand until it is reset by hand. */
export type BreakerState = "closed" | "open" | "half_open" | "isolated";

export interface BreakerTransition {
  /** Milliseconds since the Unix epoch, UTC. */
  readonly atMs: number;
  readonly from: BreakerState;
  readonly to: BreakerState;
}

/** For health output. */
export interface BreakerSnapshot {
  readonly name: string;
  readonly state: BreakerState;
  /** Since when it is in this state, milliseconds since the Unix epoch, UTC. */
  readonly sinceMs: number;
  /** Requests and failures in the window. */
  readonly requests: number;
  readonly failures: number;
  /** The last failure that counted; null before the first. */
  readonly lastError: string | null;
  /** Milliseconds until a request may be sent; 0 when it may now, null when only a reset lets it. */
  readonly nextAttemptInMs: number | null;
  /** The last ones, oldest first. */
  readonly transitions: readonly BreakerTransition[];
}

/** What a breaker goes on from that is made anew, in Unix milliseconds. */
export interface FormerBreaker {
  readonly state: BreakerState;
  readonly since_ms: number;
  readonly open_until_ms: number | null;
  readonly last_error: string | null;
  readonly transitions: readonly { readonly at_ms: number; readonly from: BreakerState; readonly to: BreakerState }[];
}

type MovedListener = (from: BreakerState, to: BreakerState, lastError: string | null) => void;

type Breaker = CircuitBreaker<[() => Promise<unknown>], unknown>;

export class EndpointBreaker {
  /** Appears in errors and health output. */
  readonly name: string;
  readonly #clock: Clock;
  readonly #rotation = new EventEmitter();
  #breaker: Breaker;
  #rotatedAtMs: number;
  #openedAtMs = 0;
  #sinceMs: number;
  #lastError: string | null = null;
  #state: BreakerState = "closed";
  #transitions: readonly BreakerTransition[] = [];
  #onMoved: MovedListener = () => undefined;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
    this.#rotatedAtMs = clock.monotonic();
    this.#sinceMs = clock.now();
    this.#breaker = this.#start("closed");
  }

  /**
   * Runs one request, counting its failure if it speaks against the endpoint.
   * @throws RestError `breaker_open` without running it; otherwise whatever the request throws.
   */
  async run<T>(request: () => Promise<T>): Promise<T> {
    this.assertNotOpen();
    try {
      return (await this.#breaker.fire(request)) as T;
    } catch (error) {
      throw isOpossumRefusal(error) ? this.#openError(PROBE_RETRY_MS) : error;
    }
  }

  /** @throws RestError `breaker_open`. Asked before waiting for anything on behalf of a request. */
  assertNotOpen(): void {
    this.#catchUp();
    if (this.#state === "isolated") throw this.#openError(ISOLATED_RETRY_MS);
    if (this.#breaker.opened) throw this.#openError(this.#openLeftMs());
  }

  /** Called after each transition. */
  onMoved(listener: MovedListener): void {
    this.#onMoved = listener;
  }

  /** Lets no request through until {@link reset}. */
  isolate(): void {
    this.#enter("isolated");
  }

  /** Closes it, and forgets its failures. */
  reset(): void {
    this.#breaker.shutdown();
    this.#breaker = this.#start("closed");
    this.#enter("closed");
  }

  /** Goes on as the one before: a cooldown that is not over lasts as long as it would have. */
  restore({ state, since_ms, open_until_ms, last_error, transitions }: FormerBreaker): void {
    const leftMs = Math.max(0, (open_until_ms ?? 0) - this.#clock.now());
    this.#breaker.shutdown();
    this.#breaker = this.#start(state === "open" || state === "half_open" ? "half_open" : "closed");
    if (state === "open" && leftMs > 0) {
      this.#breaker.open();
      this.#openedAtMs = this.#clock.monotonic() - BREAKER_OPEN_MS + Math.min(leftMs, BREAKER_OPEN_MS);
    }
    this.#state = state === "open" && leftMs === 0 ? "half_open" : state;
    this.#sinceMs = since_ms;
    this.#lastError = last_error;
    this.#transitions = transitions.map(({ at_ms, from, to }) => ({ atMs: at_ms, from, to }));
  }

  snapshot(): BreakerSnapshot {
    this.#catchUp();
    const { fires: requests, failures } = this.#breaker.stats;
    return {
      name: this.name,
      state: this.#state,
      sinceMs: this.#sinceMs,
      requests,
      failures,
      lastError: this.#lastError,
      nextAttemptInMs: this.#state === "isolated" ? null : this.#breaker.opened ? this.#openLeftMs() : 0,
      transitions: this.#transitions,
    };
  }

  #start(state: "closed" | "half_open"): Breaker {
    const options = {
      name: this.name,
      timeout: false as const,
      resetTimeout: NEVER_MS,
      errorThresholdPercentage: FAILURE_THRESHOLD_PERCENT,
      volumeThreshold: BREAKER_MIN_REQUESTS,
      rollingCountTimeout: BREAKER_WINDOW_MS,
      rollingCountBuckets: BREAKER_WINDOW_STEPS,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      rotateBucketController: this.#rotation,
      state: { closed: state === "closed", halfOpen: state === "half_open" },
      // A trial that the caller gave up proves nothing: only then does giving up count as failure.
      errorFilter: (error: unknown) => !isEndpointFailure(error) && !(isAborted(error) && breaker.halfOpen),
    };
    const breaker: Breaker = new CircuitBreaker((request: () => Promise<unknown>) => request(), options);
    breaker.on("open", () => {
      this.#openedAtMs = this.#clock.monotonic();
      this.#found("open");
    });
    breaker.on("close", () => this.#found("closed"));
    breaker.on("failure", (error) => {
      this.#lastError = error.message;
    });
    return breaker;
  }

  #catchUp(): void {
    const nowMs = this.#clock.monotonic();
    const steps = Math.floor((nowMs - this.#rotatedAtMs) / STEP_MS);
    this.#rotatedAtMs += steps * STEP_MS;
    for (let step = 0; step < Math.min(steps, BREAKER_WINDOW_STEPS); step += 1) this.#rotation.emit("rotate");
    if (this.#breaker.opened && this.#openLeftMs() === 0) {
      this.#breaker.shutdown();
      this.#breaker = this.#start("half_open");
      this.#found("half_open");
    }
  }

  /** What a request that was under way meets does not move a breaker that is held open by hand. */
  #found(to: BreakerState): void {
    if (this.#state !== "isolated") this.#enter(to);
  }

  #enter(to: BreakerState): void {
    const from = this.#state;
    if (from === to) return;
    this.#state = to;
    this.#sinceMs = this.#clock.now();
    this.#transitions = [...this.#transitions, { atMs: this.#sinceMs, from, to }].slice(-MAX_TRANSITIONS);
    this.#onMoved(from, to, this.#lastError);
  }

  #openLeftMs(): number {
    return Math.max(0, this.#openedAtMs + BREAKER_OPEN_MS - this.#clock.monotonic());
  }

  #refusal(): string {
    if (this.#state === "isolated") return `${this.name} is held open by hand: reset it to go on`;
    return `${this.name} failed too often: ${this.#lastError}`;
  }

  #openError(retryAfterMs: number): RestError {
    return new RestError("breaker_open", this.#refusal(), { retryAfterMs });
  }
}

function isAborted(error: unknown): boolean {
  return error instanceof RestError && error.code === "aborted";
}

/** Opossum refuses by itself when open, and all but one request when half-open. */
function isOpossumRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EOPENBREAKER";
}
