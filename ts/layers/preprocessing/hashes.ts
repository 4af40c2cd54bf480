// The hashes by which Keras puts texts into buckets: FarmHash's Fingerprint64, and SipHash-2-4 with a key.

const word = (x: bigint) => BigInt.asUintN(64, x);
const times = (x: bigint, y: bigint) => word(x * y);
/** To the right. */
const rotate = (x: bigint, by: bigint) => word((x >> by) | (x << (64n - by)));
const mix = (x: bigint) => x ^ (x >> 47n);

const [K0, K1, K2] = [0xc3a5c85c97cb3127n, 0xb492b66fbe98f273n, 0x9ae16a3b2f90404fn];

/** (u, v) as one word. */
function join(u: bigint, v: bigint, by: bigint): bigint {
  const a = mix(times(u ^ v, by));
  return times(mix(times(v ^ a, by)), by);
}

/** FarmHash (https://github.com/google/farmhash), `Fingerprint64`: the same number on every machine. */
export function farmHash(bytes: Uint8Array): bigint {
  const n = bytes.length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, n);
  const at = (offset: number) => view.getBigUint64(offset, true);
  const half = (offset: number) => BigInt(view.getUint32(offset, true));
  const by = word(K2 + 2n * BigInt(n));
  if (n === 0) return K2;
  if (n < 4) {
    const [first, middle, last] = [bytes[0]!, bytes[n >> 1]!, bytes[n - 1]!];
    const [y, z] = [BigInt(first + (middle << 8)), BigInt(n + (last << 2))];
    return times(mix(times(y, K2) ^ times(z, K0)), K2);
  }
  if (n < 8) return join(BigInt(n) + (half(0) << 3n), half(n - 4), by);
  if (n <= 16) {
    const [a, b] = [word(at(0) + K2), at(n - 8)];
    return join(word(times(rotate(b, 37n), by) + a), times(word(rotate(a, 25n) + b), by), by);
  }
  if (n > 64) return farmHashLong(n, at);
  const [a, b] = [times(at(0), n <= 32 ? K1 : K2), at(8)];
  const [c, d] = [times(at(n - 8), by), times(at(n - 16), K2)];
  const y = word(rotate(word(a + b), 43n) + rotate(c, 30n) + d);
  const z = join(y, word(a + rotate(word(b + K2), 18n) + c), by);
  if (n <= 32) return z;
  const [e, f] = [times(at(16), by), at(24)];
  const [g, h] = [times(word(y + at(n - 32)), by), times(word(z + at(n - 24)), by)];
  const left = word(rotate(word(e + f), 43n) + rotate(g, 30n) + h);
  return join(left, word(e + rotate(word(f + a), 18n) + g), by);
}

/** More than 64 bytes: 64 at a time, then the last 64. */
function farmHashLong(n: number, at: (offset: number) => bigint): bigint {
  let [x, y] = [word(81n * K2 + at(0)), word(81n * K1 + 113n)];
  let z = times(mix(word(times(y, K2) + 113n)), K2);
  let [v, v2, w, w2] = [0n, 0n, 0n, 0n];
  const weak = (offset: number, a: bigint, b: bigint): [bigint, bigint] => {
    const [first, last] = [word(a + at(offset)), at(offset + 24)];
    const sum = first + at(offset + 8) + at(offset + 16);
    return [word(sum + last), word(rotate(word(b + first + last), 21n) + rotate(word(sum), 44n) + first)];
  };
  const round = (offset: number, by: bigint, weight: bigint) => {
    x = times(rotate(word(x + y + v + at(offset + 8)), 37n), by);
    y = times(rotate(word(y + v2 + at(offset + 48)), 42n), by);
    x ^= times(w2, weight);
    y = word(y + v * weight + at(offset + 40));
    z = times(rotate(word(z + w), 33n), by);
    [v, v2] = weak(offset, times(v2, by), word(x + w));
    [w, w2] = weak(offset + 32, word(z + w2), word(y + at(offset + 16)));
    [z, x] = [x, z];
  };
  const end = Math.floor((n - 1) / 64) * 64;
  for (let offset = 0; offset < end; offset += 64) round(offset, K1, 1n);
  const by = word(K1 + ((z & 0xffn) << 1n));
  w = word(w + BigInt((n - 1) & 63));
  v = word(v + w);
  w = word(w + v);
  round(n - 64, by, 9n);
  return join(word(join(v, w, by) + times(mix(y), K0) + z), word(join(v2, w2, by) + x), by);
}

/** SipHash-2-4 (https://www.131002.net/siphash/siphash.pdf) with a key of two words. */
export function sipHash(bytes: Uint8Array, [k0, k1]: readonly [bigint, bigint]): bigint {
  let [a, b] = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn];
  let [c, d] = [k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n];
  const rounds = (count: number) => {
    for (let i = 0; i < count; i++) {
      [a, c] = [word(a + b), word(c + d)];
      [b, d] = [rotate(b, 51n) ^ a, rotate(d, 48n) ^ c];
      a = rotate(a, 32n);
      [c, a] = [word(c + b), word(a + d)];
      [b, d] = [rotate(b, 47n) ^ c, rotate(d, 43n) ^ a];
      c = rotate(c, 32n);
    }
  };
  // The last word ends with the length.
  const padded = new Uint8Array(8 * (Math.floor(bytes.length / 8) + 1));
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length;
  const view = new DataView(padded.buffer);
  for (let offset = 0; offset < padded.length; offset += 8) {
    const m = view.getBigUint64(offset, true);
    d ^= m;
    rounds(2);
    a ^= m;
  }
  c ^= 0xffn;
  rounds(4);
  return a ^ b ^ c ^ d;
}

/** Two numbers that a hash depends on; one stands for both. */
export type Salt = number | readonly [number, number];

/** The bucket of a text, from 0 to `buckets` - 1. */
export function bucketOf(text: string, buckets: number, salt?: Salt): number {
  const bytes = new TextEncoder().encode(text);
  const [k0, k1] = (typeof salt === 'number' ? [salt, salt] : (salt ?? [0, 0])).map(BigInt) as [bigint, bigint];
  return Number((salt === undefined ? farmHash(bytes) : sipHash(bytes, [k0, k1])) % BigInt(buckets));
}
