/**
 * The computed examples through the real server. Everything is equal, key order included, but what is listed here, each
 * difference with the decision behind it; test/vectors/README.md has them in words. What a fold makes of the examples is
 * compared event by event in test/factors and test/overlays.
 */
import { describe, expect, test } from "vitest";
import { type CandleRow, loadVector } from "../factors/model/vectors.js";
import type { DrawBody, PatchItem } from "../support/ledger-answers.js";
import { differences, startVectorDaemon, type VectorDaemon } from "./vector-daemon.js";

interface Query {
  readonly params: Readonly<Record<string, number>>;
  readonly status: number;
  readonly body: unknown;
}

const slices = loadVector<{
  candles: CandleRow[];
  queries: { at_time: number; window_candles: number; status: number; body: unknown }[];
}>("07_factor_slices");

const draw = loadVector<{
  small_series: { candles: CandleRow[]; queries: Query[] };
  empty_store: Query;
  long_series: {
    expected_version_log: [version: number, visibleTime: number, kind: string, id: string][];
    cursor0_by_at_time: { at_time: number; status: number; patch_len?: number; active_len?: number }[];
    final_cursor0: { active_ids: string[]; latest_definitions: Record<string, unknown> };
  };
}>("08_draw_delta");

const world = loadVector<{ candles: CandleRow[]; queries: (Query & { when: string; path: string })[] }>("09_world");

/** How an answer differs from what the example has, its status included. */
async function compared(daemon: VectorDaemon, path: string, { params, status, body }: Query): Promise<string[]> {
  const answer = await daemon.ask(path, params);
  return differences({ status, body }, { status: answer.status, body: answer.json });
}

describe("07, slices of the long series", () => {
  // C-1: the strength of the anchor is never forgotten, so it has grown to 1800, and is beaten one candle later.
  const LATER_SWITCH = (at: number): string[] => [
    `body.snapshots.anchor.history.switches.${at}.switch_time: 2460 -> 2520`,
    `body.snapshots.anchor.history.switches.${at}.visible_time: 2460 -> 2520`,
  ];
  const DIFFERENT: Readonly<Record<string, readonly string[]>> = {
    "2040 2000": ["body.snapshots.anchor.head.current_anchor_ref.end_time: 1560 -> 1800"],
    "2640 2000": LATER_SWITCH(2),
    // C-3: neither a head nor the presence of a factor depends on the window. The zone of 1200 lives.
    "2640 10": ["body.snapshots.zhongshu.head.alive + 0", ...LATER_SWITCH(0)],
    "9999 5": ["body.factors + zhongshu", "body.snapshots + zhongshu", ...LATER_SWITCH(0)],
  };

  test("every query", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feed(slices.candles);
    expect(slices.queries).toHaveLength(9);
    for (const { at_time, window_candles, status, body } of slices.queries) {
      const query = { params: { at_time, window_candles }, status, body };
      const name = `${at_time} ${window_candles}`;
      expect(await compared(daemon, "/api/factor/slices", query), name).toEqual(DIFFERENT[name] ?? []);
    }
  });
});

/** C-6a: one id per level; the reference makes one more with every candle, and all of them stay active. */
const LEVELS_AT_720 = [
  ".active_ids - sr.sr.active:active:resistance:13.00000000:180:660",
  ".active_ids - sr.sr.active:active:resistance:13.00000000:180:720",
  ".active_ids + sr.active:resistance:13.00000000:180",
];
const LEVELS_AT_840 = [
  ...LEVELS_AT_720.slice(0, 2),
  ".active_ids - sr.sr.active:active:resistance:13.00000000:180:780",
  ".active_ids - sr.sr.active:active:resistance:13.00000000:180:840",
  ".active_ids - sr.sr.active:active:support:9.00000000:360:840",
  ".active_ids + sr.active:resistance:13.00000000:180",
  ".active_ids + sr.active:support:9.00000000:360",
];
const NAMES_OF_LEVELS_AT_720 = [
  '.#18.instruction_id: "sr.sr.active:active:resistance:13.00000000:180:720" -> "sr.active:resistance:13.00000000:180"',
];
const NAMES_OF_LEVELS_AT_840 = [
  '.#25.instruction_id: "sr.sr.active:active:resistance:13.00000000:180:840" -> "sr.active:resistance:13.00000000:180"',
  '.#26.instruction_id: "sr.sr.active:active:support:9.00000000:360:840" -> "sr.active:support:9.00000000:360"',
];
/** C-6b: an answer holds the version of an id that is valid at its time, and no earlier one. */
const SUPERSEDED_AT_720 = [
  ...[" - #4 anchor.current", " - #5 pen.extending", " - #6 pen.candidate", " - #7 anchor.current"],
  ...[" - #8 pen.candidate", " - #15 pen.candidate", " - #16 sr.sr.active:active:resistance:13.00000000:180:660"],
];
const SUPERSEDED_AT_840 = [
  ...[" - #4 anchor.current", " - #5 pen.extending", " - #6 pen.candidate", " - #7 anchor.current"],
  ...[" - #8 pen.candidate", " - #12 pen.confirmed", " - #14 pen.extending", " - #15 pen.candidate"],
  ...[" - #16 sr.sr.active:active:resistance:13.00000000:180:660", " - #17 pen.candidate"],
  ...[" - #18 sr.sr.active:active:resistance:13.00000000:180:720"],
  ...[" - #20 sr.sr.active:active:resistance:13.00000000:180:780"],
];
/** C-6b: an answer with cursor 0 holds what is in the window, and what lives. */
const OUT_OF_WINDOW_5 = [
  ...[" - #1 pivot.major:180:resistance:2", " - #2 pivot.minor:360:support:1", " - #3 pivot.major:360:support:2"],
];
/** C-6b: the cursor is that of the picture at the time asked for; what comes later comes when it is asked for. */
const CURSOR_AT_720 = [".next_cursor.version_id: 26 -> 18"];

