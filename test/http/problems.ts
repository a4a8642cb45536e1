/** Requests that are wrong, and what they are told. */
import { expect } from "vitest";
import type { TestDaemon } from "../support/daemon.js";
import { call, post } from "./request.js";

/** Sends something wrong and returns the problems; nothing may have been stored. */
export async function problems(daemon: TestDaemon, path: string, body?: unknown): Promise<unknown[]> {
  const answer = body === undefined ? await call(daemon.url, path) : await post(daemon.url, path, body);
  expect(answer.status, answer.text).toBe(422);
  expect(Object.keys(answer.json)).toEqual(["detail"]);
  expect(daemon.app.store.seriesIds()).toEqual([]);
  return answer.json.detail as unknown[];
}
