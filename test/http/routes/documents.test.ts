/** The documents and their page, as the daemon serves them. */
import { expect, test } from "vitest";
import { startTestDaemon } from "../../support/daemon.js";
import { call } from "../request.js";

test.each(["/openapi.json", "/asyncapi.json"])("%s is made once, and is the same text each time", async (path) => {
  const { url } = await startTestDaemon();
  const [first, second] = [await call(url, path), await call(url, path)];
  expect(first.status).toBe(200);
  expect(first.headers["content-type"]).toMatch(/^application\/json\b/);
  expect(first.text).toBe(second.text);
});

test("routes are described whether or not their gates are open", async () => {
  const [closed, open] = [
    await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_DEV_API: "0", TRADE_CANVAS_ENABLE_DEBUG_API: "0" } }),
    await startTestDaemon({ env: { TRADE_CANVAS_ENABLE_DEV_API: "1", TRADE_CANVAS_ENABLE_DEBUG_API: "1" } }),
  ];
  expect((await call(closed.url, "/openapi.json")).text).toBe((await call(open.url, "/openapi.json")).text);
});

test("the page loads what the daemon serves, and may talk to nobody else", async () => {
  const { url } = await startTestDaemon();
  for (const path of ["/docs", "/docs/"]) {
    const { status, headers, text } = await call(url, path);
    expect([status, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    const policy = String(headers["content-security-policy"]).split("; ");
    expect(policy).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'"]));
    expect(policy.join()).not.toMatch(/unsafe|\*|http/);
    const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, target = ""]) => target);
    expect(loaded).toHaveLength(4);
    for (const file of loaded) {
      const answer = await call(url, file);
      expect(answer.status, file).toBe(200);
      expect(answer.headers["x-content-type-options"], file).toBe("nosniff");
    }
    expect(text).not.toMatch(/<script>|<style>|\son\w+=/);
  }
});

test("the page shows the document of its own daemon, and has no one check it", async () => {
  const { url } = await startTestDaemon();
  const { headers, text } = await call(url, "/docs/start.js");
  expect(headers["content-type"]).toBe("text/javascript; charset=utf-8");
  expect(text).toContain('url: "/openapi.json"');
  expect(text).toContain("validatorUrl: null");
});

test.each([
  ...["/docs/index.html", "/docs/swagger-ui.js", "/docs/..%2fpackage.json", "/docs/%2e%2e%2fpackage.json"],
  ...["/docs/constructor", "/docs/static/swagger-ui.css"],
])("%s is no file of the page", async (path) => {
  const { url } = await startTestDaemon();
  const { status, json } = await call(url, path);
  expect([status, json]).toEqual([404, { detail: "Not Found" }]);
});
