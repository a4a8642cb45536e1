/** Keeps the drawing of a series level with its candles: asks for what changed, one question at a time. */
import type { DrawDeltaAnswer } from "../../../src/client/answers/drawing.js";
import { type Drawing, NO_DRAWING, withDelta } from "../model/drawing.js";
import { pause } from "./series-reader.js";

/** A drawing that lags behind its candles is asked for again so often; then the next close asks. */
const MAX_LAGGING_ASKS = 6;

/** Pause before the first of these, in milliseconds; it doubles. */
const LAGGING_PAUSE_MS = 150;

export interface LiveDrawingParts {
  /** Asks for what changed since a version, until there is an answer; undefined: it was ended. */
  readonly ask: (cursor: number) => Promise<DrawDeltaAnswer | undefined>;
  readonly changed: (drawing: Drawing) => void;
  /** Asking cannot go on. */
  readonly failed: (error: unknown) => void;
  readonly signal: AbortSignal;
}

export class LiveDrawing {
  readonly #parts: LiveDrawingParts;
  #drawing: Drawing = NO_DRAWING;
  #wanted = 0;
  #asking = false;
  /** How often something was wanted. */
  #demands = 0;

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
    this.#demands++;
    if (!this.#asking) this.#ask().catch(this.#parts.failed);
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    try {
      let answered: number;
      do {
        answered = this.#demands;
        await this.#askUntilLevel();
        // What was wanted in the very moment of the end is not forgotten.
      } while (this.#demands !== answered && (this.#drawing === NO_DRAWING || !this.#isLevel()));
    } finally {
      this.#asking = false;
    }
  }

  async #askUntilLevel(): Promise<void> {
    const { ask, signal, changed } = this.#parts;
    for (let lagging = 0; lagging < MAX_LAGGING_ASKS && !signal.aborted; ) {
      const from = this.#drawing;
      const delta = await ask(from.cursor);
      if (delta === undefined) return;
      // It was to be renewed in the meantime.
      if (from !== this.#drawing) continue;
      // Versions are never given twice: one that goes back is of another store.
      const isOther = delta.next_cursor.version_id < from.cursor;
      this.#drawing = isOther ? NO_DRAWING : withDelta(from, delta);
      if (isOther) continue;
      changed(this.#drawing);
      if (this.#isLevel()) return;
      await pause(LAGGING_PAUSE_MS * 2 ** lagging++, signal);
    }
  }

  #isLevel(): boolean {
    return (this.#drawing.toTime ?? -1) >= this.#wanted;
  }
}
