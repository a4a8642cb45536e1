/** Packages built in the test's own thread, and what the live reads say at the same candles. */

import { join } from "node:path";
import { expect } from "vitest";
import { createSystemClock } from "../../../src/clock/system-clock.js";
import { jsonString } from "../../../src/ledger/json-parts.js";
import { LedgerReader } from "../../../src/ledger/ledger-reader.js";
import type { Candle } from "../../../src/market/candle.js";
import type { SeriesId } from "../../../src/market/series-id.js";
import type { PackageRequest, PackageWindow } from "../../../src/replay/package/archive.js";
import { type BuildSource, basisOf, buildPackage } from "../../../src/replay/package/build.js";
import { ContentsWriter } from "../../../src/replay/package/contents-writer.js";
import type { Manifest } from "../../../src/replay/package/manifest.js";
import { readManifest, withContents } from "../../../src/replay/package/package-reader.js";
import type { StoreReader } from "../../../src/storage/store.js";
import { ID } from "../../ledger/world.js";
import type { DrawBody, PatchItem, SliceBody, SlicesBody } from "../../support/ledger-answers.js";
import { tempFolder } from "../../support/temp.js";

export const clock = createSystemClock();

export interface Engines {
  readonly factor: BuildSource["factors"];
  readonly overlay: BuildSource["overlays"];
}

export const sourceOf = (store: StoreReader, { factor, overlay }: Engines): BuildSource => ({
  store,
  factors: factor,
  overlays: overlay,
  rebuildOnNewFingerprint: true,
});

export const requestOf = (change: Partial<PackageRequest> & Pick<PackageRequest, "alignedTime">): PackageRequest => ({
  kind: "replay",
  key: "0123456789abcdef01234567",
  id: ID,
  windowCandles: 100,
  windowSize: 50,
  snapshotInterval: 5,
  ...change,
});

/** Builds a package into a folder of its own. */
export function built(source: BuildSource, request: PackageRequest): string {
  const folder = join(tempFolder(), "package");
  const contents = new ContentsWriter(folder);
  const order = { request, basis: basisOf(source.store, request.id) };
  try {
    contents.finish(buildPackage(source, order, contents));
  } finally {
    contents.close();
  }
  return folder;
}

export interface SnapshotJson {
  readonly factor_name: string;
  readonly candle_time: number;
  readonly snapshot: SliceBody;
}

/** A window as its reader has it after parsing. */
export interface WindowJson {
  readonly startIdx: number;
  readonly endIdx: number;
  readonly kline: readonly Candle[];
  readonly base: readonly PatchItem[];
  readonly patch: readonly PatchItem[];
  readonly checkpoints: readonly { readonly at_idx: number; readonly active_ids: readonly string[] }[];
  readonly diffs: readonly {
    readonly at_idx: number;
    readonly add_ids: readonly string[];
    readonly remove_ids: readonly string[];
  }[];
  readonly snapshots: readonly SnapshotJson[];
}

export function parsedWindow(window: PackageWindow): WindowJson {
  return {
    startIdx: window.startIdx,
    endIdx: window.endIdx,
    kline: JSON.parse(jsonString(window.kline)),
    base: JSON.parse(jsonString(window.catalogBase)),
    patch: JSON.parse(jsonString(window.catalogPatch)),
    checkpoints: JSON.parse(jsonString(window.checkpoints)),
    diffs: JSON.parse(jsonString(window.diffs)),
    snapshots: JSON.parse(jsonString(window.factorSnapshots)),
  };
}

export interface PackageJson extends Pick<Manifest, "meta"> {
  readonly windows: readonly WindowJson[];
}

/** Everything in the package of a folder. */
export async function unpacked(folder: string): Promise<PackageJson> {
  const manifest = (await readManifest(folder)) as Manifest;
  const windows: WindowJson[] = [];
  for (const [index, stored] of manifest.windows.entries()) {
    const window = await withContents(folder, manifest, (contents) => contents.window(clock, index, stored));
    windows.push(parsedWindow(window));
  }
  return { meta: manifest.meta, windows };
}

/** What is shown, and of what became visible just now the versions as well. */
function picture(activeIds: readonly string[], items: ReadonlyMap<string, PatchItem>, timeS: number) {
  const shown = activeIds.map((id) => items.get(id));
  return {
    activeIds,
    definitions: shown.map((item) => item?.definition),
    fresh: shown.filter((item) => item?.visible_time === timeS),
  };
}

/** What a client shows at a bar: checkpoint and diffs, base and patch, and rows, up to it. */
export function shownAt(window: WindowJson, index: number, timeS: number) {
  const checkpoint = window.checkpoints.findLast(({ at_idx }) => at_idx <= index);
  const ids = new Set(checkpoint?.active_ids);
  for (const { at_idx, add_ids, remove_ids } of window.diffs) {
    if (at_idx <= (checkpoint?.at_idx ?? 0) || at_idx > index) continue;
    for (const id of remove_ids) ids.delete(id);
    for (const id of add_ids) ids.add(id);
  }
  const known = new Map<string, PatchItem>();
  for (const item of window.base) known.set(item.instruction_id, item);
  for (const item of window.patch) if (item.visible_time <= timeS) known.set(item.instruction_id, item);
  const slices = new Map<string, SliceBody>();
  for (const row of window.snapshots) if (row.candle_time <= timeS) slices.set(row.factor_name, row.snapshot);
  return {
    ...picture([...ids].sort(), known, timeS),
    slices: [...slices].sort().map(([name, { history, head }]) => ({ name, history, head })),
  };
}

/** The live reads at a candle. */
export class LiveReads {
  readonly #reader: LedgerReader;
  readonly #id: SeriesId;

  constructor(store: StoreReader, { factor, overlay }: Engines, id = ID) {
    this.#id = id;
    this.#reader = new LedgerReader({
      store,
      factors: factor,
      overlays: overlay,
      rebuildOnNewFingerprint: true,
      strict: true,
      kept: { factor: true, overlay: true },
    });
  }

  /** @param fromS first candle of the package, in seconds. */
  at(timeS: number, fromS: number, windowCandles: number) {
    const slices = JSON.parse(jsonString(this.#reader.slices(this.#id, timeS, windowCandles))) as SlicesBody;
    return {
      ...this.drawnAt(timeS, fromS),
      slices: Object.entries(slices.snapshots)
        .sort()
        .map(([name, { history, head }]) => ({ name, history, head })),
    };
  }

  drawnAt(timeS: number, fromS: number) {
    // A little more, because the quotient may be rounded down.
    const windowCandles = (timeS - fromS) / this.#id.timeframeSeconds + 1e-9;
    const query = { cursor: 0, windowCandles, atTime: timeS };
    const draw = JSON.parse(jsonString(this.#reader.drawDelta(this.#id, query).json)) as DrawBody;
    const items = new Map(draw.instruction_catalog_patch.map((item) => [item.instruction_id, item]));
    return picture(draw.active_ids, items, timeS);
  }
}

/** The bars that a package should have. */
export const barsOf = (candles: readonly Candle[]): Candle[] => candles.map((candle) => ({ ...candle }));

/** Like `toEqual`, which takes seconds for what is as large as this, and is left to show a difference. */
export function expectSame(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
}

/** Every bar of a package shows what the live reads say there. */
export function expectLive(windows: readonly WindowJson[], live: LiveReads, windowCandles: number): void {
  const fromS = windows[0]?.kline[0]?.time ?? 0;
  for (const window of windows) {
    for (const [place, { time }] of window.kline.entries()) {
      expectSame(shownAt(window, window.startIdx + place, time), live.at(time, fromS, windowCandles));
    }
  }
}
