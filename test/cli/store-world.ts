/** A command that is run in the test's process, and a store for it. */
import { onTestFinished } from "vitest";
import type { Command } from "../../src/cli/command.js";
import type { Candle } from "../../src/market/candle.js";
import { openLmdbStore } from "../../src/storage/lmdb-store.js";
import type { Store } from "../../src/storage/store.js";

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command to its end. @param onOut is told of every line of its output. */
export async function run(
  command: Command,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stop: AbortSignal = new AbortController().signal,
): Promise<Outcome> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (line: string) => void out.push(line), err: (line: string) => void err.push(line), env, stop };
  const code = await command.run(args, io);
  return { code, out: out.map((line) => `${line}\n`).join(""), err: err.join("\n") };
}

/** Opens the store of a daemon, which it keeps until the test ends. */
export async function storeOf(folder: string, series: Readonly<Record<string, readonly Candle[]>>): Promise<Store> {
  const store = openLmdbStore(folder);
  onTestFinished(() => store.close());
  for (const [one, upsert] of Object.entries(series)) await store.commit({ series: one, upsert });
  return store;
}
