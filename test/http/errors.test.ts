import { expect, test } from "vitest";
import { HTTP_ERRORS, HttpError } from "../../src/http/errors.js";

test("every error has a status of the client or of the server, a detail and a meaning", () => {
  for (const [code, { status, detail, meaning }] of Object.entries(HTTP_ERRORS)) {
    expect(status, code).toBeGreaterThanOrEqual(400);
    expect(status, code).toBeLessThan(600);
    expect(detail, code).not.toBe("");
    expect(meaning, code).toMatch(/\.$/);
  }
});

test("details that share a text share a status, so that a client may go by the text", () => {
  const statuses = new Map<string, number>();
  for (const { status, detail } of Object.values(HTTP_ERRORS)) {
    expect(statuses.get(detail) ?? status).toBe(status);
    statuses.set(detail, status);
  }
});

test("an error takes status and detail from the table, unless the detail has something filled in", () => {
  expect(new HttpError("http.gate_closed")).toMatchObject({
    status: 404,
    detail: "not_found",
    code: "http.gate_closed",
  });
  const filled = new HttpError("market.publish_failed", "ingest_publish_failed:x", { cause: "why" });
  expect(filled).toMatchObject({ status: 500, detail: "ingest_publish_failed:x", cause: "why" });
  expect(filled.message).toBe("market.publish_failed: ingest_publish_failed:x");
});
