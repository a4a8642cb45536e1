/** A simulated clock whose wall time can be set, as an operator or a time service does. */
import { SimulatedClock } from "../../src/sim/simulated-clock.js";

export class SettableClock extends SimulatedClock {
  /** How far the wall clock was moved, in milliseconds; the monotonic one is left alone. */
  wallShiftMs = 0;

  override now(): number {
    return super.now() + this.wallShiftMs;
  }
}
