/** From the environment to the settings of the process, once, at start. Spec: flags §1, §4. */
import { resolve } from "node:path";
import { formatClockScale } from "../clock/system-clock.js";
import { ConfigError } from "./config-error.js";
import type { Env } from "./env-file.js";
import { isLoopbackHost } from "./loopback.js";
import { noteOtherNames, type SettingsNote } from "./notes.js";
import { parseSetting } from "./parse.js";
import { projectRoot } from "./project-root.js";
import { ALL_SETTINGS, type SettingKey, type Settings } from "./schema.js";
import type { HostSetting, Setting, SettingValue } from "./setting.js";

/** Where a value comes from: its variable, its fixed default, or another setting that its default or minimum follows. */
export type Origin =
  | { readonly from: "environment" }
  | { readonly from: "default" }
  | { readonly from: "setting"; readonly env: string };

export interface LoadedSettings {
  /** Frozen, lists included. */
  readonly settings: Settings;
  readonly origins: Readonly<Record<SettingKey, Origin>>;
  readonly notes: readonly SettingsNote[];
}

const FROM_ENVIRONMENT: Origin = { from: "environment" };

interface Resolved {
  readonly value: SettingValue;
  readonly origin: Origin;
  readonly notes: readonly SettingsNote[];
  readonly problem?: string;
}

/**
 * Reads every setting from an environment; see {@link mergeEnv} for one that includes an env file.
 * @param root absolute folder that relative paths resolve against.
 * @throws ConfigError `settings_invalid` with all values for which there is no sane fallback.
 */
export function loadSettings(env: Env, root: string = projectRoot()): LoadedSettings {
  const resolved = ALL_SETTINGS.map(([key, setting]) => [key, resolveSetting(setting, env, root)] as const);
  const problems = resolved.flatMap(([, { problem }]) => (problem === undefined ? [] : [problem]));
  if (problems.length > 0) throw new ConfigError("settings_invalid", problems);
  const pick = <T>(part: (from: Resolved) => T): Readonly<Record<string, T>> =>
    Object.freeze(Object.fromEntries(resolved.map(([key, from]) => [key, part(from)])));
  const names = ALL_SETTINGS.map(([, setting]) => setting.env);
  return {
    // The table that gives each key its type is the one that the values were read by.
    settings: pick(({ value }) => Object.freeze(value)) as unknown as Settings,
    origins: pick(({ origin }) => origin),
    notes: [...resolved.flatMap(([, { notes }]) => notes), ...noteOtherNames(env, names)],
  };
}

/** A value as it would be written in the environment; the empty text for none. */
export function formatValue(value: SettingValue): string {
  if (value === undefined) return "";
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "object") return "speed" in value ? formatClockScale(value) : value.join(",");
  return String(value);
}

function resolveSetting(setting: Setting, env: Env, root: string): Resolved {
  const text = env[setting.env];
  const fallback = raiseToMinimum(setting, resolveDefault(setting, env, root), env, root);
  if (text === undefined) return fallback;
  const noted = { ...fallback, notes: noteIneffective(setting) };
  const reading = parseSetting(setting, text, root);
  switch (reading.status) {
    case "refused":
      return { ...noted, problem: reading.problem };
    case "misread": {
      const { expected, instead } = reading;
      const used = instead === undefined ? noted : { ...noted, value: instead, origin: FROM_ENVIRONMENT };
      // A blank that means the default is no mistake.
      if (text.trim() === "" && used.value === fallback.value) return used;
      const usedText = formatValue(used.value);
      return withNote(used, { kind: "misread", env: setting.env, given: text, expected, used: usedText });
    }
    case "read": {
      const given: Resolved = { ...noted, value: reading.value, origin: FROM_ENVIRONMENT };
      if (setting.kind === "host" && !mayBind(setting, String(given.value), env, root)) {
        return { ...noted, problem: unguardedHost(setting, text) };
      }
      const used = raiseToMinimum(setting, given, env, root);
      if (used.value === given.value) return used;
      const note: SettingsNote = { kind: "raised", env: setting.env, given: text, used: formatValue(used.value) };
      return withNote({ ...used, origin: FROM_ENVIRONMENT }, note);
    }
  }
}

function resolveDefault(setting: Setting, env: Env, root: string): Resolved {
  if (setting.kind === "bool" && typeof setting.default === "object") {
    const { value } = resolveSetting(setting.default.sameAs, env, root);
    return { value, origin: { from: "setting", env: setting.default.sameAs.env }, notes: [] };
  }
  const value = setting.kind === "path" ? resolve(root, setting.default) : (setting.default as SettingValue);
  return { value, origin: { from: "default" }, notes: [] };
}

function raiseToMinimum(setting: Setting, from: Resolved, env: Env, root: string): Resolved {
  if (setting.kind !== "int" && setting.kind !== "float") return from;
  if (typeof setting.min === "number") return { ...from, value: Math.max(Number(from.value), setting.min) };
  const { above } = setting.min;
  const min = Number(resolveSetting(above, env, root).value) + 1;
  return Number(from.value) >= min ? from : { ...from, value: min, origin: { from: "setting", env: above.env } };
}

/** What other machines reach is listened on only when something says who of them may come in. */
function mayBind({ beyondLoopback }: HostSetting, host: string, env: Env, root: string): boolean {
  return isLoopbackHost(host) || resolveSetting(beyondLoopback, env, root).value !== undefined;
}

function unguardedHost({ env, beyondLoopback }: HostSetting, text: string): string {
  const why = "binding another address needs an access token, and none is configured";
  const remedy = `Use 127.0.0.1, ::1 or localhost, or make a token with trade-canvas token and name its file by ${beyondLoopback.env}`;
  return `${env}=${JSON.stringify(text)} is not loopback: ${why}. ${remedy}`;
}

function noteIneffective({ env, since, effect }: Setting): readonly SettingsNote[] {
  return since === "now" ? [] : [{ kind: "accepted", env, effect }];
}

function withNote(resolved: Resolved, note: SettingsNote): Resolved {
  return { ...resolved, notes: [...resolved.notes, note] };
}
