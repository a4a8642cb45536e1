/** The live page: puts its parts together. */
import "./styles/base.css";
import { createChartView } from "./chart/chart-view.js";
import { emptyPicture } from "./model/picture.js";

const host = document.querySelector<HTMLElement>("#chart");
if (host === null) throw new Error("the page has no #chart");
createChartView(host).show(emptyPicture("binance:futures:BTC/USDT:1m"));
