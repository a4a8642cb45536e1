/** `trade-canvas doctor`: would a daemon work here, and what is in its way. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Clock } from "../clock/clock.js";
import { createSystemClock } from "../clock/system-clock.js";
import { loadAccessTokens } from "../config/access-tokens.js";
import { ConfigError } from "../config/config-error.js";
import { loadSettings } from "../config/load.js";
import { formatNote } from "../config/notes.js";
import type { Settings } from "../config/schema.js";
import { loadWhitelist } from "../config/whitelist.js";
import { diskFreeBytes, openFilesLimit } from "../observability/process-facts.js";
import { type CommandIo, commandWith } from "./command.js";
import { type DoctorNetwork, exchangeFindings, REAL_NETWORK } from "./doctor/exchange.js";
import { type Finding, fail, ok, warn } from "./doctor/finding.js";
import { diskFinding, folderFinding, nearestFolder, nodeFinding, openFilesFinding } from "./doctor/machine.js";
import { storeFindings } from "./doctor/store.js";
import { envWith, SETTINGS_HELP, SETTINGS_OPTIONS, settingsFileOf } from "./with-settings.js";

const HELP = `usage: trade-canvas doctor [--offline] [--settings FILE | --bare]

Looks at everything that a daemon needs, and says of each whether it is ok, and what to do when it is not: Node, settings,
whitelist, folders, store, disk, open files, and the exchange: whether its hosts can be reached, and the clocks. Changes nothing; a
daemon may run meanwhile.

  --offline        ask the exchange nothing
${SETTINGS_HELP}

Exit code 0: nothing fails. 1: something does. 2: wrong usage.`;

const HEALTHY = 0;
const FAILING = 1;

interface Plan {
  readonly offline: boolean;
  readonly settings: string | undefined;
}

function readPlan(args: string[]): Plan {
  const { values } = parseArgs({ args, options: { offline: { type: "boolean" }, ...SETTINGS_OPTIONS } });
  return { offline: values.offline === true, settings: settingsFileOf(values) };
}

export const doctorCommand = commandWith(
  { name: "doctor", summary: "say what keeps a daemon from working here, and the remedy", help: HELP },
  readPlan,
  (plan, io) => doctor(plan, io, createSystemClock(), REAL_NETWORK),
);

/** @param clock the machine's. @returns the exit code. */
export async function doctor(plan: Plan, io: CommandIo, clock: Clock, network: DoctorNetwork): Promise<number> {
  let isFailing = false;
  const tell = (findings: readonly Finding[]): void => {
    for (const { level, what, text, remedy } of findings) {
      if (level === "fail") isFailing = true;
      io.out(`${level.padEnd(5)} ${what.padEnd(14)} ${text}${remedy === null ? "" : `; ${remedy}`}`);
    }
  };
  tell([nodeFinding(process.version), openFilesFinding(openFilesLimit())]);
  const { settings, findings } = settingsFindings(plan.settings, io);
  tell(findings);
  if (settings === undefined) return FAILING;
  tell([
    folderFinding("store folder", settings.dbPath, "TRADE_CANVAS_DB_PATH"),
    folderFinding("artifacts", settings.artifactsDir, "TRADE_CANVAS_ARTIFACTS_DIR"),
  ]);
  tell(await storeFindings(settings.dbPath));
  const onDisk = nearestFolder(resolve(settings.dbPath));
  tell([diskFinding(onDisk, diskFreeBytes(onDisk))]);
  if (!plan.offline) tell(await exchangeFindings(settings, clock, network));
  return isFailing ? FAILING : HEALTHY;
}

interface SettingsFindings {
  /** Undefined when a daemon would refuse them. */
  readonly settings: Settings | undefined;
  readonly findings: readonly Finding[];
}

function settingsFindings(file: string | undefined, io: CommandIo): SettingsFindings {
  const where = file ?? "the environment";
  try {
    const { settings, notes } = loadSettings(envWith(file, io));
    const noted = notes.map((note) => warn("settings", formatNote(note), "see docs/flags.md"));
    return {
      settings,
      findings: [
        ok("settings", where),
        ...noted,
        ...whitelistFindings(settings.whitelistPath),
        ...tokenFindings(settings),
      ],
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return {
      settings: undefined,
      findings: error.problems.map((problem) => fail("settings", problem, "see docs/flags.md")),
    };
  }
}

function whitelistFindings(path: string): readonly Finding[] {
  try {
    const series = loadWhitelist(path);
    if (series.length > 0) return [ok("whitelist", `${series.length} series in ${path}`)];
    return [warn("whitelist", `${path} names no series`, "name those that are always to be followed")];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => fail("whitelist", problem, "correct the file"));
  }
}

function tokenFindings({ accessTokensPath, host }: Settings): readonly Finding[] {
  try {
    const { length } = loadAccessTokens(accessTokensPath);
    return [
      ok(
        "access tokens",
        length === 0 ? `none; only loopback is listened on (${host})` : `${length}; needed at ${host}`,
      ),
    ];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => fail("access tokens", problem, "correct the file"));
  }
}
