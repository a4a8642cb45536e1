/**
 * Which stream has delivered where since two connections carry it, pure. The old one may go when its successor has shown
 * that it brings everything; streams that only the old one brings are proof against the successor. F10; feed bound B3.
 */

export type Side = "old" | "successor";

/** A subscription that was not acknowledged counts as standing after this long, in milliseconds. */
const ACKNOWLEDGED_AFTER_MS = 10_000;

/** What one connection brings, the other may bring this much later, in milliseconds. */
const DELIVERY_SKEW_MS = 5_000;

/** Times are monotonic milliseconds of the caller's clock. */
export class HandOver {
  readonly #startMs: number;
  /** Streams that the successor has not brought yet. */
  readonly #awaited: Set<string>;
  readonly #acknowledged = new Set<string>();
  /** When the old connection first brought a stream that the successor should have brought as well. */
  readonly #oldSinceMs = new Map<string, number>();

  constructor(streams: Iterable<string>, startMs: number) {
    this.#awaited = new Set(streams);
    this.#startMs = startMs;
  }

  /** The exchange has acknowledged the stream on the successor. */
  acknowledged(stream: string): void {
    this.#acknowledged.add(stream);
  }

  delivered(side: Side, stream: string, nowMs: number): void {
    if (side === "successor") this.drop(stream);
    else if (this.#awaited.has(stream) && this.#stands(stream, nowMs) && !this.#oldSinceMs.has(stream)) {
      this.#oldSinceMs.set(stream, nowMs);
    }
  }

  /** The stream is of no concern any longer: delivered, or wanted by nobody. */
  drop(stream: string): void {
    this.#awaited.delete(stream);
    this.#oldSinceMs.delete(stream);
  }

  /** Every stream has been brought by the successor. */
  get complete(): boolean {
    return this.#awaited.size === 0;
  }

  /** Streams that the old connection brings and the successor does not. Of what neither brings nothing is known. */
  behind(nowMs: number): readonly string[] {
    return [...this.#oldSinceMs].filter(([, sinceMs]) => nowMs - sinceMs >= DELIVERY_SKEW_MS).map(([stream]) => stream);
  }

  /** Before that the successor cannot be blamed for what it does not bring. */
  #stands(stream: string, nowMs: number): boolean {
    return this.#acknowledged.has(stream) || nowMs - this.#startMs >= ACKNOWLEDGED_AFTER_MS;
  }
}
