import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { partStreams } from '../scripts/lib/streams.mjs';
import { joinStreams } from '../ts/core/streams.js';

test.each(['strict', 'relaxed'])('the %s module comes out of its streams as it was', (variant) => {
  const module = readFileSync(new URL(`../build/${variant}.wasm`, import.meta.url));
  const parted = partStreams(module);
  expect(Buffer.from(joinStreams(parted)).equals(module)).toBe(true);
  // A tenth of a module are numbers of locals, which a walk that lost its way would not find.
  const locals = parted.readUInt32LE(4);
  expect(locals).toBeGreaterThan(module.length / 10);
});
