/** The schema of the settings against what is specified of them. Spec: flags §3, §5. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadSettings } from "../../src/config/load.js";
import { renderReferencePage } from "../../src/config/reference-page.js";
import { ALL_SETTINGS, type SettingKey } from "../../src/config/schema.js";
import type { Setting } from "../../src/config/setting.js";
import { OPTIONAL, SPECIFIED, type SpecifiedSetting, WITHOUT_EFFECT } from "./specified-settings.js";

const PREFIX = "TRADE_CANVAS_";
const ROOT = "/srv/canvas";

const settingNamed = (name: string): readonly [SettingKey, Setting] | undefined =>
  ALL_SETTINGS.find(([, { env }]) => env === PREFIX + name);

/** A setting in the words of the specification. */
function inSpecifiedWords(setting: Setting): SpecifiedSetting {
  const name = setting.env.slice(PREFIX.length);
  const kind = (setting.kind === "optional-int" ? "int or none" : setting.kind) as SpecifiedSetting["kind"];
  if (setting.kind === "bool" && typeof setting.default === "object") {
    return { name, kind, default: `\${${setting.default.sameAs.env.slice(PREFIX.length)}}` };
  }
  const standard = setting.kind === "path" ? undefined : (setting.default as SpecifiedSetting["default"]);
  if (!("min" in setting)) return { name, kind, default: standard };
  const { min } = setting;
  return {
    name,
    kind,
    default: standard,
    min: typeof min === "number" ? min : `${min.above.env.slice(PREFIX.length)} + 1`,
  };
}

describe("what is specified", () => {
  it.each(SPECIFIED.map((row) => [row.name, row] as const))(
    "%s is there, of its kind, default and minimum",
    (name, row) => {
      const [, setting] = settingNamed(name) ?? [];
      expect(setting).toBeDefined();
      if (setting !== undefined) expect(inSpecifiedWords(setting)).toEqual(row);
    },
  );

  it("lies below the project by default, and a relative path resolves against it", () => {
    for (const { name } of SPECIFIED.filter(({ kind }) => kind === "path")) {
      const key = settingNamed(name)?.[0] as SettingKey;
      expect(loadSettings({}, ROOT).settings[key], name).toMatch(/^\/srv\/canvas\/./);
      expect(loadSettings({ [PREFIX + name]: "a/b" }, ROOT).settings[key], name).toBe("/srv/canvas/a/b");
      expect(loadSettings({ [PREFIX + name]: "/a/b" }, ROOT).settings[key], name).toBe("/a/b");
    }
  });

  it("is acted on, but for what is by decision without effect", () => {
    const idle = SPECIFIED.filter(({ name }) => settingNamed(name)?.[1].since !== "now");
    expect(idle.map(({ name }) => name)).toEqual([...WITHOUT_EFFECT]);
  });

  it("is read by the program if and only if it says that it is acted on", () => {
    const files = readdirSync("src", { recursive: true, encoding: "utf8" });
    const program = files.filter((file) => file.endsWith(".ts") && !file.startsWith("config"));
    const text = program.map((file) => readFileSync(`src/${file}`, "utf8")).join("\n");
    const words = new Set(text.match(/\w+/g));
    const wrong = ALL_SETTINGS.filter(([key, { since }]) => words.has(key) !== (since === "now"));
    expect(wrong.map(([key, { since }]) => `${key}: ${since}`)).toEqual([]);
  });

  it("is named once, whether it must be there or may be", () => {
    const names = [...SPECIFIED.map(({ name }) => name), ...OPTIONAL];
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("what is optional or out of scope", () => {
  it.each(OPTIONAL)("%s keeps nothing from starting, is told if it has no effect, and is in the reference", (name) => {
    const env = PREFIX + name;
    const setting = settingNamed(name)?.[1];
    const { notes } = loadSettings({ [env]: "1" }, ROOT);
    const known = notes.filter((note) => note.env === env).map(({ kind }) => kind);
    if (setting === undefined) expect(known).toEqual(["foreign"]);
    else if (setting.since === "accepted") expect(known).toEqual(["accepted"]);
    const page = renderReferencePage();
    const family = `\`${name.split("_")[0]}_*\``;
    expect(page.includes(`\`${name}\``) || page.includes(family), "named in the reference").toBe(true);
  });
});

it("offers no setting that neither is specified nor belongs to this program alone", () => {
  const own = [
    ...["HOST", "PORT", "SIM_CLOCK", "LOG_LEVEL", "LOG_FORMAT"],
    ...["ACCESS_TOKENS_PATH", "MAX_CONNECTIONS", "MAX_CONNECTIONS_PER_ADDRESS"],
    ...["REQUESTS_PER_SECOND", "CLIENT_MESSAGES_PER_SECOND", "ENABLE_LOOPBACK_LIMITS"],
    ...["BINANCE_SPOT_WS_URL", "BINANCE_FUTURES_WS_URL", "BINANCE_WS_ROTATE_AFTER_S"],
  ];
  const known = new Set([...SPECIFIED.map(({ name }) => name), ...OPTIONAL, ...own]);
  expect(ALL_SETTINGS.map(([, { env }]) => env.slice(PREFIX.length)).filter((name) => !known.has(name))).toEqual([]);
});
