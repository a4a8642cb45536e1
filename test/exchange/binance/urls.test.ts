import { describe, expect, it } from "vitest";
import { BaseUrlError, combinedStreamUrl, restUrl } from "../../../src/exchange/binance/urls.js";

describe("combinedStreamUrl", () => {
  it("appends the combined route, on futures the one that klines flow on", () => {
    expect(combinedStreamUrl("wss://stream.binance.com:9443", "spot")).toBe("wss://stream.binance.com:9443/stream");
    expect(combinedStreamUrl("wss://fstream.binance.com", "futures")).toBe("wss://fstream.binance.com/market/stream");
  });

  it("takes a base with trailing slashes, a path, or spaces around it", () => {
    expect(combinedStreamUrl("ws://127.0.0.1:9000/", "spot")).toBe("ws://127.0.0.1:9000/stream");
    expect(combinedStreamUrl(" ws://proxy/binance// ", "futures")).toBe("ws://proxy/binance/market/stream");
  });

  it.each(["", "stream.binance.com", "https://stream.binance.com", "wss://host?streams=a", "wss://host#x", "wss://"])(
    "refuses %j, naming it and the remedy",
    (base) => {
      const make = () => combinedStreamUrl(base, "spot");
      expect(make).toThrow(BaseUrlError);
      expect(make).toThrow(`'${base}' is not a ws:// or wss:// address`);
      expect(make).toThrow("wss://stream.binance.com:9443");
    },
  );
});

describe("restUrl", () => {
  it("has the version path of the market", () => {
    expect(restUrl("https://api.binance.com", "spot", "exchangeInfo")).toBe(
      "https://api.binance.com/api/v3/exchangeInfo",
    );
    expect(restUrl("https://fapi.binance.com/", "futures", "time")).toBe("https://fapi.binance.com/fapi/v1/time");
  });

  it("encodes parameters and leaves absent ones out", () => {
    const url = restUrl("http://127.0.0.1:1", "spot", "klines", {
      symbol: "A&B",
      startTime: 0,
      endTime: undefined,
      limit: 1000,
    });
    expect(url).toBe("http://127.0.0.1:1/api/v3/klines?symbol=A%26B&startTime=0&limit=1000");
  });

  it("refuses a stream base", () => {
    expect(() => restUrl("wss://stream.binance.com", "spot", "time")).toThrow("http:// or https://");
  });
});
