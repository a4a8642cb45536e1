/** The rows of a ledger over a range of time. */
import { linesOf } from "../../ledger/rows.js";
import type { SeriesId } from "../../market/series-id.js";
import type { LedgerName } from "../../storage/keys.js";
import type { StoreReader } from "../../storage/store.js";

/** Rows of [fromS, toS], both in seconds, in the order of the ledger. @throws LedgerDamage */
export function rowsBetween<Row extends { readonly time: number }>(
  store: StoreReader,
  id: SeriesId,
  ledger: LedgerName,
  range: { readonly fromS: number; readonly toS: number },
  parse: (line: string) => Row,
): readonly Row[] {
  const { fromS, toS } = range;
  const blocks = { fromS: store.ledgerBlockTime(id.text, ledger, fromS) ?? 0, toS };
  const found: Row[] = [];
  for (const { rows } of store.ledgerRows(id.text, ledger, blocks)) {
    for (const line of linesOf(rows)) {
      const row = parse(line);
      if (row.time >= fromS && row.time <= toS) found.push(row);
    }
  }
  return found;
}
