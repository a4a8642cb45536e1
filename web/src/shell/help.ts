/** What the keys do, and whose chart it is. */
import { element, make } from "./dom.js";

const KEYS = [
  ["/", "choose a series"],
  ["1 … 6", "timeframe: 1m, 5m, 15m, 1h, 4h, 1d"],
  ["f", "what is drawn"],
  ["r", "replay"],
  ["p", "runtime"],
  ["End", "go to the newest candle"],
  ["Space, ← →", "in replay: play, and one candle back or on"],
  ["t", "dark or light"],
  ["?", "this help"],
] as const;

const SIGNS = [
  ["forming", "A candle with a pale body is still forming."],
  ["hole", "A hatched band is a hole: candles that are missing. Point at it to see what the gap ledger says."],
  ["dashed", "Dashed legs are live and may still change; solid ones are confirmed."],
] as const;

export function openHelp(): void {
  const dialog = element<HTMLDialogElement>("help");
  const keys = KEYS.flatMap(([key, does]) => [
    make(
      "dt",
      {},
      key.split(", ").map((one) => make("kbd", { text: one })),
    ),
    make("dd", { text: does }),
  ]);
  const makers = make("a", {
    href: "https://www.tradingview.com/",
    rel: "noreferrer",
    target: "_blank",
    text: "TradingView",
  });
  dialog.replaceChildren(
    closeButton(dialog),
    make("h2", { text: "Keys" }),
    make("dl", { class: "keys" }, keys),
    make("h2", { text: "Signs" }),
    make(
      "ul",
      { class: "signs" },
      SIGNS.map(([name, text]) => make("li", { "data-sign": name, text })),
    ),
    make("p", { class: "hint" }, [
      document.createTextNode("Charts are drawn with Lightweight Charts™ by "),
      makers,
      document.createTextNode("."),
    ]),
  );
  dialog.showModal();
}

/** A button at the corner of a dialog. */
export function closeButton(dialog: HTMLDialogElement): HTMLButtonElement {
  const button = make("button", { type: "button", class: "close", "aria-label": "Close", text: "✕" });
  button.addEventListener("click", () => dialog.close());
  return button;
}
