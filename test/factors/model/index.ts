/** The reference model of the factor ledger: the slow, plain reading of the rules that the engine is compared with. */
export {
  type AnchorState,
  type AnchorTick,
  anchorHead,
  anchorTick,
  heal,
  isPicked,
  isSwitch,
  type RefLike,
  type SwitchRow,
  strengthOf,
} from "./anchor.js";
export { deadEvent, majorEvent, minorEvent, penEvent, srEvent, switchEvent } from "./events.js";
export { fixed8 } from "./fixed-decimal.js";
export { type ModelHeads, type ModelLedger, type ModelView, modelLedger } from "./ledger.js";
export { acceptPivot, confirmPens, type PenStep, penStep, preview, trailing } from "./pen.js";
export { majorPivots, minorPivots } from "./pivot.js";
export { type ModelSlice, modelSlices } from "./slices.js";
export { srEventKey, srSnapshot } from "./sr.js";
export type * from "./types.js";
export {
  aliveZone,
  type LivingZone,
  NO_ZHONGSHU,
  type PendingZone,
  type ZhongshuState,
  type ZhongshuStep,
  zhongshuCandle,
  zhongshuPen,
} from "./zhongshu.js";
