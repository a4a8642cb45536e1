/** Why a configuration cannot be used. Spec: flags §6. */

/**
 * - `settings_invalid`: a variable has a value for which there is no sane fallback.
 * - `env_file_invalid`: the env file cannot be read as one.
 * - `whitelist_invalid`: the whitelist cannot be read as one.
 * - `access_tokens_invalid`: the file with the access tokens is not there, or cannot be read as one.
 */
export type ConfigErrorCode = "settings_invalid" | "env_file_invalid" | "whitelist_invalid" | "access_tokens_invalid";

/** A start-up failure. Each problem names what was given and the remedy; the message is all of them, one a line. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code: ConfigErrorCode;
  readonly problems: readonly string[];

  constructor(code: ConfigErrorCode, problems: readonly string[]) {
    super(problems.join("\n"));
    this.code = code;
    this.problems = problems;
  }
}
