// Ops as the TypeScript half knows them: a number and how its options are laid out.
import { WasmgradError, describe } from './errors.js';

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

/** How many words an op's options take at most. */
export function optionWords(op: Op, options: readonly unknown[]): number {
  let count = op.kinds.length;
  for (const option of options) if (Array.isArray(option)) count += option.length;
  return count;
}

const bits = new Float32Array(1);
const bitsAsWord = new Uint32Array(bits.buffer);

/**
 * Writes an op's options as words from `at` on, and gives the place after the last.
 * @throws if an integer is none, or a list is none.
 */
export function writeOptions(op: Op, options: readonly unknown[], words: Uint32Array, at: number): number {
  for (let i = 0; i < op.kinds.length; i++) {
    const option = options[i];
    switch (op.kinds[i]) {
      case 'f':
        if (typeof option !== 'number') {
          throw new WasmgradError(`${op.name}: expected a number, got ${describe(option)}`);
        }
        bits[0] = option;
        words[at++] = bitsAsWord[0]!;
        break;
      case 'i':
        words[at++] = whole(op, option);
        break;
      case 'n':
        if (!Array.isArray(option)) {
          throw new WasmgradError(
            `${op.name}: expected a list of whole numbers such as [2, 3], got ${describe(option)}`,
          );
        }
        words[at++] = option.length;
        for (const item of option) words[at++] = whole(op, item);
        break;
      case 'd':
        words[at++] = DTYPES.indexOf(option as DataType);
        break;
      default:
        if (typeof option !== 'boolean') {
          throw new WasmgradError(`${op.name}: expected true or false, got ${describe(option)}`);
        }
        words[at++] = Number(option);
    }
  }
  return at;
}

function whole(op: Op, option: unknown): number {
  if (Number.isInteger(option) && (option as number) >= -(2 ** 31) && (option as number) < 2 ** 31)
    return option as number;
  throw new WasmgradError(`${op.name}: expected a whole number below 2^31, got ${describe(option)}`);
}
