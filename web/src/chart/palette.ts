/** The colours of a chart, in dark and in light. */

export type Theme = "dark" | "light";

export interface Palette {
  readonly background: string;
  readonly text: string;
  readonly grid: string;
  readonly border: string;
  readonly crosshair: string;
  readonly crosshairLabel: string;
  readonly up: string;
  readonly down: string;
  /** Bodies of the forming candle. */
  readonly upForming: string;
  readonly downForming: string;
  readonly upVolume: string;
  readonly downVolume: string;
  /** What the daemon draws in white. */
  readonly ink: string;
  readonly hole: string;
  readonly holeEdge: string;
}

export const PALETTES: Readonly<Record<Theme, Palette>> = {
  dark: {
    background: "#0d1117",
    text: "#8b98a9",
    grid: "rgba(139,152,169,0.07)",
    border: "#212a36",
    crosshair: "rgba(139,152,169,0.55)",
    crosshairLabel: "#2b3645",
    up: "#2ba67f",
    down: "#d9535f",
    upForming: "rgba(43,166,127,0.22)",
    downForming: "rgba(217,83,95,0.22)",
    upVolume: "rgba(43,166,127,0.42)",
    downVolume: "rgba(217,83,95,0.42)",
    ink: "#dbe2ea",
    hole: "rgba(234,179,8,0.07)",
    holeEdge: "rgba(234,179,8,0.45)",
  },
  light: {
    background: "#ffffff",
    text: "#5b6675",
    grid: "rgba(91,102,117,0.09)",
    border: "#dde2e9",
    crosshair: "rgba(91,102,117,0.6)",
    crosshairLabel: "#44505f",
    up: "#12876a",
    down: "#cf3f4d",
    upForming: "rgba(18,135,106,0.18)",
    downForming: "rgba(207,63,77,0.18)",
    upVolume: "rgba(18,135,106,0.35)",
    downVolume: "rgba(207,63,77,0.35)",
    ink: "#26303c",
    hole: "rgba(202,138,4,0.09)",
    holeEdge: "rgba(161,98,7,0.55)",
  },
};

/** A colour of an instruction on this background: white becomes the palette's ink. */
export function inkOf(color: string, { ink }: Palette): string {
  return color.toLowerCase() === "#ffffff" ? ink : color;
}

/** A colour (`#rrggbb`, `rgb(…)`, `rgba(…)`) with another opacity, from 0 to 1; any other text as it is. */
export function withOpacity(color: string, opacity: number): string {
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  const parts = hex
    ? hex.slice(1).map((part) => Number.parseInt(part, 16))
    : /^rgba?\(([^)]*)\)$/.exec(color)?.[1]?.split(",").slice(0, 3).map(Number);
  return parts === undefined ? color : `rgba(${parts.join(",")},${opacity})`;
}
