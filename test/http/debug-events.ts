/** The debug events of a daemon, as an operator gets them. */
import type { TestDaemon } from "../support/daemon.js";

export interface DebugEvent {
  readonly event: string;
  readonly pipe: string;
  readonly level: string;
  readonly series_id: string | null;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Everything that has happened so far, oldest first. */
export async function debugEvents(daemon: TestDaemon): Promise<readonly DebugEvent[]> {
  const debug = await daemon.connect("/ws/debug");
  const [snapshot] = (await debug.atLeast(1)) as readonly { readonly events?: readonly DebugEvent[] }[];
  await debug.end();
  return snapshot?.events ?? [];
}
