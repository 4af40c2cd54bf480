// Ops as the TypeScript half knows them: a number and how its options are laid out.

export const DTYPES = ['float32', 'int32', 'bool'] as const;
/** What a tensor's elements are; the place in the list is the number at the seam. */
export type DataType = (typeof DTYPES)[number];

/** An op; `Options` are its options in their order. */
export interface Op<Options extends readonly unknown[] = readonly unknown[]> {
  readonly id: number;
  readonly name: string;
  /** A letter for each option: i int, f float, b bool, n list of ints, d dtype. */
  readonly kinds: string;
  /** Only carries the type. */
  readonly options?: Options;
}

export function op<Options extends readonly unknown[]>(id: number, name: string, kinds: string): Op<Options> {
  return { id, name, kinds };
}

const bits = new Float32Array(1);
const bitsAsWord = new Uint32Array(bits.buffer);

/** Writes options as words from `at` on, and gives the place after the last. */
export function writeOptions(kinds: string, options: readonly unknown[], words: Uint32Array, at: number): number {
  for (let i = 0; i < kinds.length; i++) {
    const option = options[i];
    switch (kinds[i]) {
      case 'f':
        bits[0] = option as number;
        words[at++] = bitsAsWord[0]!;
        break;
      case 'n':
        words[at++] = (option as number[]).length;
        for (const item of option as number[]) words[at++] = item;
        break;
      case 'd':
        words[at++] = DTYPES.indexOf(option as DataType);
        break;
      default:
        words[at++] = Number(option);
    }
  }
  return at;
}
