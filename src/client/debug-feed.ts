/** The events of one connection to `/ws/debug`. */
import { Connection, type ConnectionState } from "./connection.js";
import { type DebugEvent, readDebugMessage } from "./messages.js";
import type { Platform } from "./platform.js";
import type { Requests } from "./request.js";
import { tell } from "./teller.js";

/** What is told of a daemon's inside. */
export interface DebugHandlers {
  /** The newest events, oldest first, whenever it connects (`isSnapshot`: in place of all that was told before), then each new one. */
  readonly events?: ((events: readonly DebugEvent[], isSnapshot: boolean) => void) | undefined;
  readonly state?: ((state: ConnectionState) => void) | undefined;
}

export class DebugFeed {
  readonly #platform: Platform;
  readonly #handlers: DebugHandlers;
  readonly #connection: Connection;

  /** @throws Error when the platform has no WebSocket. */
  constructor(requests: Requests, platform: Platform, handlers: DebugHandlers) {
    this.#platform = platform;
    this.#handlers = handlers;
    this.#connection = new Connection("/ws/debug", requests.address, platform, {
      opened: () => undefined,
      received: (data) => this.#received(data),
      moved: (state) => tell(platform, handlers.state, state),
      // Behind the same gate as the events.
      ask: () => requests.get("/api/market/debug/ingest_state"),
    });
    Promise.resolve().then(() => this.#connection.start());
  }

  end(): void {
    this.#connection.end();
  }

  #received(data: unknown): void {
    const message = readDebugMessage(data);
    if (message === undefined) return;
    const isSnapshot = message.type === "debug_snapshot";
    tell(this.#platform, this.#handlers.events, isSnapshot ? message.events : [message.event], isSnapshot);
  }
}
