/** Columns of numbers in as little room as gives them back exactly: what rests for an hour need not be at hand. */

type NumberArray = Uint8ArrayConstructor | Int16ArrayConstructor | Int32ArrayConstructor | Float64ArrayConstructor;

/** How numbers are held: as the integers that they are when multiplied by `scale`, or as they are. */
interface Form {
  readonly array: NumberArray;
  readonly scale: number;
}

/** Most prices have a few decimals. */
const SCALES = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];
const AS_THEY_ARE: Form = { array: Float64Array, scale: 1 };

/** Narrowest first. */
const FORMS: readonly Form[] = [
  { array: Uint8Array, scale: 1 },
  { array: Int16Array, scale: 1 },
  ...SCALES.map((scale) => ({ array: Int32Array, scale })),
  AS_THEY_ARE,
];

export class PackedColumns {
  readonly #buffer: ArrayBuffer;
  readonly #forms: readonly Form[];

  /** @param columns of the same length. */
  constructor(columns: readonly ArrayLike<number>[]) {
    this.#forms = columns.map((column) => FORMS.find((form) => isExact(form, column)) ?? AS_THEY_ARE);
    this.#buffer = new ArrayBuffer((columns[0]?.length ?? 0) * bytesPerRow(this.#forms));
    for (const [nth, packed] of this.#columns().entries()) {
      const form = this.#forms[nth] as Form;
      packed.set(Float64Array.from(columns[nth] as ArrayLike<number>, (number) => encoded(form, number)));
    }
  }

  unpack(): readonly Float64Array[] {
    return this.#columns().map((packed, nth) => {
      const { scale } = this.#forms[nth] as Form;
      return Float64Array.from(packed, (number) => number / scale);
    });
  }

  #columns(): readonly InstanceType<NumberArray>[] {
    const rows = this.#buffer.byteLength / bytesPerRow(this.#forms);
    const columns: InstanceType<NumberArray>[] = [];
    let offset = 0;
    // Widest first, one after the other: each then begins where its elements may.
    for (const form of FORMS.toReversed()) {
      for (const [nth, its] of this.#forms.entries()) {
        if (its !== form) continue;
        columns[nth] = new form.array(this.#buffer, offset, rows);
        offset += rows * form.array.BYTES_PER_ELEMENT;
      }
    }
    return columns;
  }
}

function encoded(form: Form, number: number): number {
  return form === AS_THEY_ARE ? number : Math.round(number * form.scale);
}

function bytesPerRow(forms: readonly Form[]): number {
  return forms.reduce((sum, { array }) => sum + array.BYTES_PER_ELEMENT, 0);
}

/** Whether every number is given back as it is, to the last bit. */
function isExact(form: Form, column: ArrayLike<number>): boolean {
  const one = new form.array(1);
  for (let at = 0; at < column.length; at += 1) {
    one[0] = encoded(form, column[at] as number);
    if (!Object.is((one[0] as number) / form.scale, column[at])) return false;
  }
  return true;
}
