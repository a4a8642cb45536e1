/**
 * What a setting is. The tables in `groups/` are written in these terms, and everything else about the configuration
 * (types, defaults, environment names, parsing, the reference page) is read off those tables. Spec: flags §1, §3.
 */
import type { ClockScale } from "../clock/system-clock.js";

/**
 * Whether setting a variable changes anything in this version.
 * - `now`: this version acts on it.
 * - `accepted`: known, so that environments made for the reference server start; never has an effect.
 */
export type Since = "now" | "accepted";

interface Common {
  /** Full name of the environment variable. */
  readonly env: `TRADE_CANVAS_${string}`;
  readonly since: Since;
  /** One sentence: what the setting does. */
  readonly effect: string;
}

export interface BoolSetting extends Common {
  readonly kind: "bool";
  readonly default: boolean | { readonly sameAs: BoolSetting };
  /** For a kill switch: the behaviour in either state, in short. */
  readonly states?: { readonly off: string; readonly on: string };
}

export interface NumberSetting extends Common {
  readonly kind: "int" | "float";
  readonly default: number;
  /** Smaller values are raised to this; `above` another setting means at least one more than its value. */
  readonly min: number | { readonly above: NumberSetting };
  readonly unit: string;
}

/** A positive count, or no count at all: everything that is not above 0 means none. */
export interface OptionalCountSetting extends Common {
  readonly kind: "optional-int";
  readonly default: undefined;
  readonly unit: string;
}

export interface StringSetting extends Common {
  readonly kind: "string";
  readonly default: string;
  /** What a blank value means. */
  readonly blank: "empty" | "default";
}

export interface CsvSetting extends Common {
  readonly kind: "csv";
  readonly default: readonly string[];
}

/** A file or folder; what is relative, the default included, resolves against the project root. */
export interface PathSetting extends Common {
  readonly kind: "path";
  readonly default: string;
}

/** A file or folder, or none; what is relative resolves against the project root. */
export interface OptionalPathSetting extends Common {
  readonly kind: "optional-path";
  readonly default: undefined;
}

/** The base of an address; a trailing `/` is removed. Not being a URL of one of the schemes is refused at start. */
export interface UrlSetting extends Common {
  readonly kind: "url";
  readonly default: string;
  readonly schemes: readonly ("http" | "https" | "ws" | "wss")[];
}

/** One of a few words, in any case; another word counts as the default. */
export interface ChoiceSetting extends Common {
  readonly kind: "choice";
  readonly default: string;
  readonly choices: readonly string[];
}

/** The address to listen on. Anything but loopback is refused at start unless another setting allows it. */
export interface HostSetting extends Common {
  readonly kind: "host";
  readonly default: string;
  /** What must be set for any other address than loopback. */
  readonly beyondLoopback: OptionalPathSetting;
}

/** A TCP port; outside 0..65535 is refused at start. */
export interface PortSetting extends Common {
  readonly kind: "port";
  readonly default: number;
}

/** A virtual clock, or real time. What cannot be read is refused at start. */
export interface ClockSetting extends Common {
  readonly kind: "clock";
  readonly default: undefined;
}

export type Setting =
  | BoolSetting
  | NumberSetting
  | OptionalCountSetting
  | StringSetting
  | CsvSetting
  | PathSetting
  | OptionalPathSetting
  | UrlSetting
  | ChoiceSetting
  | HostSetting
  | PortSetting
  | ClockSetting;

export type SettingValue = boolean | number | string | readonly string[] | ClockScale | undefined;

/** The type of a setting's value, read off its entry in the table. */
export type ValueOf<S extends Setting> = S extends BoolSetting
  ? boolean
  : S extends NumberSetting | PortSetting
    ? number
    : S extends OptionalCountSetting
      ? number | undefined
      : S extends CsvSetting
        ? readonly string[]
        : S extends ClockSetting
          ? ClockScale | undefined
          : S extends OptionalPathSetting
            ? string | undefined
            : S extends { readonly choices: readonly (infer Choice)[] }
              ? Choice
              : string;

/** Settings that belong together; one table on the reference page. */
export interface SettingGroup {
  readonly title: string;
  /** By the key under which the program reads the value: the variable's name without prefix, in camel case. */
  readonly settings: Readonly<Record<string, Setting>>;
}
