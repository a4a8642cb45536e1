/** Asks which moment is to be replayed. */
import { make } from "../shell/dom.js";
import { MAX_CANDLES, type ReplayOrder } from "./open-replay.js";

/** Candles that can be chosen. */
const LENGTHS = [250, 500, 1_000, MAX_CANDLES] as const;
const DEFAULT_LENGTH = 500;

export interface OrderForm {
  readonly root: HTMLFormElement;
  /** The newest candle of the series, Unix seconds: it is what is offered, and nothing after it. */
  offer(newest: number): void;
  setBusy(busy: boolean): void;
  focus(): void;
}

/** @param ordered told what was asked for. */
export function orderForm(ordered: (order: Omit<ReplayOrder, "series">) => void): OrderForm {
  const upTo = make("input", { type: "datetime-local", name: "up-to", step: "60" });
  const lengths = LENGTHS.map((length) =>
    make("option", { value: String(length), text: `${length.toLocaleString("en")} candles` }),
  );
  const candles = make("select", { name: "candles", "aria-label": "Length of the replay" }, lengths);
  candles.value = String(DEFAULT_LENGTH);
  const start = make("button", { type: "submit", class: "primary", text: "Start replay" });
  const label = make("label", { text: "Up to" }, [upTo, make("span", { class: "unit", text: "UTC" })]);
  const root = make("form", { class: "replay-order" }, [label, candles, start]);
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    ordered({ toTime: timeOf(upTo.value), candles: Number(candles.value) });
  });
  return {
    root,
    offer: (newest) => {
      upTo.max = fieldText(newest);
      upTo.value = fieldText(newest);
    },
    setBusy: (busy) => {
      for (const field of [upTo, candles, start]) field.disabled = busy;
    },
    focus: () => upTo.focus(),
  };
}

/** Unix seconds of a field's text, which is meant in UTC; null for an empty field: the newest candle. */
export function timeOf(field: string): number | null {
  const ms = Date.parse(`${field}Z`);
  return Number.isNaN(ms) ? null : ms / 1_000;
}

function fieldText(timeS: number): string {
  return new Date(timeS * 1_000).toISOString().slice(0, 16);
}
