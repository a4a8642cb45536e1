/** The live page: puts its parts together. */
import "./styles/base.css";
import "./styles/topbar.css";
import "./styles/chart.css";
import "./styles/strip.css";
import "./styles/dialogs.css";
import { TradeCanvasClient } from "../../src/client/client.js";
import { ClientError } from "../../src/client/errors.js";
import { parseSeriesId } from "../../src/market/series-id.js";
import type { Zone } from "./chart/axis-time.js";
import { LiveChart } from "./chart/chart-view.js";
import { HoleNote } from "./chart/hole-note.js";
import type { Theme } from "./chart/palette.js";
import { FactorSwitches } from "./factors/factor-switches.js";
import { readUntilDone } from "./live/series-reader.js";
import { LiveView } from "./live/shown-series.js";
import { StateStrip } from "./live/state-strip.js";
import { readLocation, type Shown, writeLocation } from "./location.js";
import { Picker } from "./picker/picker.js";
import { nthTimeframe, Timeframes } from "./picker/timeframes.js";
import { element, setText } from "./shell/dom.js";
import { openHelp } from "./shell/help.js";
import { listenToKeys } from "./shell/keys.js";
import { Panels } from "./shell/panels.js";
import { keepPreferences, readPreferences } from "./shell/preferences.js";
import { applyTheme, otherTheme, systemTheme } from "./shell/theme.js";
import { askForToken, readToken } from "./shell/token.js";

const FIRST_SERIES = "binance:futures:BTC/USDT:1m";

const preferences = readPreferences();
let shown: Shown = readLocation(location.search, preferences.series ?? FIRST_SERIES);
let theme = preferences.theme ?? systemTheme();
let zone: Zone = preferences.zone;

const client = new TradeCanvasClient({ url: location.origin, token: readToken() });
const holeNote = new HoleNote(element("hole-note"));
const newest = element("newest-button");
const chart = new LiveChart({
  host: element("chart"),
  legend: element("legend"),
  theme,
  zone,
  onHole: (hole, x) => holeNote.show(hole, x),
  onNewest: (visible) => {
    newest.hidden = visible;
  },
  onOldest: () => view.readOlder(),
});
const strip = new StateStrip(client, element("strip"), element("notice"));
const view = new LiveView({ client, chart, strip, failed }, shown.series);
const timeframes = new Timeframes(element("timeframes"), (timeframe) => {
  view.change(`${view.current.slice(0, view.current.lastIndexOf(":") + 1)}${timeframe}`);
});
const picker = new Picker({
  client,
  dialog: element<HTMLDialogElement>("picker"),
  current: () => view.current,
  chosen: (series) => view.change(series),
});
const factors = new FactorSwitches({
  dialog: element<HTMLDialogElement>("factors"),
  button: element("factors-button"),
  choice: shown.features ?? preferences.features,
  changed: (features, hidden) => {
    chart.hide(hidden);
    keepPreferences({ features });
    remember({ features });
  },
});
const panels = new Panels({ client, chart, series: view, live: view }, (panel) => remember({ panel }));

/** Keeps in the address what is shown. */
function remember(changed: Partial<Shown>): void {
  shown = { ...shown, ...changed };
  history.replaceState(null, "", writeLocation(shown));
}

function showSeries(series: string): void {
  const { symbol, market, timeframe } = parseSeriesId(series);
  const button = element("series-button");
  for (const [part, text] of Object.entries({ symbol, market })) {
    const target = button.querySelector(`.series-${part}`);
    if (target !== null) setText(target, text);
  }
  button.setAttribute("aria-label", `${symbol}, ${market}: choose another series`);
  element("chart").setAttribute("aria-label", `Candles of ${symbol}, ${market}, ${timeframe}`);
  document.title = `${symbol} ${timeframe} · trade-canvas`;
  timeframes.show(series);
  keepPreferences({ series });
  remember({ series });
}

/** An error that trying again does not mend: a token is asked for, everything else is said. */
function failed(error: unknown): void {
  if (!(error instanceof ClientError)) throw error;
  if (error.status === 401) askForToken(error.message);
  else strip.failed(error.message);
}

function switchTheme(): void {
  showTheme(otherTheme(theme));
  keepPreferences({ theme });
}

function showTheme(other: Theme): void {
  theme = other;
  applyTheme(theme);
  chart.setTheme(theme);
}

function switchZone(): void {
  zone = zone === "utc" ? "local" : "utc";
  keepPreferences({ zone });
  chart.setZone(zone);
  showZone();
}

function showZone(): void {
  setText(element("zone-button"), zone === "utc" ? "UTC" : "Local");
}

function toNthTimeframe(n: number): void {
  const series = nthTimeframe(view.current, n);
  if (series !== undefined) view.change(series);
}

/** The first question that is asked of the daemon, beside those for the series: without an answer everything is seen. */
async function readCatalog(): Promise<void> {
  const { signal } = new AbortController();
  const catalog = await readUntilDone(
    () => client.factorCatalog(),
    signal,
    () => {},
  );
  if (catalog !== undefined) factors.use(catalog);
}

element("series-button").addEventListener("click", () => picker.open());
element("factors-button").addEventListener("click", () => factors.open());
element("help-button").addEventListener("click", openHelp);
element("theme-button").addEventListener("click", switchTheme);
element("zone-button").addEventListener("click", switchZone);
newest.addEventListener("click", () => chart.scrollToNewest());
listenToKeys({
  "/": () => picker.open(),
  "?": openHelp,
  f: () => factors.open(),
  p: () => panels.toggle("runtime"),
  r: () => panels.toggle("replay"),
  t: switchTheme,
  End: () => chart.scrollToNewest(),
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [String(n), () => toNthTimeframe(n)])),
});

matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => {
  if (readPreferences().theme === null && systemTheme() !== theme) showTheme(systemTheme());
});

applyTheme(theme);
showZone();
showSeries(view.current);
view.onChange(showSeries);
view.begin();
readCatalog().catch(failed);
panels.show(shown.panel);
