import { describe, expect, test, vi } from "vitest";
import { type CandleRow, loadVector } from "../../factors/model/vectors.js";
import { candleAt } from "../../support/candles.js";
import { startTestDaemon } from "../../support/daemon.js";
import type { DrawBody } from "../../support/ledger-answers.js";
import { debugEvents } from "../debug-events.js";
import { problems } from "../problems.js";
import { post } from "../request.js";
import { SERIES, startVectorDaemon, type VectorDaemon } from "../vector-daemon.js";

const { candles } = loadVector<{ candles: CandleRow[] }>("07_factor_slices");
const REPAIR = "/api/dev/repair/overlay";
const OPEN = { TRADE_CANVAS_ENABLE_DEV_API: "1", TRADE_CANVAS_ENABLE_READ_REPAIR_API: "1" };
const STEPS = [
  `factor.ingest_closed:${SERIES}`,
  `overlay.ingest_closed:${SERIES}`,
  "overlay.reset_series",
  "overlay.ingest_closed",
];

const repair = ({ url }: VectorDaemon, to_time: number | null = null) =>
  post(url, REPAIR, { series_id: SERIES, to_time });

describe("the gate", () => {
  test("opens with both settings only", async () => {
    for (const [dev, read, status] of [
      ["0", "0", 404],
      ["1", "0", 404],
      ["0", "1", 404],
      ["1", "1", 200],
    ] as const) {
      const daemon = await startVectorDaemon({
        TRADE_CANVAS_ENABLE_DEV_API: dev,
        TRADE_CANVAS_ENABLE_READ_REPAIR_API: read,
      });
      await daemon.feed(candles.slice(0, 2));
      const answer = await repair(daemon);
      expect([dev, read, answer.status]).toEqual([dev, read, status]);
      if (status === 404) expect(answer.text).toBe('{"detail":"not_found"}');
    }
  });

  test("is asked after the body was checked", async () => {
    const { url } = await startTestDaemon();
    expect((await post(url, REPAIR, {})).status).toBe(422);
    expect((await post(url, REPAIR, { series_id: "BTC", to_time: null })).text).toBe('{"detail":"not_found"}');
  });
});

test("every member of the body is checked", async () => {
  const daemon = await startTestDaemon({ env: OPEN });
  const at = (name: string) => ({ loc: ["body", name] });
  const cases: readonly (readonly [body: object, problem: object])[] = [
    [{}, { type: "missing", ...at("series_id") }],
    [{ series_id: "" }, { type: "string_too_short", ...at("series_id"), ctx: { min_length: 1 } }],
    [{ series_id: 7 }, { type: "string_type", ...at("series_id") }],
    [
      { series_id: "x", to_time: -1 },
      { type: "greater_than_equal", ...at("to_time"), ctx: { ge: 0 } },
    ],
    [
      { series_id: "x", to_time: 1.5 },
      { type: "int_from_float", ...at("to_time") },
    ],
    [
      { series_id: "x", to_time: "soon" },
      { type: "int_parsing", ...at("to_time") },
    ],
    [
      { series_id: "x", to_time: [1] },
      { type: "int_type", ...at("to_time") },
    ],
  ];
  for (const [body, problem] of cases) {
    expect(await problems(daemon, REPAIR, body), JSON.stringify(body)).toMatchObject([problem]);
  }
});

test("without a candle at or before the time there is nothing to repair", async () => {
  const daemon = await startVectorDaemon(OPEN);
  for (const series_id of [SERIES, "BTC", "a:b:c:1M"]) {
    for (const to_time of [null, 0, 1_000, undefined]) {
      const answer = await post(daemon.url, REPAIR, { series_id, to_time });
      expect([answer.status, answer.text], series_id).toEqual([404, '{"detail":"no_data"}']);
    }
  }
  await daemon.feed(candles.slice(0, 1));
  expect((await repair(daemon, 59)).text).toBe('{"detail":"no_data"}');
});

