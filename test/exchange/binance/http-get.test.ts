import { afterEach, describe, expect, it, vi } from "vitest";
import { type HttpGetRequest, httpGet } from "../../../src/exchange/binance/http-get.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { type Answer, type ScriptedServer, startScriptedServer } from "./scripted-server.js";

let server: ScriptedServer;
const clock = new SimulatedClock(1_746_403_200_000);

/** Starts a server that gives these answers in turn; a request to it. */
async function serve(...answers: (Answer | (() => Answer))[]): Promise<HttpGetRequest> {
  server = await startScriptedServer((_request, index) => {
    const answer = answers[index] ?? "reset";
    return typeof answer === "function" ? answer() : answer;
  });
  return {
    url: `${server.baseUrl}/api/v3/time`,
    userAgent: "trade-canvas/1.2.3",
    timeoutMs: 10_000,
    maxBodyBytes: 1_000,
    clock,
    signal: new AbortController().signal,
  };
}

afterEach(async () => {
  await server.stop();
  expect(clock.pendingTimers).toBe(0);
});

describe("httpGet", () => {
  it("gives the answer with the headers that matter, whatever its status", async () => {
    const headers = { "content-type": "text/html", "retry-after": "7", "x-mbx-used-weight-1m": "34" };
    const request = await serve({ status: 418, headers, body: "héllo" });
    expect(await httpGet(request)).toMatchObject({
      status: 418,
      contentType: "text/html",
      retryAfter: "7",
      usedWeight: 34,
      text: "héllo",
    });
    expect(server.requests[0]?.headers).toMatchObject({
      "user-agent": "trade-canvas/1.2.3",
      accept: "application/json",
    });
  });

  it("gives null for absent or senseless headers and an empty text for no body", async () => {
    const request = await serve({ status: 204, headers: { "x-mbx-used-weight-1m": "much" } });
    expect(await httpGet(request)).toMatchObject({ contentType: null, retryAfter: null, usedWeight: null, text: "" });
  });

  it("does not follow redirects", async () => {
    const request = await serve({ status: 302, headers: { location: "/elsewhere" } }, { body: "elsewhere" });
    expect(await httpGet(request)).toMatchObject({ status: 302 });
    expect(server.requests).toHaveLength(1);
  });

  it("uses a connection again", async () => {
    const texts = ["1", "2", "3", "4", "5", "6"];
    const request = await serve(...texts.map((body) => ({ body })));
    for (const text of texts) expect((await httpGet(request)).text).toBe(text);
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  it("measures the travel by the injected clock", async () => {
    const answer = await httpGet(
      await serve(() => {
        clock.advance(120);
        return { body: "{}" };
      }),
    );
    expect(answer.receivedMonotonicMs - answer.sentMonotonicMs).toBe(120);
  });

  it.each(["hang", "hang_in_body"] as const)("gives up after its deadline: %s", async (fault) => {
    const request = await serve(fault);
    const result = httpGet(request);
    const failed = expect(result).rejects.toMatchObject({ code: "timeout", status: null });
    await vi.waitFor(() => expect(server.requests).toHaveLength(1), { interval: 1 });
    clock.advance(9_999);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(1);
    await failed;
  });

  it.each(["reset", "cut_body"] as const)("calls a broken connection a network error: %s", async (fault) => {
    await expect(httpGet(await serve(fault))).rejects.toMatchObject({ code: "network" });
  });

  it("names why there was no connection", async () => {
    const request = await serve();
    await server.stop();
    await expect(httpGet(request)).rejects.toThrow(/^network: ECONNREFUSED: http:/);
  });

  it("cuts off a body that exceeds its bound", async () => {
    const request = await serve({ body: "x".repeat(1_000) }, { body: "x".repeat(1_001) });
    expect((await httpGet(request)).text).toHaveLength(1_000);
    await expect(httpGet(request)).rejects.toMatchObject({ code: "body_too_large", status: 200 });
  });

  it("ends when the caller gives up, before and while it waits", async () => {
    const request = await serve("hang");
    const stop = new AbortController();
    const result = httpGet({ ...request, signal: stop.signal });
    const aborted = expect(result).rejects.toMatchObject({ code: "aborted" });
    await vi.waitFor(() => expect(server.requests).toHaveLength(1), { interval: 1 });
    stop.abort();
    await aborted;
    await expect(httpGet({ ...request, signal: stop.signal })).rejects.toMatchObject({ code: "aborted" });
    expect(server.requests).toHaveLength(1);
  });
});
