/** Dark and light. */
import type { Theme } from "../chart/palette.js";

export function systemTheme(): Theme {
  return matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
}

export function otherTheme(theme: Theme): Theme {
  return theme === "dark" ? "light" : "dark";
}

/** Gives the page its colours; those of the chart are its own. */
export function applyTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}
