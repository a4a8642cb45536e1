/** The reference page of the settings, `docs/flags.md`, read off the schema. */
import { formatValue } from "./load.js";
import { ENV_PREFIX, FOREIGN_NAMES, WITHDRAWN_NAMES } from "./other-names.js";
import { INTERACTIONS, INTRODUCTION, PARSING_RULES, START_FAILURES, STRICT_AND_IMPLICIT } from "./reference-text.js";
import { SETTING_GROUPS } from "./schema.js";
import type { Setting, SettingGroup } from "./setting.js";

/** The whole page in Markdown, the same on every machine; ends without a line break. */
export function renderReferencePage(): string {
  return [
    INTRODUCTION,
    PARSING_RULES,
    renderKillSwitches(),
    STRICT_AND_IMPLICIT,
    "## All variables",
    ...SETTING_GROUPS.map(renderGroup),
    INTERACTIONS,
    renderOtherNames(),
    START_FAILURES,
  ].join("\n\n");
}

function renderKillSwitches(): string {
  const rows = SETTING_GROUPS.flatMap(({ settings }) => Object.values(settings)).flatMap((setting) =>
    setting.kind === "bool" && setting.states !== undefined
      ? [row([code(setting.env), setting.states.off, setting.states.on])]
      : [],
  );
  return `## The five kill switches

All are off by default, and setting one back to 0 takes its change back at the next start.

| Switch | 0 | 1 |
|---|---|---|
${rows.join("\n")}`;
}

function renderGroup({ title, settings }: SettingGroup): string {
  const rows = Object.values(settings).map((setting) =>
    row([
      code(setting.env),
      describeKind(setting),
      describeDefault(setting),
      describeMinimum(setting),
      "unit" in setting ? setting.unit : "",
      setting.since,
      setting.effect,
    ]),
  );
  return `### ${title}

| Name | Kind | Default | Min | Unit | Since | Effect |
|---|---|---|---|---|---|---|
${rows.join("\n")}`;
}

function describeKind(setting: Setting): string {
  if (setting.kind === "optional-int") return "int or none";
  if (setting.kind === "optional-path") return "path or none";
  return setting.kind === "choice" ? `choice: ${setting.choices.map(code).join(", ")}` : setting.kind;
}

function describeDefault(setting: Setting): string {
  if (typeof setting.default === "object" && "sameAs" in setting.default) {
    return `value of ${code(setting.default.sameAs.env)}`;
  }
  if (setting.default === undefined) return setting.kind === "clock" ? "real time" : "none";
  const text = formatValue(setting.default);
  return text === "" ? "empty" : code(text);
}

function describeMinimum(setting: Setting): string {
  if (!("min" in setting)) return "";
  return typeof setting.min === "number" ? String(setting.min) : `${code(setting.min.above.env)} + 1`;
}

function renderOtherNames(): string {
  const withdrawn = Object.entries(WITHDRAWN_NAMES).map(([name, reason]) => row([code(name), reason]));
  const foreign = Object.entries(FOREIGN_NAMES).map(([ability, names]) => row([ability, names.map(code).join(", ")]));
  return `## Names without effect

Withdrawn, as are the market options of runtime v2:

| Name | Instead |
|---|---|
${withdrawn.join("\n")}

Of abilities that the reference server has and this program does not:

| Ability | Names |
|---|---|
${foreign.join("\n")}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function code(text: string): string {
  return `\`${text.startsWith(ENV_PREFIX) ? text.slice(ENV_PREFIX.length) : text}\``;
}
