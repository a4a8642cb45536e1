/** One WebSocket that is wanted to be open: it is dialed again until it is ended. Pauses, silence, and why it is not open. */
import { LONGEST_PAUSE_MS, pauseMs } from "./backoff.js";
import { ClientError } from "./errors.js";
import type { Platform, PlatformSocket, PlatformSocketClass } from "./platform.js";
import type { DaemonAddress } from "./request.js";

/** A connection that has not opened by then is given up, in milliseconds. */
export const DIAL_LIMIT_MS = 10_000;

/** An open connection on which nothing has come for this long is taken for lost, in milliseconds. */
export const SILENCE_MS = 180_000;

/** A connection that has been open before is asked about from this attempt on: clients that have all lost their daemon do not ask as well. */
export const ASKED_FROM_ATTEMPT = 3;

/** The subprotocol of the daemon; a token travels in one beside it. */
const PROTOCOL = "trade-canvas";

/** How a connection stands. */
export type ConnectionState =
  /** `attempt` counts from 1 since something last came. */
  | { readonly name: "connecting"; readonly attempt: number }
  | { readonly name: "open" }
  /** Not connected; tried again in `retry_in_ms`. */
  | { readonly name: "waiting"; readonly reason: string; readonly attempt: number; readonly retry_in_ms: number }
  /** The daemon does not want this client, or not this series; asked again in `retry_in_ms`. */
  | { readonly name: "refused"; readonly reason: string; readonly retry_in_ms: number }
  | { readonly name: "ended" };

export interface ConnectionOwner {
  /** It is open: nothing has been sent or received yet. */
  opened(): void;
  /** Something came. */
  received(data: unknown): void;
  moved(state: ConnectionState): void;
  /** Asks over HTTP whether this client would be let in, as a browser does not tell. @throws ClientError when not. */
  ask(): Promise<unknown>;
}

/** What is being done. Everything that belongs to one attempt is in here, so that what comes late from another is known as such. */
interface Dialed {
  readonly socket: PlatformSocket;
  isOpen: boolean;
  heardAtMs: number;
}

export class Connection {
  readonly #url: string;
  readonly #protocols: readonly string[];
  readonly #platform: Platform;
  readonly #socketClass: PlatformSocketClass;
  readonly #owner: ConnectionOwner;
  #state: ConnectionState = { name: "connecting", attempt: 1 };
  /** Attempts since something last came. */
  #attempt = 0;
  /** Whether the daemon has ever let this client in. */
  #hasBeenOpen = false;
  #dialed: Dialed | undefined;
  #timer: unknown;

