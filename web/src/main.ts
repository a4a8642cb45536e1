/** The live page: puts its parts together. */
import "./styles/base.css";
import { LiveChart } from "./chart/chart-view.js";
import { emptyPicture } from "./model/picture.js";
import { element } from "./shell/dom.js";

const chart = new LiveChart({
  host: element("chart"),
  legend: element("legend"),
  theme: "dark",
  zone: "utc",
  onHole: () => {},
  onNewest: () => {},
});
chart.show(emptyPicture("binance:futures:BTC/USDT:1m"));
