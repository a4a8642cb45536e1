/** Keeps the drawing of a series level with its candles: asks for what changed, one question at a time. */
import type { DrawDeltaAnswer } from "../../../src/client/answers/drawing.js";
import { type Drawing, NO_DRAWING, withDelta } from "../model/drawing.js";
import { type ProblemTold, pause, readUntilDone } from "./series-reader.js";

/** A drawing that lags behind its candles is asked for again so often; then the next close asks. */
const MAX_LAGGING_ASKS = 6;

/** Pause before the first of these, in milliseconds; it doubles. */
const LAGGING_PAUSE_MS = 150;

export interface LiveDrawingParts {
  /** Asks for what changed since a version. */
  readonly ask: (cursor: number, signal: AbortSignal) => Promise<DrawDeltaAnswer>;
  readonly changed: (drawing: Drawing) => void;
  readonly problem: ProblemTold;
  /** Asking cannot go on. */
  readonly failed: (error: unknown) => void;
  readonly signal: AbortSignal;
}

export class LiveDrawing {
  readonly #parts: LiveDrawingParts;
  #drawing: Drawing = NO_DRAWING;
  #wanted = 0;
  #asking = false;

  constructor(parts: LiveDrawingParts) {
    this.#parts = parts;
  }

  get drawing(): Drawing {
    return this.#drawing;
  }

  /** The drawing is wanted up to this candle, Unix seconds. */
  want(time: number): void {
    this.#wanted = Math.max(this.#wanted, time);
    this.#begin();
  }

  /** Everything is asked for again. */
  renew(): void {
    this.#drawing = NO_DRAWING;
    this.#wanted = 0;
    this.#begin();
  }

  #begin(): void {
    if (this.#asking) return;
    this.#asking = true;
    this.#ask()
      .catch(this.#parts.failed)
      .finally(() => {
        this.#asking = false;
      });
  }

  async #ask(): Promise<void> {
    const { ask, signal, problem, changed } = this.#parts;
    let lagging = 0;
    while (lagging < MAX_LAGGING_ASKS) {
      const from = this.#drawing;
      const delta = await readUntilDone(() => ask(from.cursor, signal), signal, problem);
      if (delta === undefined) return;
      // It was to be renewed in the meantime.
      if (from !== this.#drawing) continue;
      // Versions are never given twice: one that goes back is of another store.
      const isOther = delta.next_cursor.version_id < from.cursor;
      this.#drawing = isOther ? NO_DRAWING : withDelta(from, delta);
      if (isOther) continue;
      changed(this.#drawing);
      if ((this.#drawing.toTime ?? -1) >= this.#wanted) return;
      await pause(LAGGING_PAUSE_MS * 2 ** lagging++, signal);
    }
  }
}
