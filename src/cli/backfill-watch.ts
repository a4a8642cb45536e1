/** Shows a backfill while it goes on, and says at its end what became of it: the same whoever does the work. */
import type { BackfillReport, BackfillState } from "../actors/feed/backfill-job.js";
import type { BackfillRequest } from "../actors/feed/backfill-request.js";
import type { RequestWeight } from "../actors/feed/exchange-port.js";
import type { Clock } from "../clock/clock.js";
import { progressLine, summary, waitLine } from "./backfill-text.js";
import type { CommandIo } from "./command.js";

/** Least time between two lines of progress, in milliseconds. */
const PROGRESS_MS = 2_000;

const EXIT: Readonly<Record<BackfillState["type"], number>> = {
  queued: 1,
  running: 1,
  waiting: 1,
  failed: 1,
  done: 0,
  refused: 3,
  stopped: 130,
};

export class BackfillWatch {
  readonly #io: CommandIo;
  readonly #clock: Clock;
  readonly #request: BackfillRequest;
  readonly #beganMs: number;
  #saidMs = Number.NEGATIVE_INFINITY;
  #waitUntilMs = 0;

  constructor(io: CommandIo, clock: Clock, request: BackfillRequest) {
    this.#io = io;
    this.#clock = clock;
    this.#request = request;
    this.#beganMs = clock.monotonic();
  }

  /** Says how far it is, now and then; a wait is told of once, when it begins. */
  show(report: BackfillReport, weight: RequestWeight | null): void {
    const { state } = report;
    if (state.type === "waiting" && state.untilMs !== this.#waitUntilMs) {
      this.#waitUntilMs = state.untilMs;
      this.#io.err(waitLine(state.untilMs, state.error, state.isDemanded));
      return;
    }
    const nowMs = this.#clock.monotonic();
    if (nowMs - this.#saidMs < PROGRESS_MS || state.type === "waiting") return;
    this.#saidMs = nowMs;
    this.#io.err(progressLine(report, weight, nowMs - this.#beganMs));
  }

  /** @returns the exit code. */
  end(report: BackfillReport, weight: RequestWeight | null): number {
    const { series } = this.#request;
    this.#io.err(progressLine(report, weight, this.#clock.monotonic() - this.#beganMs));
    this.#io.out(summary(series.text, series.timeframeSeconds, report));
    if (report.state.type !== "done") {
      this.#io.err("trade-canvas backfill: the same command goes on where this one ended");
    }
    return EXIT[report.state.type];
  }
}
