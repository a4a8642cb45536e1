/**
 * The ledgers on a real store, through whatever may happen to a series: at every moment what is stored of them is the fold
 * of the stored candles up to their heads, and in the end they have caught up.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { trouble } from "./trouble.js";
import { TroubledSeries } from "./troubled-series.js";

test("RS-W14 a ledger is the fold of the stored candles, whatever the batches, failures and restarts", async () => {
  await fc.assert(
    fc.asyncProperty(trouble, async (plan) => {
      const series = new TroubledSeries(plan);
      await series.open();
      for (const step of plan.script) {
        await series.perform(step);
        series.look("rowsHold");
      }
      await series.comeToRest();
      const { candles, factor, overlay } = series.world.heads();
      expect([factor, overlay]).toEqual([candles, candles]);
      series.look("everythingHolds");
      await series.close();
    }),
    // A failure is told with its smallest script, or the smallest found in that time.
    { numRuns: 25, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
  );
}, 120_000);
