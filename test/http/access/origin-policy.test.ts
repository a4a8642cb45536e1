import { describe, expect, test } from "vitest";
import { OriginPolicy } from "../../../src/http/access/origin-policy.js";

const ORIGINS = ["http://localhost:5173", "https://canvas.example.org", "not an origin"];
const onLoopback = new OriginPolicy({ isLoopback: true, origins: ORIGINS });
const elsewhere = new OriginPolicy({ isLoopback: false, origins: ORIGINS });

describe("Host on loopback", () => {
  test.each([
    "127.0.0.1",
    "127.0.0.1:8000",
    "127.1.2.3:1",
    "localhost",
    "LocalHost:8000",
    "localhost.:8000",
    "canvas.localhost:8000",
    "[::1]",
    "[::1]:8000",
    "[0:0:0:0:0:0:0:1]:8000",
    "canvas.example.org",
    "Canvas.Example.org:443",
  ])("%s is ours", (host) => {
    expect(onLoopback.allowsHost({ host })).toBe(true);
  });

  test.each([
    "",
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example:8000",
    "127.0.0.1.nip.io",
    "evil-localhost",
    "evillocalhost:8000",
    "xcanvas.example.org",
    "x.canvas.example.org",
    "canvas.example.org.evil.example",
    "192.168.0.2:8000",
    "0.0.0.0:8000",
    "[::2]:8000",
    "[::1",
    "::1",
    "localhost:8000:8000",
    "localhost:99999",
    "user@localhost",
    "localhost@evil.example",
    "localhost/evil.example",
    "localhost#evil.example",
    "localhost?x",
    "local\thost",
    "localhost, evil.example",
  ])("%j is not", (host) => {
    expect(onLoopback.allowsHost({ host })).toBe(false);
  });

  test("is not there in what no browser sends, and is then not asked for", () => {
    expect(onLoopback.allowsHost({})).toBe(true);
  });

  test("elsewhere it may be anything: who comes in is decided by the token", () => {
    for (const host of ["evil.example", "", "10.0.0.1:8000"]) expect(elsewhere.allowsHost({ host })).toBe(true);
  });
});

describe.each([
  ["on loopback", onLoopback],
  ["elsewhere", elsewhere],
])("the origin of an upgrade, %s", (_, policy) => {
  const host = "127.0.0.1:8000";

  test("may be absent, the daemon's own, or one that is listed", () => {
    expect(policy.allowsUpgrade({ host })).toBe(true);
    expect(policy.allowsUpgrade({ host, origin: "http://127.0.0.1:8000" })).toBe(true);
    expect(policy.allowsUpgrade({ host: "Canvas.Example.net", origin: "https://canvas.example.net" })).toBe(true);
    expect(policy.allowsUpgrade({ host, origin: "http://localhost:5173" })).toBe(true);
    expect(policy.allowsUpgrade({ host, origin: "https://canvas.example.org" })).toBe(true);
  });

  test.each([
    "",
    "null",
    "https://evil.example",
    "http://127.0.0.1",
    "http://127.0.0.1:8001",
    "http://localhost:8000",
    "http://localhost:5174",
    "https://localhost:5173",
    "http://localhost:5173/",
    "http://localhost:5173.evil.example",
    "http://canvas.example.org",
    "http://127.0.0.1:8000.evil.example",
    "http://127.0.0.1:8000@evil.example",
    "http://http://127.0.0.1:8000",
    "ftp://127.0.0.1:8000",
    "127.0.0.1:8000",
    "chrome-extension://abcdefgh",
    "file://",
  ])("is foreign when it is %j", (origin) => {
    expect(policy.allowsUpgrade({ host, origin })).toBe(false);
  });

  test("is foreign when there is no Host to compare it with", () => {
    expect(policy.allowsUpgrade({ origin: "http://127.0.0.1:8000" })).toBe(false);
    expect(policy.allowsUpgrade({ origin: "http://", host: "" })).toBe(true);
  });
});

describe("the origin of a write", () => {
  const host = "127.0.0.1:8000";
  const write = (site: string | undefined, origin?: string) =>
    onLoopback.allowsWrite({
      host,
      ...(site === undefined ? {} : { "sec-fetch-site": site }),
      ...(origin === undefined ? {} : { origin }),
    });

  test("does not matter unless a browser says that another site's page makes it", () => {
    for (const site of [undefined, "none", "same-origin"]) {
      for (const origin of [undefined, "https://evil.example"]) expect(write(site, origin)).toBe(true);
    }
  });

  test.each(["cross-site", "same-site"])("must be listed, or ours, when it is %s", (site) => {
    expect(write(site, "http://localhost:5173")).toBe(true);
    expect(write(site, "http://127.0.0.1:8000")).toBe(true);
    for (const origin of [undefined, "null", "https://evil.example"]) expect(write(site, origin)).toBe(false);
  });
});
