import { describe, expect, test } from "vitest";
import { bearerToken, chosenProtocol, upgradeToken } from "../../../src/http/access/presented-token.js";

const inBase64 = (token: string): string => Buffer.from(token, "utf8").toString("base64url");

describe("Authorization", () => {
  test.each(["Bearer tc_a-b.c", "bearer tc_a-b.c", "BEARER   tc_a-b.c", "Bearer tc_a-b.c  "])(
    "%j has a token",
    (authorization) => {
      expect(bearerToken({ authorization })).toBe("tc_a-b.c");
    },
  );

  test.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    "Basic dXNlcjpwYXNz",
    "tc_a",
    "Bearertc_a",
    "Bearer a b",
    "Bearer a, Bearer b",
    " Bearer",
  ])("%j has none", (authorization) => {
    expect(bearerToken(authorization === undefined ? {} : { authorization })).toBeUndefined();
  });

  test("a subprotocol is nothing to a plain request", () => {
    expect(bearerToken({ "sec-websocket-protocol": `trade-canvas.token.${inBase64("a")}` })).toBeUndefined();
  });
});

describe("the upgrade of a WebSocket", () => {
  const offering = (...names: readonly string[]) => ({ "sec-websocket-protocol": names.join(", ") });

  test("may have its token in the header, or in a subprotocol", () => {
    expect(upgradeToken({ authorization: "Bearer a" })).toBe("a");
    expect(upgradeToken(offering("trade-canvas", `trade-canvas.token.${inBase64("tc_ü/+")}`))).toBe("tc_ü/+");
    expect(upgradeToken(offering(`trade-canvas.token.${inBase64("a")}`, "trade-canvas"))).toBe("a");
    expect(upgradeToken({})).toBeUndefined();
    expect(upgradeToken(offering("trade-canvas", "trade-canvas.other"))).toBeUndefined();
  });

  test("has one token: that of the header, then the first", () => {
    const two = offering("trade-canvas", `trade-canvas.token.${inBase64("a")}`, `trade-canvas.token.${inBase64("b")}`);
    expect(upgradeToken(two)).toBe("a");
    expect(upgradeToken({ ...two, authorization: "Bearer c" })).toBe("c");
    expect(upgradeToken({ ...two, authorization: "Basic x" })).toBe("a");
  });

  test.each(["", "%%%", "!"])("what is no base64url is a token that nobody has: %j", (text) => {
    expect(upgradeToken(offering(`trade-canvas.token.${text}`))).toBe("");
  });
});

describe("the subprotocol of the answer", () => {
  const secret = `trade-canvas.token.${inBase64("tc_secret")}`;

  test.each([
    [["trade-canvas", secret], "trade-canvas"],
    [[secret, "trade-canvas"], "trade-canvas"],
    [["x", "trade-canvas"], "trade-canvas"],
    [["x", "y"], "x"],
    [[secret, "x"], "x"],
    [[secret], false],
    [[], false],
  ] as const)("to %j is %j", (offered, chosen) => {
    expect(chosenProtocol(new Set(offered))).toBe(chosen);
  });
});