/** The texts with the place of a draw delta, and that of its patch, before them. */
function within(delta: string, active: readonly string[], patch: readonly string[], cursor: readonly string[] = []) {
  const inPatch = patch.map((text) => `${delta}.instruction_catalog_patch${text}`);
  return [...active.map((text) => delta + text), ...inPatch, ...cursor.map((text) => delta + text)];
}

describe("08, draw deltas", () => {
  const RECENT = [...SUPERSEDED_AT_840, ...NAMES_OF_LEVELS_AT_840];
  const AT_725 = [...SUPERSEDED_AT_720, ...NAMES_OF_LEVELS_AT_720];
  const DIFFERENT: Readonly<Record<string, readonly string[]>> = {
    '{"cursor_version_id":0}': within("body", LEVELS_AT_840, RECENT),
    '{"cursor_version_id":22}': within("body", LEVELS_AT_840, NAMES_OF_LEVELS_AT_840),
    '{"cursor_version_id":26}': within("body", LEVELS_AT_840, []),
    '{"cursor_version_id":0,"at_time":725}': within("body", LEVELS_AT_720, AT_725, CURSOR_AT_720),
    '{"cursor_version_id":0,"window_candles":5}': within("body", LEVELS_AT_840, [...OUT_OF_WINDOW_5, ...RECENT]),
    '{"cursor_version_id":3,"window_candles":5}': within("body", LEVELS_AT_840, RECENT),
    '{"cursor_version_id":5,"at_time":30}': [],
  };

  test("every query of the small series, and the empty store", async () => {
    const daemon = await startVectorDaemon();
    expect(await compared(daemon, "/api/draw/delta", draw.empty_store)).toEqual([]);
    await daemon.feed(draw.small_series.candles);
    expect(draw.small_series.queries.map(({ params }) => JSON.stringify(params))).toEqual(Object.keys(DIFFERENT));
    for (const query of draw.small_series.queries) {
      const name = JSON.stringify(query.params);
      expect(await compared(daemon, "/api/draw/delta", query), name).toEqual(DIFFERENT[name]);
    }
  });
});

