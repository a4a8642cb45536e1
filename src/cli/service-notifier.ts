/**
 * Tells systemd that the daemon is ready, stops, and lives: the watchdog is told from the event loop, so that a loop which
 * hangs is seen. The notification is a datagram to a socket of systemd, which Node cannot send to: `systemd-notify` does.
 */
import { execFile } from "node:child_process";
import { errorText } from "../actors/runtime/errors.js";
import type { Clock, TimerHandle } from "../clock/clock.js";
import type { Env } from "../config/env-file.js";
import type { EventLog } from "../observability/event-log.js";

/** Sends one notification, such as `READY=1`. Rejects when it could not be sent. */
export type SendNotification = (state: string) => Promise<void>;

/** One notification takes no longer than this, in milliseconds. */
const SEND_LIMIT_MS = 5_000;

/** How often the watchdog is told, in parts of the time after which systemd takes the daemon for dead. */
const BEATS_PER_LIMIT = 3;

/** Runs `systemd-notify`, which finds the socket in its environment. */
export const systemdNotify: SendNotification = (state) =>
  new Promise((resolve, reject) => {
    execFile("systemd-notify", [state], { timeout: SEND_LIMIT_MS }, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });

export interface ServiceNotifierOptions {
  readonly env: Env;
  /** The machine's: systemd does not live in scaled time. */
  readonly clock: Clock;
  readonly log: EventLog;
  readonly send: SendNotification;
  readonly pid: number;
}

/** Does nothing where systemd has not asked for notifications. */
export class ServiceNotifier {
  readonly #options: ServiceNotifierOptions;
  readonly #isAsked: boolean;
  #beat: TimerHandle | undefined;
  /** One notification at a time; a beat that finds one under way is left out. */
  #sending: Promise<void> | undefined;
  #hasFailed = false;

  constructor(options: ServiceNotifierOptions) {
    this.#options = options;
    this.#isAsked = (options.env.NOTIFY_SOCKET ?? "") !== "";
  }

  /** The daemon serves: says so, and from now on that it lives. */
  ready(): void {
    if (!this.#isAsked) return;
    void this.#send("READY=1");
    const everyMs = this.#watchdogMs() / BEATS_PER_LIMIT;
    if (everyMs > 0) this.#beatAfter(everyMs);
  }

  /** The daemon stops, and goes on telling that it lives until {@link end}. */
  stopping(): void {
    if (this.#isAsked) void this.#send("STOPPING=1");
  }

  /** Tells nothing any more. Resolves when what is under way has been sent, or could not be in its time. */
  async end(): Promise<void> {
    this.#options.clock.clearTimeout(this.#beat);
    await this.#sending;
  }

  /** How long systemd waits for a sign of life, in milliseconds; 0 when it does not, or means another process. */
  #watchdogMs(): number {
    const { env, pid } = this.#options;
    const isMeant = env.WATCHDOG_PID === undefined || env.WATCHDOG_PID === String(pid);
    const us = Number(env.WATCHDOG_USEC ?? "0");
    return isMeant && Number.isFinite(us) && us > 0 ? us / 1_000 : 0;
  }

  #beatAfter(everyMs: number): void {
    this.#beat = this.#options.clock.setTimeout(() => {
      if (this.#sending === undefined) void this.#send("WATCHDOG=1");
      this.#beatAfter(everyMs);
    }, everyMs);
  }

  async #send(state: string): Promise<void> {
    const { send, log } = this.#options;
    const before = this.#sending ?? Promise.resolve();
    const sending = before
      .then(() => send(state))
      .then(
        () => {
          this.#hasFailed = false;
        },
        (error: unknown) => {
          // Told once: what fails every few seconds would fill the log.
          if (!this.#hasFailed) log.warn("service.notify_failed", { state, error: errorText(error) });
          this.#hasFailed = true;
        },
      );
    this.#sending = sending;
    await sending;
    if (this.#sending === sending) this.#sending = undefined;
  }
}
