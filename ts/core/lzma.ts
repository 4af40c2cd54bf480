// Unpacks LZMA: a module is a quarter smaller in it than in gzip, which browsers could unpack by themselves.
// The format: https://github.com/jljusten/LZMA-SDK/blob/master/DOC/lzma-specification.txt

/** Where the probabilities of each kind of decision begin; those that depend on the place have 4 for each state. */
const IS_COPY = 0;
const IS_LONG = 48;
const IS_REPEATED = 96;
const IS_NOT_FIRST = 108;
const IS_NOT_SECOND = 120;
const IS_NOT_THIRD = 132;
const LENGTH = 144;
const REPEATED_LENGTH = 466;
const SLOT = 788;
const DISTANCE = 1044;
const LOW_BITS = 1159;
const LITERAL = 1175;
/** For each of the 8 values of the three upper bits of the byte before. */
const LITERALS = 8 * 0x300;

/** Places in the state of the range coder. */
const [RANGE, CODE] = [0, 1];

/** Bytes of a file with the usual properties (lc = 3, lp = 0, pb = 2), and its length in the header -> bytes. */
export function unpackLzma(packed: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = new DataView(packed.buffer, packed.byteOffset);
  const out = new Uint8Array(header.getUint32(5, true));
  const probabilities = new Uint16Array(LITERAL + LITERALS).fill(1024);
  // In an array, since numbers of 32 bits in variables that functions share are objects, made anew for each change.
  const coder = Uint32Array.of(0xffffffff, header.getUint32(14));
  let next = 18;

  function refill(): void {
    if (coder[RANGE]! >= 1 << 24) return;
    coder[RANGE]! <<= 8;
    coder[CODE] = (coder[CODE]! << 8) | packed[next++]!;
  }
  function bit(which: number): number {
    const probability = probabilities[which]!;
    const bound = (coder[RANGE]! >>> 11) * probability;
    const one = coder[CODE]! >= bound;
    if (one) {
      coder[RANGE]! -= bound;
      coder[CODE]! -= bound;
      probabilities[which] = probability - (probability >> 5);
    } else {
      coder[RANGE] = bound;
      probabilities[which] = probability + ((2048 - probability) >> 5);
    }
    refill();
    return Number(one);
  }
  /** A number of so many bits, the highest first, each with a probability for all that came before. */
  function number(from: number, bits: number): number {
    let node = 1;
    for (let i = 0; i < bits; i++) node = 2 * node + bit(from + node);
    return node - (1 << bits);
  }
  /** As `number`, the lowest bit first. */
  function reversed(from: number, bits: number): number {
    let [node, value] = [1, 0];
    for (let i = 0; i < bits; i++) {
      const one = bit(from + node);
      node = 2 * node + one;
      value |= one << i;
    }
    return value;
  }
  /** A number of so many bits that are as likely 0 as 1. */
  function even(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      coder[RANGE]! >>>= 1;
      const one = coder[CODE]! >= coder[RANGE]!;
      if (one) coder[CODE]! -= coder[RANGE]!;
      value = 2 * value + Number(one);
      refill();
    }
    return value;
  }
  /** How many bytes more than 2 are copied. */
  function length(from: number, place: number): number {
    if (bit(from) === 0) return number(from + 2 + 8 * place, 3);
    if (bit(from + 1) === 0) return 8 + number(from + 34 + 8 * place, 3);
    return 16 + number(from + 66, 8);
  }
  /** How many bytes more than 1 a copy's source lies back. */
  function distance(length: number): number {
    const slot = number(SLOT + 64 * Math.min(length, 3), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const upper = (2 | (slot & 1)) << bits;
    if (slot < 14) return upper + reversed(DISTANCE + upper - slot, bits);
    return upper + 16 * even(bits - 4) + reversed(LOW_BITS, 4);
  }
  /** The next byte, where the one at which a copy would go on is known not to fit. */
  function literal(before: number, unfit: number | undefined): number {
    const from = LITERAL + 0x300 * (before >> 5);
    let node = 1;
    let fits = unfit !== undefined;
    for (let i = 7; fits && i >= 0; i--) {
      const expected = (unfit! >> i) & 1;
      const one = bit(from + 0x100 * (1 + expected) + node);
      node = 2 * node + one;
      fits = one === expected;
    }
    while (node < 0x100) node = 2 * node + bit(from + node);
    return node;
  }

  /** What came last: below 7 a literal, else a copy. */
  let state = 0;
  /** The last distances, the newest first. */
  let [first, second, third, fourth] = [0, 0, 0, 0];
  for (let at = 0; at < out.length;) {
    const place = at & 3;
    if (bit(IS_COPY + 4 * state + place) === 0) {
      out[at] = literal(out[at - 1] ?? 0, state < 7 ? undefined : out[at - first - 1]);
      state = state < 4 ? 0 : state - (state < 10 ? 3 : 6);
      at++;
      continue;
    }
    let count = 1;
    if (bit(IS_REPEATED + state) === 0) {
      count = 2 + length(LENGTH, place);
      [first, second, third, fourth] = [distance(count - 2), first, second, third];
      state = state < 7 ? 7 : 10;
    } else {
      let isLong = true;
      if (bit(IS_NOT_FIRST + state) === 0) isLong = bit(IS_LONG + 4 * state + place) === 1;
      else if (bit(IS_NOT_SECOND + state) === 0) [first, second] = [second, first];
      else if (bit(IS_NOT_THIRD + state) === 0) [first, second, third] = [third, first, second];
      else [first, second, third, fourth] = [fourth, first, second, third];
      if (isLong) count = 2 + length(REPEATED_LENGTH, place);
      state = state < 7 ? (isLong ? 8 : 9) : 11;
    }
    for (const end = at + count; at < end; at++) out[at] = out[at - first - 1]!;
  }
  return out;
}
