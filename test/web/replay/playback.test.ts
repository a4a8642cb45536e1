import { expect, test } from "vitest";
import { atSpeed, beginning, played, SPEEDS, sought, toggled } from "../../../web/src/replay/playback.js";

test("it begins in the middle and stands still", () => {
  expect(beginning(500)).toMatchObject({ index: 249, playing: false });
  expect(beginning(1)).toMatchObject({ index: 0 });
  expect(played(beginning(500), 10_000)).toEqual(beginning(500));
});

test.each(SPEEDS)("at %i candles a second it shows that many, whatever the frames", (speed) => {
  let playback = toggled(sought(atSpeed(beginning(1_000), speed), 0));
  for (let frame = 0; frame < 600; frame += 1) playback = played(playback, 1_000 / 60);
  expect(Math.abs(playback.index - speed * 10)).toBeLessThanOrEqual(1);
});

test("it stands still at the last candle, and plays from the first after that", () => {
  const end = played(toggled(beginning(10)), 60_000);
  expect(end).toMatchObject({ index: 9, playing: false, part: 0 });
  expect(toggled(end)).toMatchObject({ index: 0, playing: true });
  expect(toggled(beginning(1))).toMatchObject({ index: 0, playing: false });
});

test("it is sought within the package", () => {
  const playing = toggled(beginning(10));
  expect(sought(playing, -3)).toMatchObject({ index: 0, playing: true });
  expect(sought(playing, 4.4)).toMatchObject({ index: 4, playing: true });
  expect(sought(playing, 99)).toMatchObject({ index: 9, playing: false });
});
