/** Starts the built program as a process; knows nothing of the test runner, so benchmarks use it as well. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ROOT } from "./root.js";

const MAIN = fileURLToPath(new URL("dist/main.js", ROOT));

/** A daemon is ready within this real time, or starting it has failed. */
const READY_LIMIT_MS = 30_000;

export type Environment = Readonly<Record<string, string>>;

export interface Launched {
  readonly pid: number;
  /** Everything it has written so far. */
  output(): string;
  /** Resolves with the first match of a pattern in the output. @throws Error when it ends before, or takes too long. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal and resolves with the exit code, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
  /** Resolves when it has ended by itself. */
  ended(): Promise<number | NodeJS.Signals>;
  killIfRunning(): void;
}

/** Only what is given and what a process needs to run at all: settings of the machine do not leak in. */
function environment(env: Environment): NodeJS.ProcessEnv {
  const { TRADE_CANVAS_DB_PATH: store } = env;
  const artifacts = store === undefined ? {} : { TRADE_CANVAS_ARTIFACTS_DIR: `${store}/artifacts` };
  return { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, ...artifacts, ...env };
}

export function launch(args: readonly string[], env: Environment = {}): Launched {
  const child = spawn(process.execPath, [MAIN, ...args], { env: environment(env), stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  const ended = async () => {
    const [code, signal] = await closed;
    return code ?? signal ?? -1;
  };
  return {
    pid: child.pid ?? -1,
    output: () => output,
    says: (pattern) =>
      firstMatch(
        child,
        listeners,
        () => pattern.exec(output),
        () => output,
      ),
    end: async (signal) => {
      child.kill(signal);
      return ended();
    },
    ended,
    killIfRunning: () => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    },
  };
}

function firstMatch(
  child: ChildProcess,
  listeners: Set<() => void>,
  look: () => RegExpExecArray | null,
  output: () => string,
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(limit);
      listeners.delete(check);
      child.off("close", gone);
      act();
    };
    const check = (): void => {
      const match = look();
      if (match !== null) settle(() => resolve(match));
    };
    const gone = (): void => settle(() => reject(new Error(`it ended too early:\n${output()}`)));
    const limit = setTimeout(() => settle(() => reject(new Error(`it took too long:\n${output()}`))), READY_LIMIT_MS);
    listeners.add(check);
    child.once("close", gone);
    check();
  });
}

/** Settings of a daemon that is looked at by a program: any port, and a log that can be parsed. */
export const MACHINE_READABLE: Environment = { TRADE_CANVAS_PORT: "0", TRADE_CANVAS_LOG_FORMAT: "json" };

/** The log line with which a daemon says that it serves; its first group is the address. */
export const READY = /"event":"daemon\.ready","url":"([^"]+)"/;