  /** @param path of the WebSocket. @throws Error when the platform has no WebSocket. */
  constructor(path: string, { url, token }: DaemonAddress, platform: Platform, owner: ConnectionOwner) {
    if (platform.WebSocket === undefined) {
      throw new Error(
        "this platform has no WebSocket: Node has one from version 22 on; before, give the client the one of the package ws, as platform: { WebSocket }",
      );
    }
    this.#url = `${url.replace(/^http/, "ws")}${path}`;
    this.#protocols = token === undefined ? [] : [PROTOCOL, `${PROTOCOL}.token.${base64Url(token)}`];
    this.#platform = platform;
    this.#socketClass = platform.WebSocket;
    this.#owner = owner;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Dials for the first time; once. */
  start(): void {
    if (this.#state.name !== "ended") this.#dial();
  }

  /** Sends to an open connection. On any other it does nothing: who owns it says everything again when it opens. */
  send(message: object): void {
    if (this.#dialed?.isOpen === true) this.#dialed.socket.send(JSON.stringify(message));
  }

  /** Begins anew with another connection, for a reason of the owner's. */
  renew(reason: string): void {
    if (this.#dialed?.isOpen === true) this.#lost(reason);
  }

  /** Nothing is dialed, told or received any more. */
  end(): void {
    if (this.#state.name === "ended") return;
    this.#hangUp();
    this.#move({ name: "ended" });
  }

  #dial(): void {
    this.#attempt += 1;
    this.#move({ name: "connecting", attempt: this.#attempt });
    if (this.#state.name === "ended") return;
    try {
      this.#await(new this.#socketClass(this.#url, [...this.#protocols]));
    } catch (error) {
      this.#failed(String(error));
    }
  }

  #await(socket: PlatformSocket): void {
    const dialed: Dialed = { socket, isOpen: false, heardAtMs: 0 };
    this.#dialed = dialed;
    this.#after(DIAL_LIMIT_MS, () => this.#failed(`it did not open within ${DIAL_LIMIT_MS} ms`));
    const when = (listener: () => void): void => {
      if (this.#dialed === dialed) listener();
    };
    socket.addEventListener("open", () => when(() => this.#opened(dialed)));
    socket.addEventListener("message", ({ data }) => when(() => this.#received(dialed, data)));
    // What went wrong is not told here in browsers; that it ended is told by the close that follows.
    socket.addEventListener("error", () => undefined);
    socket.addEventListener("close", ({ code, reason }) =>
      when(() => {
        if (dialed.isOpen) this.#lost(`the connection was closed (${code}${reason === "" ? "" : ` ${reason}`})`);
        else this.#failed("it was refused or cut before it opened");
      }),
    );
  }

  #opened(dialed: Dialed): void {
    dialed.isOpen = true;
    this.#hasBeenOpen = true;
    dialed.heardAtMs = this.#platform.monotonic();
    this.#after(SILENCE_MS, () => this.#listen(dialed));
    this.#owner.opened();
    this.#move({ name: "open" });
  }

  #received(dialed: Dialed, data: unknown): void {
    dialed.heardAtMs = this.#platform.monotonic();
    this.#attempt = 0;
    this.#owner.received(data);
  }

  /** Looks whether something has come in the meantime. */
  #listen(dialed: Dialed): void {
    const leftMs = dialed.heardAtMs + SILENCE_MS - this.#platform.monotonic();
    if (leftMs > 0) this.#after(leftMs, () => this.#listen(dialed));
    else this.#lost(`nothing has come for ${SILENCE_MS / 1000} s`);
  }

  /** It has never been open: asks why, where that can be told. */
  #failed(what: string): void {
    this.#hangUp();
    if (this.#hasBeenOpen && this.#attempt < ASKED_FROM_ATTEMPT) {
      this.#wait(what);
      return;
    }
    const state = this.#state;
    const isCurrent = (): boolean => this.#state === state;
    this.#owner.ask().then(
      () => {
        if (isCurrent()) this.#wait(what);
      },
      (error: unknown) => {
        if (!isCurrent()) return;
        const reason = error instanceof ClientError ? error.message : String(error);
        if (isRefusal(error)) this.#refused(reason);
        else this.#wait(reason);
      },
    );
  }

  #lost(reason: string): void {
    this.#hangUp();
    this.#wait(reason);
  }

  #wait(reason: string): void {
    const attempt = Math.max(1, this.#attempt);
    const retry_in_ms = Math.round(pauseMs(attempt, this.#platform.random()));
    this.#after(retry_in_ms, () => this.#dial());
    this.#move({ name: "waiting", reason, attempt, retry_in_ms });
  }

  #refused(reason: string): void {
    this.#after(LONGEST_PAUSE_MS, () => this.#dial());
    this.#move({ name: "refused", reason, retry_in_ms: LONGEST_PAUSE_MS });
  }

  #hangUp(): void {
    const dialed = this.#dialed;
    this.#dialed = undefined;
    this.#platform.clearTimeout(this.#timer);
    dialed?.socket.close();
  }

  /** There is one thing at a time that is waited for. */
  #after(ms: number, then: () => void): void {
    this.#platform.clearTimeout(this.#timer);
    this.#timer = this.#platform.setTimeout(then, ms);
  }

  #move(state: ConnectionState): void {
    this.#state = state;
    this.#owner.moved(state);
  }
}

/** The daemon has answered, and does not want this client as it is; what is only for now is no refusal. */
function isRefusal(error: unknown): boolean {
  const status = error instanceof ClientError ? (error.status ?? 0) : 0;
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

/** Base64 of the text in UTF-8, with the letters that a header takes. */
function base64Url(text: string): string {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  return btoa(bytes.join("")).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
