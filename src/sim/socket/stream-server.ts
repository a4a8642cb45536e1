/** The WebSocket side of a simulated market: who is let in, and who is in. Spec: binance-protocol §2.1, §5 items 4, 5. */
import type { FaultSwitchboard } from "../faults/switchboard.js";
import type { Journal } from "../journal.js";
import { RollingWindow } from "../rolling-window.js";
import { type Endpoint, parseEndpoint } from "./endpoint.js";
import { type ConnectionWorld, StreamConnection } from "./stream-connection.js";
import type { OpenTransport } from "./transport.js";

export interface StreamServerWorld extends Omit<ConnectionWorld, "ended"> {
  readonly faults: FaultSwitchboard;
  readonly journal: Journal;
  /** End of the ban of the client's address, ms; undefined when it is not banned. */
  readonly bannedUntil: () => number | undefined;
}

/** A handshake answered with an HTTP status instead of an upgrade. */
export interface Refusal {
  readonly status: number;
  readonly retryAfterS?: number;
  readonly body?: string;
}

/** What becomes of a handshake. */
export type HandshakeVerdict =
  | ({ readonly type: "refused" } & Refusal)
  /** Torn, or never answered. */
  | { readonly type: "reset" | "hung" }
  /** To be opened after `delayMs`. */
  | { readonly type: "admitted"; readonly endpoint: Endpoint; readonly delayMs: number };

export class StreamServer {
  readonly #world: StreamServerWorld;
  readonly #attempts: RollingWindow;
  readonly #connections = new Map<number, StreamConnection>();
  #lastId = 0;

  constructor(world: StreamServerWorld) {
    this.#world = world;
    this.#attempts = new RollingWindow(world.settings.attemptLimit, world.settings.attemptWindowMs);
  }

  /** The open connections, oldest first. */
  get connections(): readonly StreamConnection[] {
    return [...this.#connections.values()];
  }

  /** Decides about a handshake for a request target, and notes one that comes to nothing. */
  judge(target: string): HandshakeVerdict {
    const { faults, settings, agenda, market, journal } = this.#world;
    const fault = faults.first("handshake", {}, target);
    if (fault?.effect === "refuse") {
      const { effect: _, ...refusal } = fault;
      return this.refused(target, refusal);
    }
    if (fault?.effect === "reset" || fault?.effect === "hang") {
      const result = fault.effect === "reset" ? "reset" : "hung";
      journal.note("attempt", { target, outcome: { result } });
      return { type: result };
    }
    const attempt = this.#attempts.admit(agenda.now());
    if (!attempt.admitted) return this.refused(target, { status: 429, retryAfterS: Math.ceil(attempt.waitMs / 1000) });
    const bannedUntilMs = settings.banRefusesHandshakes ? this.#world.bannedUntil() : undefined;
    if (bannedUntilMs !== undefined) {
      return this.refused(target, { status: 418, retryAfterS: Math.ceil((bannedUntilMs - agenda.now()) / 1000) });
    }
    if (target.length > settings.targetMaxLength) return this.refused(target, { status: 414 });
    const endpoint = parseEndpoint(target, market);
    if (endpoint === undefined) return this.refused(target, { status: 404 });
    return { type: "admitted", endpoint, delayMs: fault?.delayMs ?? 0 };
  }

  /** Notes a handshake that is refused. */
  refused(target: string, refusal: Refusal): Extract<HandshakeVerdict, { type: "refused" }> {
    this.#world.journal.note("attempt", { target, outcome: { result: "refused", status: refusal.status } });
    return { type: "refused", ...refusal };
  }

  /** Opens a connection that was admitted. */
  open(target: string, endpoint: Endpoint, transport: OpenTransport): void {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#world.journal.note("attempt", { target, outcome: { result: "accepted", connection: id } });
    const ended = (): void => {
      this.#connections.delete(id);
    };
    const connection = new StreamConnection(id, target, endpoint, transport, { ...this.#world, ended });
    if (connection.isOpen) this.#connections.set(id, connection);
  }
}