describe("a repair", () => {
  test("makes the drawing anew: what was forgotten is there again, and looks as before", async () => {
    const daemon = await startVectorDaemon(OPEN);
    await daemon.feed(candles);
    const asItWas = await daemon.ask("/api/draw/delta");
    await daemon.daemon.app.store.commit({ series: SERIES, ledgers: { overlay: { type: "reset" } } });
    expect((await daemon.ask("/api/draw/delta")).status).toBe(409);
    const answer = await repair(daemon);
    expect([answer.status, answer.text]).toEqual([
      200,
      JSON.stringify({
        ok: true,
        series_id: SERIES,
        requested_time: 2_640,
        aligned_time: 2_640,
        factor_head_time: 2_640,
        overlay_head_time: 2_640,
        refreshed: true,
        steps: STEPS,
      }),
    ]);
    expect(unversioned((await daemon.ask("/api/draw/delta")).json as unknown as DrawBody)).toEqual(
      unversioned(asItWas.json as unknown as DrawBody),
    );
  });

  test("can be made again and again; versions go on, so that no client misses what was drawn anew", async () => {
    const daemon = await startVectorDaemon(OPEN);
    await daemon.feed(candles);
    const first = (await daemon.ask("/api/draw/delta")).json as unknown as DrawBody;
    expect((await repair(daemon)).status).toBe(200);
    const cursor_version_id = first.next_cursor.version_id;
    const change = (await daemon.ask("/api/draw/delta", { cursor_version_id })).json as unknown as DrawBody;
    for (const { version_id } of change.instruction_catalog_patch)
      expect(version_id).toBeGreaterThan(cursor_version_id);
    const drawn = change.instruction_catalog_patch.map(({ instruction_id }) => instruction_id);
    expect(drawn).toEqual(expect.arrayContaining([...change.active_ids]));
    expect(unversioned(change)).toEqual(unversioned(first));
    const again = await repair(daemon);
    expect([again.status, again.json.steps]).toEqual([200, STEPS]);
  });

  test("brings ledgers that lag up to the newest candle, whatever time was asked for", async () => {
    const daemon = await startVectorDaemon(OPEN);
    await daemon.feed(candles.slice(0, 5));
    await daemon.daemon.app.store.commit({ series: SERIES, upsert: [candleAt(360), candleAt(420)] });
    expect((await repair(daemon, 365)).json).toMatchObject({
      requested_time: 365,
      aligned_time: 360,
      factor_head_time: 420,
      overlay_head_time: 420,
      refreshed: true,
    });
    expect((await daemon.ask("/api/frame/live")).json.time).toMatchObject({ aligned_time: 420 });
  });

  test("says which ledger it could not bring up", async () => {
    for (const [name, detail] of [
      ["FACTOR", "ledger_out_of_sync:factor"],
      ["OVERLAY", "ledger_out_of_sync:overlay"],
    ] as const) {
      const daemon = await startVectorDaemon({ ...OPEN, [`TRADE_CANVAS_ENABLE_${name}_INGEST`]: "0" });
      await daemon.feed(candles.slice(0, 3));
      const answer = await repair(daemon);
      expect([answer.status, answer.json]).toEqual([409, { detail }]);
    }
  });

  test("that fails says why, and leaves the drawing as it was", async () => {
    const daemon = await startVectorDaemon(OPEN);
    await daemon.feed(candles);
    const asItWas = await daemon.ask("/api/draw/delta");
    const commit = vi.spyOn(daemon.daemon.app.store, "commit").mockRejectedValue(new Error("the disk is full"));
    const answer = await repair(daemon);
    expect(answer.status).toBe(500);
    expect(answer.text).toMatch(/^\{"detail":"overlay_repair_failed:.*the disk is full"\}$/);
    commit.mockRestore();
    expect((await daemon.ask("/api/draw/delta")).text).toBe(asItWas.text);
    expect((await repair(daemon)).status).toBe(200);
  });

  test("is told, if it was made", async () => {
    const daemon = await startVectorDaemon({ ...OPEN, TRADE_CANVAS_ENABLE_DEBUG_API: "1" });
    await daemon.feed(candles.slice(0, 4));
    await repair(daemon, 59);
    await repair(daemon, 200);
    const told = (await debugEvents(daemon.daemon)).filter(({ pipe }) => pipe === "read");
    expect(told).toMatchObject([
      {
        event: "read.http.overlay_repair",
        series_id: SERIES,
        level: "info",
        data: { requested_time: 200, aligned_time: 180, steps: STEPS, factor_head_time: 240, overlay_head_time: 240 },
      },
    ]);
    expect(told).toHaveLength(1);
  });
});

/** What a drawing looks like, without the numbers of its versions. */
function unversioned({ active_ids, instruction_catalog_patch }: DrawBody): object {
  const looks = instruction_catalog_patch.map(({ instruction_id, definition }) => [instruction_id, definition]);
  return { active_ids, looks: Object.fromEntries(looks) };
}
