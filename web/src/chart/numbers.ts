/** Prices and volumes as text. Pure. */
import type { WireCandle } from "../../../src/client/answers/market.js";

const MAX_DECIMALS = 8;

/** Candles that are looked at for the number of decimals. */
const LOOKED_AT = 300;

/** How many decimals the prices of a series have: as many as the finest of the newest candles. */
export function decimalsOf(candles: readonly WireCandle[]): number {
  let decimals = 0;
  for (const { open, high, low, close } of candles.slice(-LOOKED_AT)) {
    for (const price of [open, high, low, close]) decimals = Math.max(decimals, decimalsIn(price));
  }
  return Math.min(MAX_DECIMALS, decimals);
}

function decimalsIn(price: number): number {
  const text = String(price);
  const [, exponent] = text.split("e-");
  return (text.split("e")[0]?.split(".")[1]?.length ?? 0) + Number(exponent ?? 0);
}

/** `94,572.2` */
export function priceText(price: number, decimals: number): string {
  return price.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

const UNITS = [
  [1e9, "B"],
  [1e6, "M"],
  [1e4, "K"],
] as const;

/** `12.31K`, `135.98`; four figures say enough of a volume. */
export function volumeText(volume: number): string {
  for (const [unit, name] of UNITS) {
    if (volume >= unit) return `${figures(name === "K" ? volume / 1e3 : volume / unit)}${name}`;
  }
  return figures(volume);
}

function figures(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 5 });
}

/** `+0.12%`, with a true minus. */
export function percentText(ratio: number): string {
  const percent = (ratio * 100).toFixed(2);
  return `${percent.startsWith("-") ? `−${percent.slice(1)}` : `+${percent}`}%`;
}
