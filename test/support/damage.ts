/** Damages single records in the files of a store that is closed. */
import { open } from "lmdb";

export type Damage = (record: Buffer) => Buffer;

/** A bit near the end of a record is not what was written. */
export const changed: Damage = (record) => {
  const at = Math.max(0, record.length - 3);
  record.writeUInt8(record.readUInt8(at) ^ 0x40, at);
  return record;
};

/** The end of a record is missing. */
export const truncated: Damage = (record) => record.subarray(0, record.length - 4);

/** Nearly all of a record is missing. */
export const stump: Damage = (record) => record.subarray(0, 2);

/** Damages one record, or with a function for a key all whose keys it names. @throws when there is nothing to damage. */
export async function damageRecords(
  folder: string,
  database: string,
  isMeant: Buffer | ((key: Buffer) => boolean),
  damage: Damage,
): Promise<void> {
  const root = open<Buffer, Buffer>({ path: folder, maxDbs: 32, encoding: "binary", keyEncoding: "binary" });
  const records = root.openDB<Buffer, Buffer>({ name: database, encoding: "binary", keyEncoding: "binary" });
  const isOne = (key: Buffer): boolean => (typeof isMeant === "function" ? isMeant(key) : key.equals(isMeant));
  const found = [...records.getRange()].filter(({ key }) => isOne(key));
  for (const { key, value } of found) records.putSync(key, damage(Buffer.from(value)));
  await root.close();
  if (found.length === 0) throw new Error(`there is nothing to damage in ${database}`);
}
