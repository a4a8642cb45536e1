import { expect, test } from "vitest";
import type { WebSocket } from "ws";
import { DebugClient } from "../../../src/http/ws/debug-client.js";
import type { DebugHub, DebugListener } from "../../../src/observability/debug-hub.js";

test("a client that is gone listens no more", () => {
  const listeners = new Set<DebugListener>();
  const hub = {
    events: () => [],
    subscribe: (listener: DebugListener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as DebugHub;
  const socket = { bufferedAmount: 0, send: () => undefined, close: () => undefined } as unknown as WebSocket;
  const client = new DebugClient(socket, hub);
  expect(listeners.size).toBe(1);
  client.gone();
  client.gone();
  expect(listeners.size).toBe(0);
});
