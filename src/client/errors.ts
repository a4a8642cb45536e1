/** What a read can fail with. */

export type ClientErrorCode =
  /** No daemon answers at the address. */
  | "unreachable"
  /** The answer did not come in time. */
  | "timed_out"
  /** The daemon answered with an error: see `status` and `detail`. */
  | "refused"
  /** What came is no answer of a daemon. */
  | "not_understood"
  /** The caller's signal, or the end of the client. */
  | "aborted";

/** A problem of a request that does not fit its schema. */
export interface RequestProblem {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input?: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

/** The answer of a daemon that refuses. */
export interface Refusal {
  readonly status: number;
  /** The `detail` of the answer; a text, or what is wrong with the request. */
  readonly detail: string | readonly RequestProblem[];
  /** When to ask again, in seconds, where the daemon says so. */
  readonly retryAfterS: number | undefined;
}

/** The only error that a read rejects with. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  /** HTTP status of a refusal. */
  readonly status: number | undefined;
  readonly detail: string | readonly RequestProblem[] | undefined;
  readonly retryAfterS: number | undefined;

  /** @param message for people: what was asked, what came of it. */
  constructor(code: ClientErrorCode, message: string, { refusal, cause }: ErrorParts = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = refusal?.status;
    this.detail = refusal?.detail;
    this.retryAfterS = refusal?.retryAfterS;
  }
}

interface ErrorParts {
  readonly refusal?: Refusal;
  readonly cause?: unknown;
}
