/** The whitelist: the series that are ingested from start to stop. Spec: flags §3.8, §6. */
import { ConfigError } from "./config-error.js";
import { readTextFile } from "./text-file.js";

/**
 * The series ids of a whitelist file, in the order of the file; a missing file is an empty list.
 * @throws ConfigError `whitelist_invalid` when the file cannot be read or is no whitelist.
 */
export function loadWhitelist(path: string): readonly string[] {
  const file = readTextFile(path);
  switch (file.status) {
    case "missing":
      return [];
    case "unreadable":
      throw invalid(`whitelist ${path} cannot be read: ${file.reason}`);
    case "read":
      return parseWhitelist(file.text, path);
  }
}

/**
 * Parses `{"series_ids": […]}`: entries are trimmed, empty ones and repeats dropped. Whether an entry names a series is
 * judged by those who ingest it.
 * @param path only for the errors.
 * @throws ConfigError `whitelist_invalid`.
 */
export function parseWhitelist(text: string, path: string): readonly string[] {
  const ids = seriesIdsMember(parseJson(text, path));
  if (!Array.isArray(ids)) {
    throw invalid(`whitelist series_ids must be a list: ${path} needs the form {"series_ids": ["<series id>"]}`);
  }
  const entries = ids.map((entry: unknown, index) => {
    if (typeof entry === "string") return entry.trim();
    throw invalid(`whitelist series_ids must hold texts only: ${path} has ${JSON.stringify(entry)} at index ${index}`);
  });
  return Object.freeze([...new Set(entries)].filter((entry) => entry !== ""));
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`whitelist ${path} is not valid JSON: ${(error as Error).message}`);
  }
}

function seriesIdsMember(value: unknown): unknown {
  return typeof value === "object" && value !== null && "series_ids" in value ? value.series_ids : undefined;
}

function invalid(problem: string): ConfigError {
  return new ConfigError("whitelist_invalid", [problem]);
}
