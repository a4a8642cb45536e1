/** Why a message to an actor got no answer, by stable code. */

export type ActorErrorCode =
  /** The mailbox is full: the sender must slow down, or repair later. */
  | "mailbox_full"
  /** The actor is stopped or suspended. */
  | "actor_unavailable"
  /** The actor failed while it handled this message, and is being restarted. */
  | "actor_crashed"
  /** A supervisor restarted a child too often in too short a time. */
  | "restart_intensity_exceeded";

export class ActorError extends Error {
  override readonly name = "ActorError";
  readonly code: ActorErrorCode;
  /** Path of the actor, such as `series/binance:spot:BTC/USDT:1m/factor`. */
  readonly actor: string;

  constructor(code: ActorErrorCode, actor: string, message: string, options?: ErrorOptions) {
    super(`${code}: ${actor}: ${message}`, options);
    this.code = code;
    this.actor = actor;
  }
}

/** The text of anything that was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
