/**
 * What has to hold before a package is built, checked in the order in which clients know it, and what the package is then
 * built from. Reads the store and computes nothing. Spec: replay §3, §7; http-api §8.
 */

import { outOfSync } from "../ledger/ledger-errors.js";
import type { LedgerSync } from "../ledger/ledger-sync.js";
import type { SeriesId } from "../market/series-id.js";
import type { LedgerName } from "../storage/keys.js";
import type { StoreReader } from "../storage/store.js";
import type { PackageKind, PackageRequest } from "./package/archive.js";
import { packageKey } from "./package-key.js";
import {
  type GivenParams,
  OVERLAY_PARAMS,
  type PackageParams,
  packageParams,
  REPLAY_PARAMS,
} from "./package-params.js";
import { ReplayError } from "./replay-error.js";

/** What is asked for. */
export interface PackageQuery extends GivenParams {
  readonly id: SeriesId;
  /** Seconds; null: up to the newest candle. */
  readonly toTime: number | null;
}

export interface PreflightParts {
  readonly store: StoreReader;
  readonly sync: LedgerSync;
}

/** @throws LedgerError or ReplayError saying why there can be no package. */
export type Preflight = (query: PackageQuery) => PackageRequest;

/** @throws LedgerError `no_data`; ReplayError `coverage_missing`, then `out_of_sync`. */
export function replayPreflight({ store, sync }: PreflightParts): Preflight {
  return ({ id, toTime, ...given }) => {
    const { alignedTime } = sync.resolveAlignedPoint(id, toTime);
    const params = packageParams(REPLAY_PARAMS, given);
    const { windowCandles } = params;
    const fromS = alignedTime - (windowCandles - 1) * id.timeframeSeconds;
    const stored = store.count(id.text, Math.max(0, fromS), alignedTime);
    if (stored < windowCandles) {
      const wanted = `${windowCandles} candles up to ${alignedTime}`;
      throw new ReplayError("coverage_missing", `${id.text} has ${stored} of ${wanted}: ask for coverage first`);
    }
    const { factor, overlay } = sync.headSnapshot(id);
    if (factor === null || overlay === null || Math.min(factor, overlay) < alignedTime) {
      const stand = `the ledgers of ${id.text} stand at ${factor} and ${overlay}`;
      throw new ReplayError("out_of_sync", `${stand}, asked for ${alignedTime}: prepare first`);
    }
    const fields = { logic_version: "factor_snapshots_v2", ...standOf(store, id, ["factor", "overlay"]) };
    return request("replay", "replay_package_v1", id, alignedTime, params, fields);
  };
}

/** @throws LedgerError `no_data`, then `overlay_out_of_sync`. Fewer candles than asked for are fine. */
export function overlayPreflight({ store, sync }: PreflightParts): Preflight {
  return ({ id, toTime, ...given }) => {
    const { alignedTime } = sync.resolveAlignedPoint(id, toTime);
    const { overlay } = sync.headSnapshot(id);
    if (overlay === null || overlay < alignedTime) throw outOfSync("overlay", alignedTime, overlay);
    const params = packageParams(OVERLAY_PARAMS, given);
    return request("overlay", "overlay_replay_package_v1", id, alignedTime, params, standOf(store, id, ["overlay"]));
  };
}

function request(
  kind: PackageKind,
  schema: string,
  id: SeriesId,
  alignedTime: number,
  params: PackageParams,
  fields: Readonly<Record<string, string | number>>,
): PackageRequest {
  const key = packageKey({
    schema,
    series_id: id.text,
    to_candle_time: alignedTime,
    window_candles: params.windowCandles,
    window_size: params.windowSize,
    snapshot_interval: params.snapshotInterval,
    preload_offset: 0,
    ...fields,
  });
  return { kind, key, id, alignedTime, ...params };
}

/**
 * What changes with everything a package is made of. The revision grows with every commit of the series; generation, version
 * and fingerprint tell ledgers apart that two stores have at the same revision.
 */
function standOf(
  store: StoreReader,
  { text }: SeriesId,
  ledgers: readonly LedgerName[],
): Readonly<Record<string, string | number>> {
  const head = store.head(text);
  const stands = ledgers.flatMap((name): [string, string | number][] => {
    const ledger = store.ledger(text, name);
    return [
      [`${name}_generation`, ledger.generation],
      [`${name}_last_version`, ledger.lastVersion],
      [`${name}_fingerprint`, ledger.head?.fingerprint ?? ""],
    ];
  });
  return {
    candle_store_head_time: head.lastTime ?? 0,
    candle_store_revision: head.revision,
    ...Object.fromEntries(stands),
  };
}
