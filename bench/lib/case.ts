/** What a benchmark is: a name, what it measures, and figures with their units in their names. */

export type Figures = Readonly<Record<string, number | Readonly<Record<string, number>>>>;

export interface BenchmarkCase {
  readonly name: string;
  readonly measures: string;
  /** What this machine lacks for it, in words; undefined, or left out: nothing. */
  readonly missing?: () => string | undefined;
  run(): Promise<Figures>;
}
