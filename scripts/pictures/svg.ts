/** Small parts of an SVG, and the page they stand on. Lengths in units of the picture: 960 are its width. */

/** Colours by their use: on light paper, and on dark. */
const PALETTE = {
  paper: ["#ffffff", "#0d1117"],
  ink: ["#1f2328", "#e6edf3"],
  muted: ["#59636e", "#9198a1"],
  grid: ["#e4e8ec", "#262c36"],
  candle: ["#a3adb8", "#59636e"],
  unknown: ["#f0f2f5", "#161b22"],
  resistance: ["#cf222e", "#ff7b72"],
  support: ["#1a7f37", "#3fb950"],
  pen: ["#0969da", "#58a6ff"],
  zone: ["#bc4c00", "#f0883e"],
  anchor: ["#8250df", "#bc8cff"],
} as const;

export type Colour = keyof typeof PALETTE;
export type Stroke = "thin" | "thick" | "dashed" | "dotted";

export const WIDTH = 960;
const MARGIN = 14;
const TITLE_HEIGHT = 46;
/** Mean width of a character of 12 units; legends are set by it. */
const CHARACTER_WIDTH = 6.3;
const LEGEND_SAMPLE = 24;
const LEGEND_GAP = 22;

/** Coordinates need no more than a tenth; the same on every machine. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A straight line between two points. */
export function line(x1: number, y1: number, x2: number, y2: number, colour: Colour, stroke: Stroke = "thin"): string {
  return `<path class="s-${colour} ${stroke}" d="M${round(x1)} ${round(y1)}L${round(x2)} ${round(y2)}"/>`;
}

/** A path of any shape; `d` as in SVG. */
export function path(d: string, fill: Colour | "none", stroke: Colour): string {
  return `<path class="s-${stroke} f-${fill} thin" d="${d}"/>`;
}

/** An area, see-through unless it is solid. */
export function area(x: number, y: number, width: number, height: number, colour: Colour, solid = false): string {
  const size = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
  return `<rect class="f-${colour}${solid ? "" : " sheer"}" ${size}/>`;
}

/** A mark for one candle. */
export function dot(x: number, y: number, colour: Colour, kind: "full" | "hollow" = "full", radius = 4): string {
  const classes = kind === "full" ? `f-${colour}` : `f-paper s-${colour} thin`;
  return `<circle class="${classes}" cx="${round(x)}" cy="${round(y)}" r="${radius}"/>`;
}

export interface TextLook {
  readonly colour?: Colour;
  readonly anchor?: "start" | "middle" | "end";
  readonly weight?: "bold";
  readonly size?: number;
}

/** Words, with a seam of paper around them so that they can be read over candles. */
export function text(x: number, y: number, content: string, look: TextLook = {}): string {
  const { colour = "ink", anchor = "start", weight, size } = look;
  const more = `${weight === undefined ? "" : ` font-weight="${weight}"`}${size === undefined ? "" : ` font-size="${size}"`}`;
  const place = `x="${round(x)}" y="${round(y)}"${anchor === "start" ? "" : ` text-anchor="${anchor}"`}`;
  return `<text class="f-${colour} halo" ${place}${more}>${escaped(content)}</text>`;
}

/** A span with ends, and what it says in its middle. */
export function bracket(x1: number, x2: number, y: number, label: string, colour: Colour, labelAt: -1 | 1): string {
  const ends = `M${round(x1)} ${round(y - 4)}v8M${round(x2)} ${round(y - 4)}v8M${round(x1)} ${round(y)}H${round(x2)}`;
  const labelY = labelAt < 0 ? y - 7 : y + 16;
  return path(ends, "none", colour) + text((x1 + x2) / 2, labelY, label, { colour, anchor: "middle" });
}

export interface LegendItem {
  readonly label: string;
  /** Draws the sample from x to x + 24 at height y. */
  sample(x: number, y: number): string;
}

export function lineItem(label: string, colour: Colour, stroke: Stroke): LegendItem {
  return { label, sample: (x, y) => line(x, y, x + LEGEND_SAMPLE, y, colour, stroke) };
}

export function dotItem(label: string, colour: Colour, kind: "full" | "hollow", radius?: number): LegendItem {
  return { label, sample: (x, y) => dot(x + LEGEND_SAMPLE - 8, y, colour, kind, radius) };
}

export function areaItem(label: string, colour: Colour): LegendItem {
  return { label, sample: (x, y) => area(x, y - 5, LEGEND_SAMPLE, 10, colour) };
}

/** Samples and labels in a row. @param y height of the samples. */
export function legend(items: readonly LegendItem[], y: number): string {
  let x = MARGIN;
  let drawn = "";
  for (const { label, sample } of items) {
    drawn += sample(x, y) + text(x + LEGEND_SAMPLE + 6, y + 4, label, { colour: "muted" });
    x += LEGEND_SAMPLE + 6 + label.length * CHARACTER_WIDTH + LEGEND_GAP;
  }
  return drawn;
}

export interface Page {
  readonly title: string;
  readonly subtitle: string;
  /** What is to be seen, in words. */
  readonly caption: string;
  readonly legend: readonly LegendItem[];
  readonly height: number;
  readonly body: string;
}

export interface Picture {
  readonly file: string;
  readonly caption: string;
  readonly svg: string;
}

/** Where the body of a page may begin. */
export const BODY_TOP = TITLE_HEIGHT + 28;

/** The whole picture. It brings its own paper, light or dark as the reader's system is. */
export function picture(name: string, page: Page): Picture {
  const { title, subtitle, caption, height, body } = page;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escaped(title)}</title>
<desc>${escaped(caption)}</desc>
<style>${STYLE}</style>
<rect class="f-paper s-grid thin" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>
${text(MARGIN, 24, title, { weight: "bold", size: 15 })}
${text(MARGIN, 42, subtitle, { colour: "muted" })}
${legend(page.legend, TITLE_HEIGHT + 15)}
${body}
</svg>
`;
  return { file: `${name}.svg`, caption, svg };
}

function colours(shade: 0 | 1): string {
  const rules = Object.entries(PALETTE).map(([name, shades]) => {
    return `.f-${name}{fill:${shades[shade]}}.s-${name}{stroke:${shades[shade]}}`;
  });
  return `${rules.join("")}.halo{stroke:${PALETTE.paper[shade]}}`;
}

const STYLE = [
  "text{font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,'DejaVu Sans',sans-serif;font-size:12px}",
  "path{fill:none}.thin{stroke-width:1.2}.thick{stroke-width:2.4}",
  ".dashed{stroke-width:1.6;stroke-dasharray:7 4}.dotted{stroke-width:1.8;stroke-dasharray:2 3}",
  ".sheer{fill-opacity:.16}.halo{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}",
  colours(0),
  `@media(prefers-color-scheme:dark){${colours(1)}}`,
].join("");

function escaped(content: string): string {
  return content.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
