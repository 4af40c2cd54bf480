import { array, assert, nat, property, record, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { packLzma } from '../scripts/lib/lzma.mjs';
import { unpackLzma } from '../ts/core/lzma.js';

/** Pieces that come again: at short and long distances, one after the other and overlapping. */
const repetitive = record({
  pieces: array(uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 12 }),
  order: array(nat({ max: 11 }), { minLength: 1, maxLength: 400 }),
}).map(({ pieces, order }) => Uint8Array.from(order.flatMap((i) => [...pieces[i % pieces.length]!])));

test.each([
  ['any bytes', uint8Array({ minLength: 1, maxLength: 300 })],
  ['what repeats itself', repetitive],
])('unpacking gives back %s', (_, bytes) => {
  assert(
    property(bytes, (given) => {
      expect(unpackLzma(packLzma(given))).toEqual(given);
    }),
    { numRuns: 60 },
  );
});
