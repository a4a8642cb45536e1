/** What keys do in a replay. Pure. */

export type ReplayAct =
  | { readonly act: "toggle" }
  | { readonly act: "step"; readonly candles: number }
  | { readonly act: "seek"; readonly to: "first" | "last" };

/** Candles that an arrow goes with Shift held. */
const FAR = 10;

export interface PressedKey {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** @param on the name of the element that has the focus, in capitals; fields keep their keys, and buttons the space bar. */
export function actOfKey({ key, shiftKey, ctrlKey, altKey, metaKey }: PressedKey, on: string): ReplayAct | undefined {
  if (ctrlKey || altKey || metaKey || on === "INPUT" || on === "SELECT" || on === "TEXTAREA") return undefined;
  const candles = shiftKey ? FAR : 1;
  switch (key) {
    case " ":
      return on === "BUTTON" ? undefined : { act: "toggle" };
    case "ArrowLeft":
      return { act: "step", candles: -candles };
    case "ArrowRight":
      return { act: "step", candles };
    case "Home":
      return { act: "seek", to: "first" };
    case "End":
      return { act: "seek", to: "last" };
    default:
      return undefined;
  }
}
