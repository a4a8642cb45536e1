/** `trade-canvas backup`: a copy of the store, beside the daemon that writes it. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Clock, nextTurn } from "../clock/clock.js";
import { createSystemClock } from "../clock/system-clock.js";
import { checkStore, type StoreContents } from "../storage/check-store.js";
import { copyStore, openStoreReader } from "../storage/lmdb-store.js";
import { DATA_FILE } from "../storage/preflight.js";
import { type CommandIo, commandWith, UsageError, whenAborted } from "./command.js";
import { SETTINGS_HELP, SETTINGS_OPTIONS, settingsFileOf, withSettings } from "./with-settings.js";

const HELP = `usage: trade-canvas backup --out FOLDER [--settings FILE | --bare]

Writes a consistent copy of the store into a new folder, while a daemon may go on writing: everything that was committed when
the copy began, and nothing else. The copy is compacted, then opened and read whole (every candle's checksum, the heads of series and
ledgers, gaps), and has its name only when nothing is wrong with it.

  --out FOLDER     where the copy is to be; must not exist, and its parent must
${SETTINGS_HELP}

Progress goes to stderr, the summary to stdout. The store is TRADE_CANVAS_DB_PATH.

To restore one: stop the daemon, move the folder of its store away, copy the backup to its place, start the daemon. It fetches
what has closed since. Replay packages and other artifacts are no part of a backup: they are made of the store.

Exit code 0: the copy is there. 1: it could not be made, and nothing is left of it. 2: wrong usage. 130: interrupted, likewise.`;

const DONE = 0;
const FAILED = 1;
const INTERRUPTED = 130;

/** Least time between two lines of progress, in milliseconds. */
const PROGRESS_MS = 2_000;

const LMDB_LOCK_FILE = "lock.mdb";

interface Plan {
  readonly out: string;
  readonly settings: string | undefined;
}

function readPlan(args: string[]): Plan {
  const { values } = parseArgs({ args, options: { out: { type: "string" }, ...SETTINGS_OPTIONS } });
  if (values.out === undefined) throw new UsageError("--out is missing: name the folder that the copy is to be");
  const out = resolve(values.out);
  if (existsSync(out)) throw new UsageError(`--out ${values.out} is there already: name a folder that is not`);
  if (!existsSync(dirname(out))) throw new UsageError(`--out ${values.out}: there is no folder ${dirname(out)}`);
  return { out, settings: settingsFileOf(values) };
}

export const backupCommand = commandWith(
  { name: "backup", summary: "copy the store, also while a daemon runs on it", help: HELP },
  readPlan,
  (plan, io) => withSettings("backup", plan.settings, io, ({ dbPath }) => backup(dbPath, plan.out, io)),
);

/** The command was told to stop. */
class Interrupted extends Error {
  override readonly name = "Interrupted";
}

async function backup(store: string, out: string, io: CommandIo): Promise<number> {
  const clock = createSystemClock();
  const draft = `${out}.draft-${process.pid}`;
  mkdirSync(draft);
  try {
    await copied(store, draft, clock, io);
    const { series, candles } = await checked(draft, clock, io);
    settle(draft);
    renameSync(draft, out);
    syncFolder(dirname(out));
    const bytes = statSync(join(out, DATA_FILE)).size;
    io.out(`${out}: ${series} series, ${candles} candles, ${megabytes(bytes)}, read back whole`);
    io.out(`to restore it: stop the daemon, move ${resolve(store)} away, copy ${out} to its place, start the daemon`);
    return DONE;
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (error instanceof Interrupted) return INTERRUPTED;
    io.err(`trade-canvas backup: ${(error as Error).message}; nothing was kept`);
    return FAILED;
  }
}

async function copied(store: string, draft: string, clock: Clock, io: CommandIo): Promise<void> {
  const file = join(draft, DATA_FILE);
  let told = clock.setTimeout(tell, PROGRESS_MS);
  function tell(): void {
    if (existsSync(file)) io.err(`${megabytes(statSync(file).size)} copied so far`);
    told = clock.setTimeout(tell, PROGRESS_MS);
  }
  try {
    const stopped = whenAborted(io.stop).then(() => {
      throw new Interrupted();
    });
    await Promise.race([copyStore(store, draft), stopped]);
  } finally {
    clock.clearTimeout(told);
  }
}

async function checked(draft: string, clock: Clock, io: CommandIo): Promise<StoreContents> {
  const copy = openStoreReader(draft);
  try {
    return await checkStore(copy, async () => {
      if (io.stop.aborted) throw new Interrupted();
      await nextTurn(clock);
    });
  } finally {
    await copy.close();
  }
}

/** Leaves the data alone in the folder, on disk. */
function settle(draft: string): void {
  rmSync(join(draft, LMDB_LOCK_FILE), { force: true });
  const file = openSync(join(draft, DATA_FILE), "r+");
  fsyncSync(file);
  closeSync(file);
  syncFolder(draft);
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
