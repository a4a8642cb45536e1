/**
 * The feed goes before the reads: while the event loop is late, large reads are refused, so that candles are taken in and
 * published in time. Writes, health and everything an operator looks at are always answered.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Clock, TimerHandle } from "../clock/clock.js";
import type { EventLog } from "../observability/event-log.js";
import type { LoopDelay } from "../observability/loop-delay.js";
import type { Metrics } from "../observability/metrics.js";
import { HttpError } from "./errors.js";

/** Mean lateness of the event loop from which on reads give way, in milliseconds: a third of what B21 allows a candle. */
export const LATE_LOOP_MS = 250;

/** How often the lateness is read, in milliseconds. */
export const SAMPLE_MS = 1_000;

/** So many readings in a row must be late: one long turn, as at a start, is over when it can be seen. */
export const LATE_SAMPLES = 2;

/** When a refused client may ask again, in seconds: the next reading. */
const RETRY_AFTER_S = 1;

/** Paths whose answers are large or computed. */
export const SHED_PATHS: ReadonlySet<string> = new Set([
  "/api/market/candles",
  "/api/factor/slices",
  "/api/draw/delta",
  "/api/delta/poll",
  "/api/frame/live",
  "/api/frame/at_time",
]);

export interface ReadSheddingOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly metrics: Metrics;
  readonly loopDelay: LoopDelay;
}

export class ReadShedding {
  readonly #options: ReadSheddingOptions;
  #lateSamples = 0;
  /** Reads refused since they are shed; undefined while they are answered. */
  #refused: number | undefined;
  #timer: TimerHandle | undefined;

  constructor(options: ReadSheddingOptions) {
    this.#options = options;
  }

  /** Adds itself to the routes of `app`, and measures until the app is closed. */
  register(app: FastifyInstance): void {
    app.addHook("onRequest", async (request, reply) => this.#refuse(request, reply));
    app.addHook("onReady", async () => this.#wait());
    app.addHook("onClose", async () => {
      this.#options.clock.clearTimeout(this.#timer);
      this.#options.loopDelay.stop();
    });
  }

  #refuse({ method, routeOptions }: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
    if (this.#refused === undefined || method !== "GET" || !SHED_PATHS.has(routeOptions.url ?? "")) return undefined;
    this.#refused += 1;
    this.#options.metrics.count("http_reads_shed_total");
    const error = new HttpError("http.busy");
    return reply.code(error.status).header("retry-after", RETRY_AFTER_S).send({ detail: error.detail });
  }

  #wait(): void {
    this.#timer = this.#options.clock.ioTimeout(() => {
      this.#sample();
      this.#wait();
    }, SAMPLE_MS);
  }

  #sample(): void {
    const { log, loopDelay, metrics } = this.#options;
    const lateMs = loopDelay.read();
    if (lateMs === undefined) return;
    metrics.observe("event_loop_delay", lateMs);
    this.#lateSamples = lateMs < LATE_LOOP_MS ? 0 : this.#lateSamples + 1;
    if (this.#lateSamples === 0 && this.#refused !== undefined) {
      log.info("reads.resumed", { refused: this.#refused });
      this.#refused = undefined;
    } else if (this.#lateSamples >= LATE_SAMPLES && this.#refused === undefined) {
      log.warn("reads.shed", { late_ms: Math.round(lateMs) });
      this.#refused = 0;
    }
  }
}
