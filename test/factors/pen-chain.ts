/** Pens for tests of what is made of pens. */
import type { Pen } from "../../src/factors/pen.js";

export type PenRow = Omit<Pen, "start_idx" | "end_idx">;
export const penOf = (row: PenRow): Pen => ({ ...row, start_idx: row.start_time / 60, end_idx: row.end_time / 60 });

/** A chain of pens through these prices, a pen every two minutes, each confirmed two minutes after its end. */
export function chain(...prices: readonly number[]): Pen[] {
  return prices.slice(1).map((end_price, index) => {
    const start_price = prices[index]!;
    const start_time = 60 + index * 120;
    const direction = end_price > start_price ? 1 : -1;
    const end_time = start_time + 120;
    return penOf({ start_time, end_time, start_price, end_price, direction, visible_time: end_time + 120 });
  });
}
