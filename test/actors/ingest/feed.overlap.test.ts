/** Two connections deliver the same stream while one is renewed. F06, F07; feed bound B22. */
import { expect, test } from "vitest";
import { candleAt } from "../../support/candles.js";
import { minute, SERIES, T0 } from "../series/world.js";
import { liveSeries, minutes } from "./live-series.js";

/** Updates of a minute, before its final. */
const UPDATES = 6;

interface Sent {
  readonly atS: number;
  readonly n: number;
  readonly close: number;
  readonly final: boolean;
}

/** What a connection sends of minutes 1 to 3, `lateS` behind the other one. Closes only grow, so that going back is seen. */
function sentBy(lateS: number): readonly Sent[] {
  return [1, 2, 3].flatMap((n) =>
    Array.from({ length: UPDATES + 1 }, (_, index) => {
      const final = index === UPDATES;
      const atS = final ? (n + 1) * 60 + 0.3 : n * 60 + 1 + index * 9;
      return { atS: atS + lateS, n, close: n * 100 + index, final };
    }),
  );
}

test.each([0, 0.04, 0.9, 2.5, 12.5])(
  "a second connection that is %f s behind repeats nothing and takes nothing back (F06, F07, B22)",
  async (lateS) => {
    const { at, exchange, published } = await liveSeries();
    const both = [...sentBy(0), ...sentBy(lateS)].sort((a, b) => a.atS - b.atS);
    for (const { atS, n, close, final } of both) {
      await at(atS);
      // Both say the same event time: the exchange made the state once.
      const { atS: madeS } = sentBy(0).find((sent) => sent.close === close) as Sent;
      exchange.send(SERIES, { candle: candleAt(minute(n), close), final, eventTimeMs: (T0 + madeS) * 1000 });
      if (final) exchange.knows(SERIES, [candleAt(minute(n), close)]);
    }
    await at(4 * 60 + 20);
    expect(published.closed().map(({ time, close }) => [time, close])).toEqual(
      [0, 1, 2, 3].map((n) => [minute(n), n === 0 ? candleAt(minute(0)).close : n * 100 + UPDATES]),
    );
    const shown = published.forming().map(({ close }) => close);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
    expect(new Set(shown).size).toBe(3 * UPDATES);
    const forming = published.of().map((content) => (content.type === "forming" ? content.candle.time : undefined));
    const closedAt = (n: number) => published.of().findIndex((c) => c.type === "closed" && c.candles[0]?.time === n);
    for (const time of minutes(1, 3)) expect(forming.lastIndexOf(time)).toBeLessThan(closedAt(time));
  },
);
