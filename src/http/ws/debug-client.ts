/** One client of `/ws/debug`: the ring of events, then every new one. Spec: ws-api §3. */
import type { WebSocket } from "ws";
import type { Frame } from "../../actors/publisher/messages.js";
import type { DebugEvent, DebugHub } from "../../observability/debug-hub.js";
import { Outbox } from "./outbox.js";

const CLOSE_INVALID_DATA = 1007;
const CLOSE_SLOW_CONSUMER = 1013;

export class DebugClient {
  readonly #socket: WebSocket;
  readonly #hub: DebugHub;
  readonly #outbox: Outbox;
  readonly #leave: () => void;

  constructor(socket: WebSocket, hub: DebugHub) {
    this.#socket = socket;
    this.#hub = hub;
    this.#outbox = new Outbox(socket, () => {
      socket.close(CLOSE_SLOW_CONSUMER, "slow_consumer");
      this.gone();
    });
    this.#sendSnapshot();
    this.#leave = hub.subscribe((event) => this.#outbox.send(frame({ type: "debug_event", event })));
  }

  received(data: Buffer, isBinary: boolean): void {
    try {
      if (isBinary) throw new Error("binary");
      const message: unknown = JSON.parse(data.toString("utf8"));
      const isSubscribe =
        typeof message === "object" && message !== null && "type" in message && message.type === "subscribe";
      if (isSubscribe) this.#sendSnapshot();
    } catch {
      this.#socket.close(CLOSE_INVALID_DATA, "invalid_json");
    }
  }

  gone(): void {
    this.#leave();
    this.#outbox.close();
  }

  #sendSnapshot(): void {
    this.#outbox.send(frame({ type: "debug_snapshot", events: this.#hub.events() }));
  }
}

type DebugMessage =
  | { readonly type: "debug_event"; readonly event: DebugEvent }
  | { readonly type: "debug_snapshot"; readonly events: readonly DebugEvent[] };

function frame(message: DebugMessage): Frame {
  return { kind: "debug", series: "", text: Buffer.from(JSON.stringify(message)) };
}