describe("08, the long series with cursor 0 at each of its 44 candles", () => {
  const { expected_version_log, cursor0_by_at_time, final_cursor0 } = draw.long_series;

  /** Ids that the reference's log holds at a time, without levels. */
  const theirIdsAt = (time: number): ReadonlySet<string> => {
    const visible = expected_version_log.filter(([, visibleTime]) => visibleTime <= time);
    return new Set(visible.flatMap(([, , , id]) => (id.startsWith("sr.") ? [] : [id])));
  };
  const ALIVE = ["zhongshu.alive:bottom", "zhongshu.alive:top"];
  const SWITCH = (time: number): string => `anchor.switch:${time}:1:strong_pen`;
  const FIRST = "anchor.history:780:480:660:1";
  const SECOND = "anchor.history:1680:1200:1560:-1";

  /** Of the ids that are shown at a time: those that only the reference has (-), and those that only ours has (+). */
  function differentAt(time: number): string[] {
    return [
      // C-6a (O5): an earlier anchor is drawn from when it is no longer current, not from its switch. It is one from
      // 1440 and from 2340 on; at 2460 the second is current once more (C-1).
      ...(time >= 780 && time < 1_440 ? [`- ${FIRST}`] : []),
      ...((time >= 1_680 && time < 2_340) || time === 2_460 ? [`- ${SECOND}`] : []),
      // C-1 (Q2): the leg of 13 beats the anchor a candle later.
      ...(time >= 2_460 ? [`- ${SWITCH(2_460)}`] : []),
      ...(time >= 2_520 ? [`+ ${SWITCH(2_520)}`] : []),
      // C-6 (O3): the zone that died is retired; the reference answers 409 until another one lives.
      ...(time >= 2_040 && time < 2_460 ? ALIVE.map((id) => `- ${id}`) : []),
    ].sort();
  }

  test("is answered everywhere, and shows what the reference shows but for what is listed", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feed(slices.candles);
    expect(cursor0_by_at_time).toHaveLength(44);
    for (const { at_time, status, patch_len, active_len } of cursor0_by_at_time) {
      const answer = await daemon.ask("/api/draw/delta", { at_time });
      expect([at_time, answer.status]).toEqual([at_time, 200]);
      expect(status).toBe(at_time >= 2_040 && at_time < 2_460 ? 409 : 200);
      const { active_ids, instruction_catalog_patch: patch, next_cursor } = answer.json as unknown as DrawBody;
      const theirs = [...theirIdsAt(at_time)];
      const ours = active_ids.filter((id) => !id.startsWith("sr."));
      const found = [
        ...theirs.filter((id) => !ours.includes(id)).map((id) => `- ${id}`),
        ...ours.filter((id) => !theirs.includes(id)).map((id) => `+ ${id}`),
      ];
      expect(found.sort(), `at ${at_time}`).toEqual(differentAt(at_time));
      expect(levelsOf(active_ids, "sr.active"), `at ${at_time}`).toEqual(theirStandingLevels(at_time));
      // C-6b: every id once, and the cursor of the picture at the time; the reference always gives 213.
      expect(patch.map(({ instruction_id }) => instruction_id).sort()).toEqual(active_ids);
      expect(next_cursor.version_id).toBe(Math.max(0, ...patch.map(({ version_id }) => version_id)));
      // Before anything was drawn a second time the answers are as large as those of the reference.
      if (at_time <= 600) expect([patch.length, active_ids.length]).toEqual([patch_len, active_len]);
    }
  });

  /** C-6a: levels as ours are named, of the lines that the reference draws at a time. */
  function theirStandingLevels(time: number): string[] {
    const drawn = expected_version_log.flatMap(([, visibleTime, , id]) => (visibleTime === time ? [id] : []));
    const standing = drawn.filter((id) => id.startsWith("sr.sr.active:"));
    return standing.map((id) => id.replace(/^sr\.(sr\.active):\w+:(.*):\d+$/, "$1:$2")).sort();
  }

  test("draws at the end what the reference does", async () => {
    const daemon = await startVectorDaemon();
    await daemon.feed(slices.candles);
    const { instruction_catalog_patch } = (await daemon.ask("/api/draw/delta")).json as unknown as DrawBody;
    const ours = new Map(instruction_catalog_patch.map((item: PatchItem) => [item.instruction_id, item.definition]));
    const different = Object.entries(final_cursor0.latest_definitions).flatMap(([id, definition]) => {
      return differences(definition, ours.get(id), id);
    });
    // C-1 (Q2), as above.
    expect(different).toEqual([`${SWITCH(2_460)}: ${JSON.stringify(switchDefinition(2_460))} -> undefined`]);
    expect(ours.get(SWITCH(2_520))).toEqual(switchDefinition(2_520));
  });

  function switchDefinition(time: number) {
    return { ...(final_cursor0.latest_definitions[SWITCH(2_460)] as object), time };
  }
});

function levelsOf(ids: readonly string[], feature: string): string[] {
  return ids.filter((id) => id.startsWith(`${feature}:`)).sort();
}

describe("09, frames, poll, health and errors", () => {
  const OFF = { TRADE_CANVAS_ENABLE_OVERLAY_INGEST: "0" };
  const SETTINGS: Readonly<
    Record<string, { readonly env?: Readonly<Record<string, string>>; readonly until: number }>
  > = {
    "empty store": { until: 0 },
    "after candle 300": { until: 300 },
    "after candle 840": { until: 840 },
    "overlay ingest disabled, after candle 300": { env: OFF, until: 300 },
    "factor ingest disabled, after candle 300": { env: { TRADE_CANVAS_ENABLE_FACTOR_INGEST: "0" }, until: 300 },
  };
  // As in 08: C-6a for the levels, C-6b for versions and cursor.
  const DIFFERENT: Readonly<Record<string, readonly string[]>> = {
    'after candle 840 /api/delta/poll {"after_id":1,"limit":1}': within("body.records.0.draw_delta", LEVELS_AT_840, [
      ...SUPERSEDED_AT_840,
      ...NAMES_OF_LEVELS_AT_840,
    ]),
    'after candle 840 /api/frame/at_time {"at_time":777}': within(
      "body.draw_state",
      LEVELS_AT_720,
      [...SUPERSEDED_AT_720, ...NAMES_OF_LEVELS_AT_720],
      CURSOR_AT_720,
    ),
  };

  test.each(Object.entries(SETTINGS))("%s", async (when, { env, until }) => {
    const queries = world.queries.filter((query) => query.when === when);
    expect(queries.length).toBeGreaterThan(2);
    const daemon = await startVectorDaemon(env);
    await daemon.feed(world.candles.filter(([time]) => time <= until));
    for (const query of queries) {
      const name = `${when} ${query.path} ${JSON.stringify(query.params)}`;
      expect(await compared(daemon, query.path, query), name).toEqual(DIFFERENT[name] ?? []);
    }
  });

  test("no query is left out", () => {
    expect(world.queries).toHaveLength(17);
    expect(new Set(world.queries.map(({ when }) => when))).toEqual(new Set(Object.keys(SETTINGS)));
  });
});
