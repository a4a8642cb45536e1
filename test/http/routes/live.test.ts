import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fastify, { type FastifyInstance } from "fastify";
import { expect, test } from "vitest";
import type { HttpError } from "../../../src/http/errors.js";
import { PageFiles } from "../../../src/http/page-files.js";
import { liveRoutes } from "../../../src/http/routes/live.js";
import { startTestDaemon } from "../../support/daemon.js";
import { tempFolder } from "../../support/temp.js";

const indexOf = (mark: string): string => `<!doctype html><script src="/live/assets/main-${mark}.js"></script>`;

function build(folder: string, mark = "1"): void {
  mkdirSync(join(folder, "assets"), { recursive: true });
  writeFileSync(join(folder, "index.html"), indexOf(mark));
  writeFileSync(join(folder, "assets", `main-${mark}.js`), `// ${mark}`);
  writeFileSync(join(folder, "secret.txt"), "not of the page");
}

function pageOf(folder: string): FastifyInstance {
  const app = fastify();
  app.setErrorHandler((error, _request, reply) => {
    const { status, detail } = error as HttpError;
    return reply.code(status ?? 500).send({ detail });
  });
  liveRoutes(app, new PageFiles(folder));
  return app;
}

test("the page is never kept, and may talk to its own daemon only", async () => {
  const folder = tempFolder();
  build(folder);
  for (const url of ["/live", "/live/", "/live?series=binance:spot:BTC/USDT:1m"]) {
    const { statusCode, headers, body } = await pageOf(folder).inject(url);
    expect([statusCode, body]).toEqual([200, indexOf("1")]);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    const policy = String(headers["content-security-policy"]).split("; ");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.join()).not.toMatch(/unsafe|\*|http/);
  }
});

test("what it loads is kept for good, as its name changes with it", async () => {
  const folder = tempFolder();
  build(folder);
  const { statusCode, headers, body } = await pageOf(folder).inject("/live/assets/main-1.js");
  expect([statusCode, body]).toEqual([200, "// 1"]);
  expect(headers["content-type"]).toBe("text/javascript; charset=utf-8");
  expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  expect(headers["x-content-type-options"]).toBe("nosniff");
});

test.each([
  "/live/assets/main-2.js",
  "/live/assets/",
  "/live/assets/..%2Fsecret.txt",
  "/live/assets/%2e%2e%2fsecret.txt",
  "/live/assets/../secret.txt",
  "/live/assets/constructor",
  "/live/secret.txt",
])("%s is not there", async (url) => {
  const folder = tempFolder();
  build(folder);
  expect((await pageOf(folder).inject(url)).statusCode).toBe(404);
});

test("a page that is not built says what to do, and is found when it is", async () => {
  const folder = tempFolder();
  const app = pageOf(folder);
  const missing = await app.inject("/live");
  expect(missing.statusCode).toBe(503);
  expect(missing.json()).toEqual({ detail: "live_page_not_built: run npm run build" });
  expect((await app.inject("/live/assets/main-1.js")).statusCode).toBe(503);
  build(folder);
  expect((await app.inject("/live")).statusCode).toBe(200);
});

test("a build that has not come to its end is not served", async () => {
  const folder = tempFolder();
  build(folder);
  rmSync(join(folder, "assets", "main-1.js"));
  const app = pageOf(folder);
  expect((await app.inject("/live")).statusCode).toBe(503);
  build(folder);
  expect((await app.inject("/live")).statusCode).toBe(200);
});

test("a build under way does not mix with the page that is served", async () => {
  const folder = tempFolder();
  build(folder);
  const app = pageOf(folder);
  await app.inject("/live");
  build(folder, "2");
  expect((await app.inject("/live")).body).toBe(indexOf("1"));
  expect((await app.inject("/live/assets/main-1.js")).statusCode).toBe(200);
});

test("the daemon serves the page that was built with it, and leads there", async () => {
  const { url } = await startTestDaemon();
  const home = await fetch(`${url}/`, { redirect: "manual" });
  expect([home.status, home.headers.get("location")]).toEqual([302, "/live"]);
  const page = await (await fetch(`${url}/live`)).text();
  expect(page).toContain('id="chart"');
  const loaded = [...page.matchAll(/"(\/live\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
  expect(loaded.length).toBeGreaterThanOrEqual(3);
  for (const path of loaded) expect((await fetch(`${url}${path}`)).status, path).toBe(200);
});
