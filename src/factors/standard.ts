/** The factors that every series has. A new factor is added here. */
import { anchorFactor } from "./anchor.js";
import type { AnyFactor } from "./definition.js";
import { penFactor } from "./pen.js";
import { pivotFactor } from "./pivot.js";
import { srFactor } from "./sr.js";
import { zhongshuFactor } from "./zhongshu.js";

export const STANDARD_FACTORS: readonly AnyFactor[] = [pivotFactor, penFactor, zhongshuFactor, anchorFactor, srFactor];
