/** What an operator should know about the environment, though it keeps nothing from starting. */
import type { Env } from "./env-file.js";
import { nearestName } from "./near-miss.js";
import { COMMAND_NAMES, ENV_PREFIX, foreignAbility, WITHDRAWN_NAMES } from "./other-names.js";

/**
 * - `unknown`: a `TRADE_CANVAS_` name that means nothing; `suggestion` is the known name it resembles.
 * - `withdrawn`: a setting that no longer exists.
 * - `foreign`: a setting of an ability that this program does not have.
 * - `misread`: a value that was not understood; `used` counts instead.
 * - `raised`: a value below the minimum; `used` counts instead.
 * - `accepted`: a setting that never has an effect.
 */
export type SettingsNote =
  | { readonly kind: "unknown"; readonly env: string; readonly suggestion?: string }
  | { readonly kind: "withdrawn"; readonly env: string; readonly reason: string }
  | { readonly kind: "foreign"; readonly env: string; readonly ability: string }
  | {
      readonly kind: "misread";
      readonly env: string;
      readonly given: string;
      readonly expected: string;
      readonly used: string;
    }
  | { readonly kind: "raised"; readonly env: string; readonly given: string; readonly used: string }
  | { readonly kind: "accepted"; readonly env: string; readonly effect: string };

/** One line for people. */
export function formatNote(note: SettingsNote): string {
  switch (note.kind) {
    case "unknown":
      return `${note.env} is no setting and has no effect${note.suggestion ? `; did you mean ${note.suggestion}?` : ""}`;
    case "withdrawn":
      return `${note.env} was withdrawn and has no effect: ${note.reason}`;
    case "foreign":
      return `${note.env} has no effect: this program does not have ${note.ability}`;
    case "misread":
      return `${note.env}=${JSON.stringify(note.given)} is not ${note.expected}; ${note.used || "none"} is used`;
    case "raised":
      return `${note.env}=${JSON.stringify(note.given)} is below the minimum; ${note.used} is used`;
    case "accepted":
      return `${note.env} is set. ${note.effect}`;
  }
}

/** Notes about variables that are no settings, by name. */
export function noteOtherNames(env: Env, known: readonly string[]): readonly SettingsNote[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(ENV_PREFIX) && env[name] !== undefined)
    .filter((name) => !known.includes(name) && !COMMAND_NAMES.includes(name))
    .sort()
    .map((name) => noteOtherName(name, known));
}

function noteOtherName(env: string, known: readonly string[]): SettingsNote {
  const reason = WITHDRAWN_NAMES[env];
  if (reason !== undefined) return { kind: "withdrawn", env, reason };
  const ability = foreignAbility(env);
  if (ability !== undefined) return { kind: "foreign", env, ability };
  const suggestion = nearestName(env, known);
  return suggestion === undefined ? { kind: "unknown", env } : { kind: "unknown", env, suggestion };
}
