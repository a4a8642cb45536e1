import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeError, encodeMessage, type OutMessage } from "../../../src/actors/publisher/messages.js";
import { Publication } from "../../../src/actors/publisher/publication.js";
import { toWireCandle } from "../../../src/market/candle.js";
import { openedGap } from "../../../src/market/gap.js";
import { candleAt } from "../../support/candles.js";

const SERIES = 'binance:spot:"BTC"/USDT é:1m';
const id = JSON.stringify(SERIES);
const candle = { time: 60, open: 1, high: 2.5, low: 1e-7, close: -0, volume: 1e21 };
const json = '{"candle_time":60,"open":1,"high":2.5,"low":1e-7,"close":0,"volume":1e+21}';

test("every message as it is on the wire", () => {
  const cases: [OutMessage, string][] = [
    [{ type: "candle_closed", candle }, `{"type":"candle_closed","series_id":${id},"candle":${json}}`],
    [{ type: "candle_forming", candle }, `{"type":"candle_forming","series_id":${id},"candle":${json}}`],
    [
      { type: "candles_batch", candles: [candle, candle] },
      `{"type":"candles_batch","series_id":${id},"candles":[${json},${json}]}`,
    ],
    [
      { type: "gap", expectedNextTime: 60, actualTime: 180 },
      `{"type":"gap","series_id":${id},"expected_next_time":60,"actual_time":180}`,
    ],
    [
      { type: "gap_state", gap: openedGap({ id: 3, cause: "start", fromTime: 60, toTime: 120, nowMs: 5 }) },
      `{"type":"gap_state","series_id":${id},"gap":{"id":3,"state":"repairing","cause":"start","from_time":60,"to_time":120,"detected_at_ms":5,"attempts":0,"last_attempt_at_ms":null,"last_error":null,"resolved_at_ms":null,"checked_at_ms":null,"absent":[]}}`,
    ],
    [
      { type: "system", event: "factor.rebuild" },
      `{"type":"system","series_id":${id},"event":"factor.rebuild","message":"因子口径更新，已自动完成历史重算","data":{"series_id":${id}}}`,
    ],
  ];
  for (const [message, text] of cases) {
    const frame = encodeMessage(SERIES, message);
    expect(frame.text.toString("utf8")).toBe(text);
    expect([frame.kind, frame.series]).toEqual([message.type, SERIES]);
  }
});

test("errors name a series only when they are about one", () => {
  expect(encodeError("bad_request", "missing series_id").text.toString()).toBe(
    '{"type":"error","code":"bad_request","message":"missing series_id"}',
  );
  expect(encodeError("capacity", "ondemand_ingest_capacity", SERIES).text.toString()).toBe(
    `{"type":"error","code":"capacity","message":"ondemand_ingest_capacity","series_id":${id}}`,
  );
});

test("any candle survives the wire", () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const any = fc.record({
    time: fc.nat(),
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
  });
  fc.assert(
    fc.property(any, (given) => {
      const { text } = encodeMessage("s", { type: "candle_closed", candle: given });
      const parsed = JSON.parse(text.toString("utf8")) as { readonly candle: unknown };
      expect(JSON.stringify(parsed.candle)).toBe(JSON.stringify(toWireCandle(given)));
    }),
  );
});

test("a publication encodes each thing once for all subscribers, and gaps for each", () => {
  const candles = [candleAt(60), candleAt(120)];
  const publication = new Publication("s", { type: "closed", candles, grouping: "batch" });
  const first = candles[0] as (typeof candles)[0];
  const single = publication.frame({ type: "candle_closed", candle: first });
  expect(publication.frame({ type: "candle_closed", candle: first })).toBe(single);
  const whole = publication.frame({ type: "candles_batch", candles });
  expect(publication.frame({ type: "candles_batch", candles })).toBe(whole);
  expect(publication.frame({ type: "candles_batch", candles: candles.slice(1) })).not.toBe(whole);
  const gap = (actualTime: number) =>
    publication.frame({ type: "gap", expectedNextTime: 0, actualTime }).text.toString();
  expect(gap(60)).not.toBe(gap(120));
  const rebuilt = new Publication("s", { type: "rebuilt" });
  const notice: OutMessage = { type: "system", event: "factor.rebuild" };
  expect(rebuilt.frame(notice)).toBe(rebuilt.frame(notice));
});
