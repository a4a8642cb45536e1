import { expect, test } from "vitest";
import { actOfKey } from "../../../web/src/replay/keys.js";

const pressed = (key: string, held: Partial<Record<"shiftKey" | "ctrlKey" | "altKey" | "metaKey", true>> = {}) => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  ...held,
});

test.each([
  [" ", {}, { act: "toggle" }],
  ["ArrowLeft", {}, { act: "step", candles: -1 }],
  ["ArrowRight", { shiftKey: true }, { act: "step", candles: 10 }],
  ["Home", {}, { act: "seek", to: "first" }],
  ["End", {}, { act: "seek", to: "last" }],
  ["x", {}, undefined],
  ["ArrowRight", { ctrlKey: true }, undefined],
  ["ArrowLeft", { altKey: true }, undefined],
] as const)("%j with %j", (key, held, act) => {
  expect(actOfKey(pressed(key, held), "BODY")).toEqual(act);
});

test("fields keep their keys, and buttons the space bar", () => {
  for (const field of ["INPUT", "SELECT", "TEXTAREA"]) expect(actOfKey(pressed("ArrowLeft"), field)).toBeUndefined();
  expect(actOfKey(pressed(" "), "BUTTON")).toBeUndefined();
  expect(actOfKey(pressed("ArrowLeft"), "BUTTON")).toEqual({ act: "step", candles: -1 });
});
