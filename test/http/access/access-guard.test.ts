/** Who is let in, of machines that no test has: the guard is asked as the server asks it. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { SCOPES } from "../../../src/config/access-tokens.js";
import { AccessGuard, type AccessOptions, MAX_HEADERS } from "../../../src/http/access/access-guard.js";
import { BURST_S } from "../../../src/http/access/rate-limit.js";
import type { Access } from "../../../src/http/access/scopes.js";
import { SimulatedClock } from "../../../src/sim/simulated-clock.js";
import { bearer, digestOf, OPEN_ACCESS, TOKENS } from "../../support/access.js";

const FAR = "203.0.113.7";
const NEAR = "127.0.0.1";

interface Asked {
  readonly address?: string | undefined;
  readonly method?: string;
  readonly headers?: IncomingHttpHeaders;
}

function asked({ address = FAR, method = "GET", headers = {} }: Asked): IncomingMessage {
  const rawHeaders = Object.entries(headers).flatMap(([name, value]) => [name, String(value)]);
  return { method, headers, rawHeaders, socket: { remoteAddress: address } } as unknown as IncomingMessage;
}

const ALL = Object.entries(TOKENS).map(([name, token]) => ({
  name,
  sha256: digestOf(token),
  scopes: name === "all" ? SCOPES : SCOPES.filter((scope) => scope === name),
}));

function guardWith(options: Partial<AccessOptions>, clock = new SimulatedClock()): AccessGuard {
  return new AccessGuard({ ...OPEN_ACCESS, host: "0.0.0.0", tokens: ALL, ...options }, clock);
}

function outcome(guard: AccessGuard, asker: Asked, access: Access = "read"): string {
  const refusal = guard.request(asked(asker), access);
  return refusal === undefined ? "let in" : `${refusal.error.status} ${refusal.error.detail}`;
}

describe("a token", () => {
  const guard = guardWith({});

  test.each([NEAR, FAR])("is needed from %s as soon as there are any", (address) => {
    expect(outcome(guard, { address })).toBe("401 token_required");
    expect(outcome(guard, { address, headers: bearer("read") })).toBe("let in");
    expect(outcome(guard, { address, headers: { authorization: "Bearer tc_none" } })).toBe("401 token_unknown");
    expect(outcome(guard, { address, headers: { authorization: "Basic eDp5" } })).toBe("401 token_required");
  });

  test("is good for its own scope and no other", () => {
    for (const held of SCOPES) {
      for (const needed of SCOPES) {
        const expected = held === needed ? "let in" : `403 scope_missing:${needed}`;
        expect(outcome(guard, { headers: bearer(held) }, needed), `${held} for ${needed}`).toBe(expected);
        expect(outcome(guard, { headers: bearer("all") }, needed)).toBe("let in");
      }
    }
  });

  test("does not matter where everybody may come", () => {
    for (const headers of [{}, { authorization: "Bearer tc_none" }, bearer("dev")]) {
      expect(outcome(guard, { headers }, "open")).toBe("let in");
    }
  });

  test("does not matter where none is configured", () => {
    const open = guardWith({ tokens: [], host: "127.0.0.1" });
    for (const access of [...SCOPES, "open"] as const) {
      expect(outcome(open, { address: NEAR, headers: { authorization: "Bearer tc_none" } }, access)).toBe("let in");
    }
  });

  test("is asked for in the words of its standard", () => {
    const challenge = (headers: IncomingHttpHeaders) => guard.request(asked({ headers }), "dev")?.headers;
    expect(challenge({})).toEqual({ "www-authenticate": 'Bearer realm="trade-canvas"' });
    expect(challenge({ authorization: "Bearer x" })).toEqual({
      "www-authenticate": 'Bearer realm="trade-canvas", error="invalid_token"',
    });
    expect(challenge(bearer("read"))).toEqual({
      "www-authenticate": 'Bearer realm="trade-canvas", error="insufficient_scope", scope="dev"',
    });
  });
});

describe("the rate of requests", () => {
  const RATE = 3;
  const BURST = RATE * BURST_S;

  const spend = (guard: AccessGuard, asker: Asked, count: number): readonly string[] =>
    Array.from({ length: count }, () => outcome(guard, asker));

  test("is that of an address without token, and refused with when to come again", () => {
    const clock = new SimulatedClock();
    const guard = guardWith({ requestsPerSecond: RATE }, clock);
    expect(new Set(spend(guard, {}, BURST))).toEqual(new Set(["401 token_required"]));
    expect(outcome(guard, {})).toBe("429 too_many_requests");
    expect(guard.request(asked({}), "read")?.headers).toEqual({ "retry-after": "1" });
    expect(outcome(guard, { address: "203.0.113.8" })).toBe("401 token_required");
    clock.advance(1_000);
    expect(spend(guard, {}, RATE + 1).at(-1)).toBe("429 too_many_requests");
  });

  test("holds for trying out tokens, and for what everybody may see", () => {
    const guard = guardWith({ requestsPerSecond: RATE });
    for (let at = 0; at < BURST; at += 1) outcome(guard, { headers: { authorization: `Bearer tc_${at}` } });
    expect(outcome(guard, { headers: { authorization: "Bearer tc_again" } })).toBe("429 too_many_requests");
    expect(outcome(guard, {}, "open")).toBe("429 too_many_requests");
  });

  test("is a token's own wherever it is used, and no other's", () => {
    const guard = guardWith({ requestsPerSecond: RATE });
    spend(guard, { headers: bearer("read") }, BURST);
    expect(outcome(guard, { headers: bearer("read"), address: "203.0.113.8" })).toBe("429 too_many_requests");
    expect(outcome(guard, { headers: bearer("all") })).toBe("let in");
    expect(outcome(guard, {})).toBe("401 token_required");
  });

  test("does not hold for this machine, unless it is to", () => {
    const free = guardWith({ requestsPerSecond: 1 });
    expect(new Set(spend(free, { address: NEAR, headers: bearer("read") }, 1_000))).toEqual(new Set(["let in"]));
    const limited = guardWith({ requestsPerSecond: 1, limitsLoopback: true });
    expect(spend(limited, { address: NEAR, headers: bearer("read") }, BURST_S + 1).at(-1)).toBe(
      "429 too_many_requests",
    );
  });
});

describe("the rate of messages", () => {
  test("holds for clients of other machines, and for this one's only if it is to", () => {
    const guard = guardWith({ clientMessagesPerSecond: 1 });
    expect(guard.messageRate(asked({ address: NEAR }))).toBeUndefined();
    const rate = guard.messageRate(asked({}));
    expect(Array.from({ length: BURST_S + 1 }, () => rate?.take()).indexOf(false)).toBe(BURST_S);
    expect(guardWith({ limitsLoopback: true }).messageRate(asked({ address: NEAR }))).toBeDefined();
  });

  test("is each client's own", () => {
    const guard = guardWith({ clientMessagesPerSecond: 1 });
    const [one, other] = [guard.messageRate(asked({})), guard.messageRate(asked({}))];
    for (let at = 0; at <= BURST_S; at += 1) one?.take();
    expect([one?.take(), other?.take()]).toEqual([false, true]);
  });
});

describe("headers", () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, "y"]));

  test("may be as many as anybody needs, and no more", () => {
    const guard = guardWith({ tokens: [] });
    expect(outcome(guard, { headers: many(MAX_HEADERS) })).toBe("let in");
    expect(outcome(guard, { headers: many(MAX_HEADERS + 1) })).toBe("431 headers_too_large");
  });
});

describe("the order of what is asked", () => {
  const guard = guardWith({ host: "127.0.0.1" });

  test("a foreign name, then a foreign page, then the token", () => {
    const headers = { host: "evil.example", origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const post = { address: NEAR, method: "POST" };
    expect(outcome(guard, { ...post, headers })).toBe("403 foreign_host");
    expect(outcome(guard, { ...post, headers: { ...headers, host: "localhost:8000" } })).toBe("403 foreign_origin");
    expect(outcome(guard, { ...post, headers: { host: "localhost:8000" } })).toBe("401 token_required");
  });

  test("a token lets no foreign page in", () => {
    const headers = { ...bearer("all"), host: "localhost:8000", origin: "https://evil.example" };
    expect(guard.upgrade(asked({ headers }), "read")?.error.detail).toBe("foreign_origin");
    expect(outcome(guard, { method: "POST", headers: { ...headers, "sec-fetch-site": "cross-site" } })).toBe(
      "403 foreign_origin",
    );
    expect(outcome(guard, { method: "POST", headers })).toBe("let in");
  });

  test.each(["GET", "HEAD"])(
    "a %s changes nothing, and may be a foreign page's: its browser withholds the answer",
    (method) => {
      const headers = {
        ...bearer("read"),
        host: "localhost",
        origin: "https://evil.example",
        "sec-fetch-site": "cross-site",
      };
      expect(outcome(guard, { method, headers })).toBe("let in");
    },
  );
});

describe("an upgrade", () => {
  test("may have its token in a subprotocol, which a request may not", () => {
    const guard = guardWith({});
    const carrier = `trade-canvas.token.${Buffer.from(TOKENS.debug).toString("base64url")}`;
    const headers = { "sec-websocket-protocol": `trade-canvas, ${carrier}` };
    expect(guard.upgrade(asked({ headers }), "debug")).toBeUndefined();
    expect(guard.upgrade(asked({ headers }), "read")?.error.detail).toBe("scope_missing:read");
    expect(outcome(guard, { headers }, "debug")).toBe("401 token_required");
  });
});
