/**
 * What the reference does against its own contract, as far as a client sees it: each example holds its value, and ours is
 * the better one. The pure part of these examples is compared in test/factors/model.
 */
import { expect, test } from "vitest";
import { type CandleRow, loadVector } from "../factors/model/vectors.js";
import type { DrawBody, HealthBody, PatchItem, SlicesBody } from "../support/ledger-answers.js";
import { differences, startVectorDaemon, type VectorDaemon } from "./vector-daemon.js";

const { candles } = loadVector<{ candles: CandleRow[] }>("07_factor_slices");
const { cases } = loadVector<{ cases: { readonly id: string }[] }>("10_quirks");
const TIMES = candles.map(([time]) => time);

/** The examples that were looked at. */
const looked = new Set<string>();

/** The example of a name, with the members that the caller reads. */
function quirk<Members>(id: string): Members {
  looked.add(id);
  const found = cases.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no example '${id}'`);
  return found as unknown as Members;
}

/** The first `count` candles of the formula that the examples give. */
function wave(count: number): CandleRow[] {
  return Array.from({ length: count }, (_, i) => {
    const middle = 100 + ([0, 2, 5, 3, 1, -2, -4, -1][i % 8] as number) + 0.5 * Math.floor(i / 8);
    return [60 * (i + 1), middle, middle + 1, middle - 1, middle + 0.25, 1];
  });
}

async function fedSingly(rows: readonly CandleRow[] = candles): Promise<VectorDaemon> {
  const daemon = await startVectorDaemon();
  await daemon.feed(rows);
  return daemon;
}

async function slicesAt(daemon: VectorDaemon, at_time: number): Promise<SlicesBody> {
  return (await daemon.ask("/api/factor/slices", { at_time, window_candles: 5_000 })).json as unknown as SlicesBody;
}

async function drawnAt(daemon: VectorDaemon, at_time: number): Promise<DrawBody> {
  return (await daemon.ask("/api/draw/delta", { at_time })).json as unknown as DrawBody;
}

/** The texts of slices and draw deltas at every candle. */
async function everything(daemon: VectorDaemon): Promise<readonly string[]> {
  const reads = TIMES.flatMap((at_time) =>
    ["/api/factor/slices", "/api/draw/delta"].map((path) => [path, at_time] as const),
  );
  return Promise.all(
    reads.map(async ([path, at_time]) => {
      const answer = await daemon.ask(path, { at_time });
      expect([path, at_time, answer.status]).toEqual([path, at_time, 200]);
      return answer.text;
    }),
  );
}

test("single_batch_point_reads_409, sr_batch_lookahead: how candles were batched changes no byte (C-1, O9)", async () => {
  const { rows } = quirk<{ rows: { at_time: number; status: number }[] }>("single_batch_point_reads_409");
  expect(rows.filter(({ status }) => status === 409)).toHaveLength(4);
  const { per_candle, single_batch } = quirk<Record<string, string[]>>("sr_batch_lookahead");
  expect(single_batch).not.toEqual(per_candle);
  const singly = await everything(await fedSingly());
  const atOnce = await startVectorDaemon();
  await atOnce.feedBatch(candles);
  expect(await everything(atOnce)).toEqual(singly);
  const inTwo = await startVectorDaemon();
  await inTwo.feedBatch(candles.slice(0, 15));
  await inTwo.feedBatch(candles.slice(15));
  expect(await everything(inTwo)).toEqual(singly);
});

test("stale_heads_between_batches: heads are exact at every candle (C-3)", async () => {
  type Heads = { readonly pen_head: unknown; readonly anchor_head: unknown };
  const { rows } = quirk<{ rows: { at_time: number; two_batches: Heads; per_candle: Heads }[] }>(
    "stale_heads_between_batches",
  );
  const daemon = await startVectorDaemon();
  await daemon.feedBatch(candles.slice(0, 15));
  await daemon.feedBatch(candles.slice(15));
  for (const { at_time, two_batches, per_candle } of rows) {
    const { pen, anchor } = (await slicesAt(daemon, at_time)).snapshots;
    const heads = { pen_head: pen?.head, anchor_head: anchor?.head };
    // C-1 (Q2): the anchor keeps the end that it has grown to.
    const grown = at_time === 2_040 ? ["anchor_head.current_anchor_ref.end_time: 1560 -> 1800"] : [];
    expect(differences(per_candle, heads)).toEqual(grown);
    if (at_time === 1_500 || at_time === 2_040) expect(differences(two_batches, heads)).not.toEqual([]);
  }
});

test("resend_older_candle_regresses_overlay: a repeated older candle changes nothing (C-6b, O8)", async () => {
  const { draw_delta_cursor0_after } = quirk<{ draw_delta_cursor0_after: { status: number } }>(
    "resend_older_candle_regresses_overlay",
  );
  expect(draw_delta_cursor0_after.status).toBe(409);
  const daemon = await fedSingly();
  const before = await everything(daemon);
  await daemon.feed(candles.filter(([time]) => time === 1_800));
  expect(await everything(daemon)).toEqual(before);
  const health = (await daemon.ask("/api/factor/health")).json as unknown as HealthBody;
  expect(health).toMatchObject({ factor_head_time: 2_640, overlay_head_time: 2_640, status: "green" });
});

test("first_ingest_trims_store: no candle is deleted, and the first ones count (C-5)", async () => {
  const { candles_left, first_major } = quirk<{
    candles_left: number;
    first_major: { payload: { pivot_time: number; pivot_idx: number } };
  }>("first_ingest_trims_store");
  expect([candles_left, first_major.payload.pivot_time]).toEqual([100, 2_100]);
  const daemon = await startVectorDaemon({ TRADE_CANVAS_FACTOR_REBUILD_KEEP_CANDLES: "100" });
  await daemon.feedBatch(wave(130));
  const answer = await daemon.ask("/api/market/candles", { limit: 5_000, since: 0 });
  expect(answer.json.candles).toHaveLength(130);
  const { pivot } = (await slicesAt(daemon, 7_800)).snapshots;
  expect(pivot?.history.major?.[0]).toMatchObject({ pivot_time: 180, pivot_idx: 2, direction: "resistance" });
});

test("pivot_idx_saturates: indices count from the first candle (C-2)", async () => {
  const { majors_tail, last_sr_snapshot_level_count } = quirk<{
    majors_tail: { pivot_time: number; pivot_idx: number }[];
    last_sr_snapshot_level_count: number;
  }>("pivot_idx_saturates");
  expect(new Set(majors_tail.map(({ pivot_idx }) => pivot_idx))).toEqual(new Set([107]));
  const daemon = await startVectorDaemon({ TRADE_CANVAS_FACTOR_LOOKBACK_CANDLES: "100" });
  await daemon.feedBatch(wave(200));
  const { pivot, sr } = (await slicesAt(daemon, 12_000)).snapshots;
  const tail = pivot?.history.major?.slice(-6).map(({ pivot_time, pivot_idx }) => [pivot_time, pivot_idx]);
  // A candle at 60·(i + 1) has the index i.
  expect(tail).toEqual(majors_tail.map(({ pivot_time }) => [pivot_time, pivot_time / 60 - 1]));
  expect(last_sr_snapshot_level_count).toBe(3);
  expect(sr?.head.levels).toHaveLength(19);
});

test("oversized_second_batch_skips_candles: every candle is folded, whatever the sizes of batches (C-1)", async () => {
  const { last_event_candle_time } = quirk<{ last_event_candle_time: number }>("oversized_second_batch_skips_candles");
  expect(last_event_candle_time).toBe(9_840);
  const daemon = await startVectorDaemon({
    TRADE_CANVAS_ENABLE_FACTOR_FINGERPRINT_REBUILD: "0",
    TRADE_CANVAS_FACTOR_LOOKBACK_CANDLES: "100",
  });
  await daemon.feedBatch(wave(400).slice(0, 50));
  await daemon.feedBatch(wave(400).slice(50));
  const { snapshots } = await slicesAt(daemon, 24_000);
  const visible = Object.values(snapshots).flatMap(({ history }) => Object.values(history).flat());
  expect(Math.max(...visible.map(({ visible_time }) => visible_time ?? 0))).toBe(24_000);
});

test("anchor_history_backdated: a line is seen from when it is one, and reads of the past do not change (C-6a, O5)", async () => {
  const { rows } = quirk<{ rows: { instruction_id: string; visible_time: number }[] }>("anchor_history_backdated");
  const daemon = await startVectorDaemon();
  const seen = new Map<string, number>();
  const asTheyWere = new Map<number, DrawBody>();
  for (const row of candles) {
    await daemon.feed([row]);
    const drawn = await drawnAt(daemon, row[0]);
    asTheyWere.set(row[0], drawn);
    for (const id of drawn.active_ids) if (!seen.has(id)) seen.set(id, row[0]);
  }
  expect(rows.map(({ instruction_id, visible_time }) => [instruction_id, visible_time])).toEqual([
    ["anchor.history:780:480:660:1", 780],
    ["anchor.history:1680:1200:1560:-1", 1_680],
  ]);
  expect(rows.map(({ instruction_id }) => seen.get(instruction_id))).toEqual([1_440, 2_340]);
  for (const [time, drawn] of asTheyWere) expect(await drawnAt(daemon, time)).toEqual(drawn);
});

test("cursor_jumps_past_at_time: the cursor of a point read is that of its picture (C-6b, O6)", async () => {
  const { max_version_in_patch, next_cursor } = quirk<{
    max_version_in_patch: number;
    next_cursor: { version_id: number };
  }>("cursor_jumps_past_at_time");
  expect(next_cursor.version_id).toBeGreaterThan(max_version_in_patch);
  const daemon = await fedSingly();
  const past = await drawnAt(daemon, 900);
  const versions = past.instruction_catalog_patch.map(({ version_id }) => version_id);
  expect(past.next_cursor.version_id).toBe(Math.max(...versions));
  // A client that goes on from there misses nothing.
  const cursor_version_id = past.next_cursor.version_id;
  const later = (await daemon.ask("/api/draw/delta", { cursor_version_id })).json as unknown as DrawBody;
  const held = new Map<string, PatchItem>();
  for (const item of [...past.instruction_catalog_patch, ...later.instruction_catalog_patch]) {
    held.set(item.instruction_id, item);
  }
  const now = (await daemon.ask("/api/draw/delta")).json as unknown as DrawBody;
  expect(later.active_ids).toEqual(now.active_ids);
  for (const item of now.instruction_catalog_patch) expect(held.get(item.instruction_id)).toEqual(item);
});

test("cursor0_small_window_409: every window is answered (C-6, O4)", async () => {
  const { rows } = quirk<{ rows: { window_candles: number; status: number }[] }>("cursor0_small_window_409");
  expect(rows.filter(({ status }) => status === 409).map(({ window_candles }) => window_candles)).toEqual([
    1, 5, 9, 10, 12,
  ]);
  const daemon = await fedSingly();
  for (const { window_candles } of rows) {
    for (const path of ["/api/draw/delta", "/api/frame/live"]) {
      const { status } = await daemon.ask(path, { window_candles });
      expect([path, window_candles, status]).toEqual([path, window_candles, 200]);
    }
  }
});

test("none of the examples is left out", () => {
  expect([...looked].sort()).toEqual(cases.map(({ id }) => id).sort());
});
