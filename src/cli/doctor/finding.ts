/** What `trade-canvas doctor` finds. */

export interface Finding {
  /** fail: a daemon would not start, or not work. warn: it works, and something is to be looked at. */
  readonly level: "ok" | "warn" | "fail";
  /** What was looked at, in a word or two. */
  readonly what: string;
  readonly text: string;
  /** What to do about it; null when there is nothing to do. */
  readonly remedy: string | null;
}

export function ok(what: string, text: string): Finding {
  return { level: "ok", what, text, remedy: null };
}

export function warn(what: string, text: string, remedy: string): Finding {
  return { level: "warn", what, text, remedy };
}

export function fail(what: string, text: string, remedy: string): Finding {
  return { level: "fail", what, text, remedy };
}
