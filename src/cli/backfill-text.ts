/** What `trade-canvas backfill` says: how far it is, and what became of it. */
import type { BackfillReport } from "../actors/feed/backfill-job.js";
import type { RequestWeight } from "../actors/feed/exchange-port.js";
import { type SlotRange, slotCount } from "../market/slots.js";
import { isoText, utcText } from "./utc-time.js";

/** Ranges without candles that are listed one by one. */
const LISTED_RANGES = 20;

/** One line: percent, candles, candles a second, time left, weight used. @param elapsedMs since the backfill began. */
export function progressLine(report: BackfillReport, weight: RequestWeight | null, elapsedMs: number): string {
  const { candles, candlesDone, added, state } = report;
  const percent = candles === 0 ? 100 : (candlesDone / candles) * 100;
  const perSecond = elapsedMs > 0 ? candlesDone / (elapsedMs / 1_000) : 0;
  const left = perSecond > 0 ? durationText((candles - candlesDone) / perSecond) : "?";
  const parts = [
    `${percent.toFixed(1)} %`,
    `${count(candlesDone)} of ${count(candles)} candles, ${count(added)} stored`,
    `${count(Math.round(perSecond))}/s`,
    `${left} left`,
  ];
  if (weight !== null) parts.push(`weight ${count(weight.used)} of ${count(weight.limit)} a minute`);
  if (state.type === "queued") parts.push("waits for another backfill of the market");
  return parts.join("  ");
}

/** Why nothing is asked for at the moment. */
export function waitLine(untilMs: number, error: string, isDemanded: boolean): string {
  const until = `goes on at ${utcText(untilMs)} UTC`;
  return isDemanded ? `the exchange demands a pause, ${until}: ${error}` : `failed, ${until}: ${error}`;
}

/** @param series its id. @param stepS length of its timeframe in seconds. */
export function summary(series: string, stepS: number, report: BackfillReport): string {
  const { range, candles, candlesDone, added, absentCandles, absent, state, upToS } = report;
  const lines = [
    `${series} from ${isoText(range.fromS)} to ${isoText(range.toS)}: ${count(candles)} candles`,
    `  stored            ${count(added)}`,
    `  there before      ${count(Math.max(0, candlesDone - added - absentCandles))}`,
    `  absent at source  ${count(absentCandles)}`,
    ...absent.slice(0, LISTED_RANGES).map((one) => `    ${rangeText(one, stepS)}`),
  ];
  if (absent.length > LISTED_RANGES) lines.push(`    and ${count(absent.length - LISTED_RANGES)} more ranges`);
  if (state.type !== "done") {
    const left = { fromS: upToS === null ? range.fromS : upToS + stepS, toS: range.toS };
    lines.push(`  not finished      ${rangeText(left, stepS)}: ${reasonOf(report)}`);
  }
  return lines.join("\n");
}

function reasonOf({ state }: BackfillReport): string {
  return "error" in state ? state.error : state.type;
}

function rangeText(range: SlotRange, stepS: number): string {
  return `${isoText(range.fromS)} to ${isoText(range.toS)} (${count(slotCount(range, stepS))})`;
}

/** `1:02:03`, or `2:03` below an hour. */
function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60)];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function count(value: number): string {
  return value.toLocaleString("en");
}
