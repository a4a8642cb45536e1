/**
 * `npm run pictures`: draws the pictures of docs/factor-definitions.md into docs/pictures, from recorded candles and the
 * daemon's own engine. The same code draws the same bytes on every machine.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { anchorPicture } from "./pictures/anchor.js";
import { penPicture } from "./pictures/pen.js";
import { pivotPicture } from "./pictures/pivot.js";
import { foldRecording, utc } from "./pictures/recording.js";
import { srPicture } from "./pictures/sr.js";
import type { Picture } from "./pictures/svg.js";
import { zhongshuPicture } from "./pictures/zhongshu.js";
import { zhongshuTimesPicture } from "./pictures/zhongshu-times.js";

/** No picture shows anything later. */
const LAST_CANDLE = utc("2025-05-22T10:00");

/** All pictures, in the order in which the page shows them. */
export function factorPictures(): readonly Picture[] {
  const recording = foldRecording(LAST_CANDLE);
  return [pivotPicture, penPicture, zhongshuPicture, zhongshuTimesPicture, anchorPicture, srPicture].map((draw) =>
    draw(recording),
  );
}

/** Draws all pictures into a folder. */
export function writeFactorPictures(folder: string): readonly Picture[] {
  mkdirSync(folder, { recursive: true });
  const pictures = factorPictures();
  for (const { file, svg } of pictures) writeFileSync(join(folder, file), svg);
  return pictures;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = fileURLToPath(new URL("../docs/pictures/", import.meta.url));
  console.log(
    writeFactorPictures(folder)
      .map(({ file, caption }) => `${file}: ${caption}`)
      .join("\n"),
  );
}
