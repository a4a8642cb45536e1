import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSetting, type Reading } from "../../src/config/parse.js";
import type { Setting } from "../../src/config/setting.js";

const common = { env: "TRADE_CANVAS_X", since: "now", effect: "Nothing." } as const;
const SETTINGS = {
  bool: { ...common, kind: "bool", default: true },
  int: { ...common, kind: "int", default: 7, min: 1, unit: "candles" },
  float: { ...common, kind: "float", default: 0.5, min: 0.1, unit: "seconds" },
  count: { ...common, kind: "optional-int", default: undefined, unit: "candles" },
  kept: { ...common, kind: "string", default: "a", blank: "empty" },
  filled: { ...common, kind: "string", default: "a", blank: "default" },
  csv: { ...common, kind: "csv", default: ["a"] },
  path: { ...common, kind: "path", default: "var" },
  mayPath: { ...common, kind: "optional-path", default: undefined },
  http: { ...common, kind: "url", default: "https://a", schemes: ["http", "https"] },
  ws: { ...common, kind: "url", default: "wss://a", schemes: ["ws", "wss"] },
  choice: { ...common, kind: "choice", default: "read", choices: ["read", "ingest"] },
  host: {
    ...common,
    kind: "host",
    default: "127.0.0.1",
    beyondLoopback: { ...common, kind: "optional-path", default: undefined },
  },
  port: { ...common, kind: "port", default: 8000 },
  clock: { ...common, kind: "clock", default: undefined },
} as const satisfies Record<string, Setting>;

function parse(setting: keyof typeof SETTINGS, text: string): Reading {
  return parseSetting(SETTINGS[setting], text, "/srv/canvas");
}

function read(value: unknown): unknown {
  return { status: "read", value };
}

describe("bool", () => {
  it.each(["1", "true", "yes", "on", " TRUE ", "Yes", "\ton\n"])("%j is true", (text) => {
    expect(parse("bool", text)).toEqual(read(true));
  });

  it.each(["0", "false", "no", "off", " Off "])("%j is false", (text) => {
    expect(parse("bool", text)).toEqual(read(false));
  });

  it("takes anything else for false, and says so", () => {
    const words = ["1", "true", "yes", "on", "0", "false", "no", "off"];
    fc.assert(
      fc.property(
        fc.string().filter((text) => !words.includes(text.trim().toLowerCase())),
        (text) => {
          expect(parse("bool", text)).toMatchObject({ status: "misread", instead: false });
        },
      ),
    );
  });
});

describe("int", () => {
  it.each([
    ["42", 42],
    [" 42 ", 42],
    ["+5", 5],
    ["-5", -5],
    ["007", 7],
  ])("%j is %d", (text, value) => expect(parse("int", text)).toEqual(read(value)));

  it.each(["", "  ", "1.0", "1e3", "0x10", "1_000", "five", "- 5", "NaN", "Infinity", "9007199254740993"])(
    "%j is none",
    (text) => expect(parse("int", text).status).toBe("misread"),
  );
});

describe("float", () => {
  it.each([
    ["0.25", 0.25],
    [" 3 ", 3],
    [".5", 0.5],
    ["5.", 5],
    ["-1e-3", -0.001],
  ])("%j is %d", (text, value) => expect(parse("float", text)).toEqual(read(value)));

  it.each(["", "1,5", "nan", "inf", "Infinity", "1e999", "0x1", ".", "1s"])("%j is none", (text) =>
    expect(parse("float", text).status).toBe("misread"),
  );
});

describe("optional count", () => {
  it.each([
    ["300", 300],
    ["1", 1],
    ["0", undefined],
    ["-4", undefined],
  ])("%j is %s", (text, value) => expect(parse("count", text)).toEqual(read(value)));

  it.each(["", "all", "1.5"])("%j is misread", (text) => expect(parse("count", text).status).toBe("misread"));
});

describe("string", () => {
  it("is trimmed, and otherwise kept", () => {
    expect(parse("kept", "  v 2 ")).toEqual(read("v 2"));
  });

  it("may be blank, where blank is a value", () => {
    expect(parse("kept", "  ")).toEqual(read(""));
    expect(parse("filled", "  ")).toEqual({ status: "misread", expected: "blank" });
  });
});

