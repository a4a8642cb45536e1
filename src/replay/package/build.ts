/**
 * Builds a package: one walk over its candles, window by window. A function of the request and of what the store holds; reads
 * only. Design: docs/replay.md, "Packages". Spec: replay §3, §4, §7; overlays §11.
 */
import { type EventRow, parseEventLine, parseInstructionLine } from "../../ledger/rows.js";
import { windowStart } from "../../ledger/slices.js";
import type { Candle } from "../../market/candle.js";
import type { SeriesId } from "../../market/series-id.js";
import type { LedgerHead } from "../../storage/ledger-records.js";
import type { StoreReader } from "../../storage/store.js";
import { type PackageMeta, type PackageRequest, ReplayBuildError } from "./archive.js";
import { FactorLog } from "./factor-log.js";
import { type LedgerSource, LedgerWalk } from "./ledger-walk.js";
import type { Manifest, Span, StoredWindow } from "./manifest.js";
import { deltaMeta, replayMeta } from "./meta.js";
import { PictureLog } from "./picture-log.js";
import { rowsBetween } from "./stored-rows.js";
import { WindowDraft } from "./window-draft.js";

/** Candles of a package at most. */
export const MAX_PACKAGE_CANDLES = 65_536;

/** How the ledgers stood when the build was asked for. */
export interface LedgerBasis {
  readonly factorGeneration: number;
  readonly overlayGeneration: number;
  /** Highest version id ever given. */
  readonly lastVersion: number;
}

/** What is to be built, as it is handed to the process that builds. */
export interface BuildOrder {
  readonly request: PackageRequest;
  readonly basis: LedgerBasis;
}

/** Where a build puts what it makes. */
export interface ContentsSink {
  /** @throws ReplayBuildError `package_too_large` */
  add(part: Buffer): Span;
}

export interface BuildSource extends LedgerSource {
  /** Whether a ledger of another fingerprint is waiting to be computed anew, and is not read. */
  readonly rebuildOnNewFingerprint: boolean;
}

export function basisOf(store: Pick<StoreReader, "ledger">, id: SeriesId): LedgerBasis {
  const overlay = store.ledger(id.text, "overlay");
  return {
    factorGeneration: store.ledger(id.text, "factor").generation,
    overlayGeneration: overlay.generation,
    lastVersion: overlay.lastVersion,
  };
}

/**
 * Must run within one turn of the event loop: it then sees one state of the store.
 * @throws ReplayBuildError or LedgerDamage
 */
export function buildPackage(
  source: BuildSource,
  { request, basis }: BuildOrder,
  sink: ContentsSink,
): Omit<Manifest, "bytes" | "pages"> {
  const { store, factors } = source;
  const { kind, id, alignedTime, windowCandles, windowSize, snapshotInterval } = request;
  const draws = requireLedgers(source, request, basis);
  const candles = candlesOf(store, request);
  const fromS = candles[0]?.time ?? alignedTime;
  const events = (): readonly EventRow[] => {
    const range = { fromS: windowStart(id, fromS, windowCandles), toS: alignedTime };
    return rowsBetween(store, id, "factor", range, parseEventLine);
  };
  const factorLog = kind === "replay" ? new FactorLog(factors, id, windowCandles, events()) : undefined;
  const drawn = rowsBetween(store, id, "overlay", { fromS, toS: alignedTime }, parseInstructionLine);
  const pictureLog = new PictureLog(fromS, drawn);
  const walk = new LedgerWalk(source, id, draws);
  const windows: StoredWindow[] = [];
  let draft: WindowDraft | undefined;
  for (const [index, candle] of candles.entries()) {
    if (index % windowSize === 0) {
      if (draft !== undefined) windows.push(draft.finish(index, sink));
      draft = new WindowDraft(index, snapshotInterval, factorLog?.newest() ?? []);
    }
    const state = walk.next(candle);
    const picture = pictureLog.next(candle.time, state);
    draft?.add(candle, { picture, log: pictureLog, rows: factorLog?.next(candle.time, state) ?? [] });
  }
  if (draft !== undefined) windows.push(draft.finish(candles.length, sink));
  const tapes = (factorLog?.tapes ?? []).map((tape) => sink.add(tape.bytes()));
  const meta: PackageMeta =
    factorLog === undefined
      ? { kind: "overlay", meta: deltaMeta(request, candles, basis.lastVersion) }
      : { kind: "replay", meta: replayMeta(request, candles, factorLog.schema()) };
  return { meta, windows, tapes };
}

/** @throws ReplayBuildError `no_candles` or `package_too_large` */
function candlesOf(store: StoreReader, { kind, id, alignedTime, windowCandles }: PackageRequest): readonly Candle[] {
  const fromS = windowStart(id, alignedTime, windowCandles - 1);
  const candles = store.readBetween(id.text, fromS, alignedTime, MAX_PACKAGE_CANDLES + 1).candles();
  if (candles.length > MAX_PACKAGE_CANDLES) {
    throw new ReplayBuildError(
      "package_too_large",
      `${id.text} has more than ${MAX_PACKAGE_CANDLES} candles from ${fromS} to ${alignedTime}; ask for fewer`,
    );
  }
  if (candles.length === 0 && kind === "replay") {
    throw new ReplayBuildError("no_candles", `${id.text} has no candle from ${fromS} to ${alignedTime}`);
  }
  return candles;
}

/**
 * @returns whether there is a drawing: an overlay package of a series for which nothing is drawn has bars only.
 * @throws ReplayBuildError `ledger_moved`
 */
function requireLedgers(source: BuildSource, { kind, id, alignedTime }: PackageRequest, basis: LedgerBasis): boolean {
  const { store, factors, overlays, rebuildOnNewFingerprint } = source;
  const now = basisOf(store, id);
  if (now.factorGeneration !== basis.factorGeneration || now.overlayGeneration !== basis.overlayGeneration) {
    throw new ReplayBuildError("ledger_moved", `a ledger of ${id.text} was computed anew; build again`);
  }
  const factor = store.ledger(id.text, "factor").head;
  const overlay = store.ledger(id.text, "overlay").head;
  if (kind === "overlay" && overlay === null) return false;
  const reaches = (head: LedgerHead | null): boolean => head !== null && head.time >= alignedTime;
  const isReadable = factor?.fingerprint === factors.fingerprint || !rebuildOnNewFingerprint;
  if (isReadable && overlay?.fingerprint === overlays.fingerprint && reaches(factor) && reaches(overlay)) return true;
  throw new ReplayBuildError("ledger_moved", `a ledger of ${id.text} does not reach ${alignedTime}; build again`);
}
