/** The pictures of docs/factor-definitions.md are what the engine makes of the recording, and say what they show. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { writeFactorPictures } from "../../scripts/factor-pictures.js";
import { penPicture } from "../../scripts/pictures/pen.js";
import { pivotPicture } from "../../scripts/pictures/pivot.js";
import { type FoldedRecording, foldRecording, utc } from "../../scripts/pictures/recording.js";
import { srPicture } from "../../scripts/pictures/sr.js";
import type { Picture } from "../../scripts/pictures/svg.js";
import { zhongshuPicture } from "../../scripts/pictures/zhongshu.js";
import type { Pen } from "../../src/factors/pen.js";
import type { Pivot } from "../../src/factors/pivot.js";
import type { DeadZone } from "../../src/factors/zhongshu.js";
import { tempFolder } from "../support/temp.js";

const PICTURES = "docs/pictures";
const PAGE = readFileSync("docs/factor-definitions.md", "utf8");
const MOST_BYTES = 60_000;

const shipped = (file: string): string => readFileSync(join(PICTURES, file), "utf8");
const numbers = (text: string): readonly number[] => (text.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number);

describe("the script", () => {
  test("draws the shipped pictures again, byte for byte, and no others are there", () => {
    const folder = tempFolder();
    const drawn = writeFactorPictures(folder);
    expect(readdirSync(PICTURES).sort()).toEqual(drawn.map(({ file }) => file).sort());
    for (const { file } of drawn) {
      expect(readFileSync(join(folder, file), "utf8") === shipped(file), `${file}: run \`npm run pictures\``).toBe(
        true,
      );
    }
    expectOnPage(drawn);
  });
});

/** The page has every picture, followed by its caption as a quotation. */
function expectOnPage(drawn: readonly Picture[]): void {
  const found = [...PAGE.matchAll(/^!\[.{20,}\]\(pictures\/(.+)\)\n\n((?:^> .*\n)+)/gm)].map(
    ([, file, quote = ""]) => ({
      file,
      caption: quote.replace(/^> /gm, "").trim().replace(/\n/g, " "),
    }),
  );
  expect(found).toEqual(drawn.map(({ file, caption }) => ({ file, caption })));
}

describe.each(readdirSync(PICTURES).map((file) => [file]))("%s", (file) => {
  const svg = shipped(file);

  test("is small, and brings its own paper for light and dark", () => {
    expect(Buffer.byteLength(svg)).toBeLessThan(MOST_BYTES);
    expect(svg).toContain("@media(prefers-color-scheme:dark)");
    expect(svg).toMatch(/<rect class="f-paper[^>]*width="959"/);
    expect(svg).toMatch(/<title>.+<\/title>\n<desc>.+<\/desc>/);
  });

  test("is well-formed", () => {
    const open: string[] = [];
    for (const [, closing, name = "", selfClosing] of svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
      if (closing) expect(open.pop()).toBe(name);
      else if (!selfClosing) open.push(name);
    }
    expect(open).toEqual([]);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("keeps its words and dots on the paper", () => {
    const [, width = 0, height = 0] = numbers(/viewBox="0 (.+?)"/.exec(svg)?.[1] ?? "");
    expect(width).toBe(960);
    for (const [element, x, y, rest = "", words = ""] of svg.matchAll(/<text [^>]*?x="(.+?)" y="(.+?)"(.*?)>(.*?)</g)) {
      const size = Number(/font-size="(\d+)"/.exec(rest)?.[1] ?? 12);
      const length = words.length * size * 0.55;
      const share = rest.includes('"end"') ? 1 : rest.includes('"middle"') ? 0.5 : 0;
      const left = Number(x) - length * share;
      expect(left, element).toBeGreaterThanOrEqual(0);
      expect(left + length, element).toBeLessThanOrEqual(width);
      expect(Number(y), element).toBeGreaterThan(0);
      expect(Number(y), element).toBeLessThan(height);
    }
    for (const [element, x, y] of svg.matchAll(/<circle [^>]*cx="(.+?)" cy="(.+?)"/g)) {
      expect(Number(x) > 0 && Number(x) < width && Number(y) > 0 && Number(y) < height, element).toBe(true);
    }
  });
});

describe("what the pictures show", () => {
  /** The last candle of any picture drawn here: nothing later is folded. */
  const NOW = utc("2025-05-22T02:20");
  let recording: FoldedRecording;
  beforeAll(() => {
    recording = foldRecording(NOW);
  });

  test("does not depend on any later candle", () => {
    for (const draw of [pivotPicture, penPicture, zhongshuPicture, srPicture]) {
      const { file, svg } = draw(recording);
      expect(svg === shipped(file), file).toBe(true);
    }
  });

  test("major pivots: 50 candles lower on the left, none higher on the right, and known with the last of them", () => {
    const at = recording.indexOf(utc("2025-05-21T16:44"));
    const highs = recording.candles.slice(at - 50, at + 51).map(({ high }) => high);
    expect(Math.max(...highs.slice(0, 50))).toBeLessThan(2_614.99);
    expect(Math.max(...highs.slice(51))).toBeLessThanOrEqual(2_614.99);
    expect(highs[50]).toBe(2_614.99);
    const visible = utc("2025-05-21T17:34");
    expect(recording.known<Pivot>("pivot.major", visible, visible)).toMatchObject([{ pivot_price: 2_614.99 }]);
  });

  test("a zhongshu: the overlap of its three pens, until a pen is confirmed outside", () => {
    const death = utc("2025-05-12T19:39");
    const [zone] = recording.known<DeadZone>("zhongshu.dead", death, death);
    const pens = recording
      .known<Pen>("pen.confirmed", utc("2025-05-12T06:00"), death)
      .filter(({ start_time }) => start_time >= (zone?.start_time ?? 0));
    const low = ({ start_price, end_price }: Pen) => Math.min(start_price, end_price);
    const high = ({ start_price, end_price }: Pen) => Math.max(start_price, end_price);
    expect(zone).toMatchObject({
      zd: Math.max(...pens.slice(1, 4).map(low)),
      zg: Math.min(...pens.slice(1, 4).map(high)),
      formed_time: pens[3]?.visible_time,
    });
    const inside = pens.map((pen) => high(pen) >= (zone?.zd ?? 0) && low(pen) <= (zone?.zg ?? 0));
    expect(inside).toEqual([true, true, true, true, true, true, false]);
  });

  test("a candle that was not folded is refused by its time", () => {
    expect(() => recording.at(NOW + 60)).toThrow(`no candle was folded at ${NOW + 60} s`);
  });
});
