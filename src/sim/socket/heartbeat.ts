/** The server's pings on one connection, and the deadline for the pong. Spec: binance-protocol §2.1. */
import type { Agenda, AgendaItem } from "../agenda.js";
import type { FaultSwitchboard } from "../faults/switchboard.js";
import type { Journal, JournalEvents } from "../journal.js";
import type { ConnectionSettings } from "../settings.js";

export interface HeartbeatWorld {
  readonly settings: Pick<ConnectionSettings, "pingPeriodMs" | "pongDeadlineMs">;
  readonly agenda: Agenda;
  readonly faults: FaultSwitchboard;
  readonly journal: Journal;
}

export interface HeartbeatActions {
  readonly sendPing: (payload: string) => void;
  /** A ping stayed unanswered for too long. */
  readonly overdue: () => void;
}

export class Heartbeat {
  readonly #connection: number;
  readonly #world: HeartbeatWorld;
  readonly #actions: HeartbeatActions;
  /** Payloads of the pings that no pong has answered; the deadline keeps them few. */
  readonly #awaited = new Set<string>();
  #nextPing: AgendaItem | undefined;
  #deadline: AgendaItem | undefined;

  constructor(connection: number, world: HeartbeatWorld, actions: HeartbeatActions) {
    this.#connection = connection;
    this.#world = world;
    this.#actions = actions;
    this.#schedule();
  }

  /** The client sent a pong. One that carries no ping's payload is allowed and answers nothing. */
  ponged(payload: string): void {
    if (!this.#awaited.has(payload)) {
      this.#note("unasked-pong");
      return;
    }
    this.#note("pong");
    this.#awaited.clear();
    this.#world.agenda.cancel(this.#deadline);
    this.#deadline = undefined;
  }

  /** The client sent a ping. */
  pinged(): void {
    this.#note("client-ping");
  }

  stop(): void {
    this.#world.agenda.cancel(this.#nextPing);
    this.#world.agenda.cancel(this.#deadline);
  }

  #schedule(): void {
    const { agenda, settings } = this.#world;
    this.#nextPing = agenda.after(settings.pingPeriodMs, () => {
      this.#schedule();
      this.#ping();
    });
  }

  #ping(): void {
    const { agenda, settings, faults } = this.#world;
    if (faults.first("ping", { connection: this.#connection }) === "withhold") return;
    const payload = String(Math.floor(agenda.now()));
    this.#awaited.add(payload);
    this.#actions.sendPing(payload);
    this.#note("ping-sent");
    this.#deadline ??= agenda.after(settings.pongDeadlineMs, () => this.#actions.overdue());
  }

  #note(what: JournalEvents["heartbeat"]["what"]): void {
    this.#world.journal.note("heartbeat", { connection: this.#connection, what });
  }
}
