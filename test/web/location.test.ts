import { describe, expect, test } from "vitest";
import { readLocation, writeLocation } from "../../web/src/location.js";

const SERIES = "binance:futures:BTC/USDT:1m";

describe("the address", () => {
  test("says what is shown, readably, and is read back", () => {
    const shown = {
      series: "binance:spot:ETH/USDT:1h",
      features: { off: ["pen.confirmed", "sr.active"], on: ["pivot.minor"] },
      panel: "replay",
    } as const;
    const search = writeLocation(shown);
    expect(search).toBe("?series=binance:spot:ETH/USDT:1h&off=pen.confirmed,sr.active&on=pivot.minor&panel=replay");
    expect(readLocation(search, SERIES)).toEqual(shown);
  });

  test("without anything, is the series of the page", () => {
    expect(readLocation("", SERIES)).toEqual({ series: SERIES, features: null, panel: null });
  });

  test.each(["?series=BTC", "?series=a:b:c:d", "?series=", "?panel=secrets&series=%"])(
    "%s is not understood",
    (search) => {
      expect(readLocation(search, SERIES)).toEqual({ series: SERIES, features: null, panel: null });
    },
  );

  test("keeps symbols that have signs of their own", () => {
    const series = "binance:futures:A&B=C?/USDT:1m";
    expect(readLocation(writeLocation({ series, features: null, panel: null }), SERIES).series).toBe(series);
  });
});