describe("csv", () => {
  it.each([
    ["6m,12m,6m", ["6m", "12m"]],
    [" b , a ,, b ", ["b", "a"]],
    [",", []],
  ])("%j is %j", (text, value) => expect(parse("csv", text)).toEqual(read(value)));

  it("is the default when blank", () => expect(parse("csv", " ").status).toBe("misread"));

  it("never has repeats, blanks or a changed order", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", " b", "c ", "", " ")), (parts) => {
        const expected = [...new Set(parts.map((part) => part.trim()))].filter((part) => part !== "");
        const text = parts.join(",");
        if (text.trim() !== "") expect(parse("csv", text)).toEqual(read(expected));
      }),
    );
  });
});

describe("path", () => {
  it.each([
    ["var/store", "/srv/canvas/var/store"],
    ["../elsewhere", "/srv/elsewhere"],
    ["/data/store", "/data/store"],
  ])("%j is %j", (text, value) => expect(parse("path", text)).toEqual(read(value)));
});

describe("url", () => {
  it.each([
    ["http", "https://api.binance.com/", "https://api.binance.com"],
    ["http", " http://127.0.0.1:9000/base// ", "http://127.0.0.1:9000/base"],
    ["ws", "wss://stream.binance.com:9443", "wss://stream.binance.com:9443"],
    ["ws", "WS://[::1]:81", "WS://[::1]:81"],
  ] as const)("%s base %j is %j", (setting, text, value) => expect(parse(setting, text)).toEqual(read(value)));

  it.each([
    ["http", "api.binance.com"],
    ["http", "wss://api.binance.com"],
    ["http", "https://"],
    ["http", "https:api"],
    ["http", "https://a b"],
    ["http", "https://a?key=1"],
    ["http", "https://a#b"],
    ["http", "https://a:99999"],
    ["http", "file:///etc/passwd"],
    ["ws", "https://fstream.binance.com"],
  ] as const)("%s base %j is refused, naming the value", (setting, text) => {
    const reading = parse(setting, text);
    expect(reading.status === "refused" && reading.problem).toContain(`TRADE_CANVAS_X=${JSON.stringify(text)}`);
  });
});

describe("choice", () => {
  it("ignores case", () => expect(parse("choice", " INGEST ")).toEqual(read("ingest")));
  it("misreads another word", () => expect(parse("choice", "write").status).toBe("misread"));
});

describe("path or none", () => {
  it("resolves against the root, and is none when blank", () => {
    expect(parse("mayPath", " a/b ")).toEqual(read("/srv/canvas/a/b"));
    expect(parse("mayPath", "/a/b")).toEqual(read("/a/b"));
    expect(parse("mayPath", "  ")).toEqual({ status: "misread", expected: "blank" });
  });
});

describe("host", () => {
  const hosts = ["127.0.0.1", " localhost ", "::1", "0.0.0.0", "::", "192.168.0.2", "canvas.example.org", "a-b"];
  it.each(hosts)("takes %j, and does not ask who may listen on it", (text) =>
    expect(parse("host", text)).toEqual(read(text.trim())),
  );
  it.each(["127.0.0.1:80", "[::1]", "http://localhost", "*", "a b", "-a", "a.", "::g", "é"])("refuses %j", (text) =>
    expect(parse("host", text)).toEqual({
      status: "refused",
      problem: expect.stringMatching(/^TRADE_CANVAS_X=".*" is no address to listen on\. Give an IP address/),
    }),
  );
});

describe("port", () => {
  it.each([
    ["0", 0],
    ["65535", 65535],
  ])("takes %j", (text, value) => expect(parse("port", text)).toEqual(read(value)));
  it.each(["-1", "65536", "99999999999999999999"])("refuses %j", (text) =>
    expect(parse("port", text).status).toBe("refused"),
  );
  it.each(["", "http", "80.5"])("misreads %j", (text) => expect(parse("port", text).status).toBe("misread"));
});

describe("clock", () => {
  it("takes a scale", () => {
    expect(parse("clock", "1746403200000@1764000000000x60")).toEqual(
      read({ virtualMs: 1746403200000, realMs: 1764000000000, speed: 60 }),
    );
  });
  it("is real time when blank", () => expect(parse("clock", "").status).toBe("misread"));
  it.each(["x", "1@2", "1@2x0", "1@2x-1"])("refuses %j", (text) => expect(parse("clock", text).status).toBe("refused"));
});
