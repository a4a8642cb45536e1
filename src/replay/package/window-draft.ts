/** A window of a package while its bars are walked. Spec: replay §4. */
import type { Candle } from "../../market/candle.js";
import { ReplayBuildError } from "./archive.js";
import type { ContentsSink } from "./build.js";
import type { SnapshotRow } from "./factor-log.js";
import type { StoredWindow } from "./manifest.js";
import type { PictureChange, PictureLog } from "./picture-log.js";
import { SplicedTextWriter } from "./spliced-text.js";

/** Patch rows of a window at most. Spec: replay §8. */
export const MAX_PATCH_ROWS = 200_000;

/** An answer with a window in it at most, in bytes. */
export const MAX_WINDOW_BYTES = 1024 ** 3;

/** What a bar adds to its window. */
export interface Bar {
  readonly picture: PictureChange;
  /** At this bar. */
  readonly log: PictureLog;
  readonly rows: readonly SnapshotRow[];
}

export class WindowDraft {
  readonly #startIdx: number;
  readonly #snapshotInterval: number;
  #index: number;
  readonly #kline: string[] = [];
  #base: readonly string[] = [];
  readonly #patch: string[] = [];
  readonly #checkpoints: string[] = [];
  readonly #diffs: string[] = [];
  readonly #snapshots = new SplicedTextWriter();
  #rows = 0;

  /** @param baselines each factor's newest row before the window. */
  constructor(startIdx: number, snapshotInterval: number, baselines: readonly SnapshotRow[]) {
    this.#startIdx = startIdx;
    this.#snapshotInterval = snapshotInterval;
    this.#index = startIdx;
    for (const row of baselines) this.#addRow(row);
  }

  add(candle: Candle, { picture, log, rows }: Bar): void {
    const at_idx = this.#index;
    const place = at_idx - this.#startIdx;
    this.#index += 1;
    const { time, open, high, low, close, volume } = candle;
    this.#kline.push(JSON.stringify({ time, open, high, low, close, volume }));
    if (place === 0) this.#base = log.catalogue().map(({ text }) => text);
    else {
      for (const { text } of picture.patch) this.#patch.push(text);
      const { added: add_ids, removed: remove_ids } = picture;
      if (add_ids.length + remove_ids.length > 0) this.#diffs.push(JSON.stringify({ at_idx, add_ids, remove_ids }));
    }
    if (this.#patch.length > MAX_PATCH_ROWS) throw tooLarge(`more than ${MAX_PATCH_ROWS} changes of the drawing`);
    if (place % this.#snapshotInterval === 0) {
      this.#checkpoints.push(`{"at_idx":${at_idx},"active_ids":${log.activeJson()}}`);
    }
    for (const row of rows) this.#addRow(row);
  }

  /** @throws ReplayBuildError `package_too_large` */
  finish(endIdx: number, sink: ContentsSink): StoredWindow {
    const { own, splices, wholeBytes } = this.#snapshots.finish();
    if (wholeBytes > MAX_WINDOW_BYTES) throw tooLarge(`an answer of ${wholeBytes} bytes`);
    const list = (items: readonly string[]) => sink.add(Buffer.from(`[${items.join()}]`));
    return {
      startIdx: this.#startIdx,
      endIdx,
      spans: {
        kline: list(this.#kline),
        catalogBase: list(this.#base),
        catalogPatch: list(this.#patch),
        checkpoints: list(this.#checkpoints),
        diffs: list(this.#diffs),
        snapshots: sink.add(own),
        splices: sink.add(splices),
      },
    };
  }

  #addRow(row: SnapshotRow): void {
    this.#snapshots.add(this.#rows === 0 ? row : [",", ...row]);
    this.#rows += 1;
  }
}

function tooLarge(what: string): ReplayBuildError {
  return new ReplayBuildError(
    "package_too_large",
    `a window would have ${what}; ask for smaller windows or fewer candles`,
  );
}
