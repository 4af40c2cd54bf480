// Out of memory: the message names the lines that hold most, nothing is changed, and the library goes on.
import { setFlagsFromString } from 'node:v8';
import { describe, expect, test } from 'vitest';
import * as wg from '../../ts/index.js';
import { makeModel, meetUnharmed, messageOf, x, y } from './twins.js';

const MEGABYTE = 2 ** 20;

/** Calls `f` while the WASM memory has room for a few more megabytes only. */
async function withoutRoom<T>(f: () => T | Promise<T>): Promise<T> {
  const used = Math.ceil(wg.memory().numBytes / 65536);
  setFlagsFromString(`--wasm-max-mem-pages=${used + 256}`);
  try {
    return await f();
  } finally {
    setFlagsFromString('--wasm-max-mem-pages=65536');
  }
}

/** Tensors until there is no room, and what the last one says. */
async function fill(): Promise<string> {
  const held: wg.Tensor[] = [];
  try {
    return await messageOf(() => {
      for (;;) held.push(wg.zeros([MEGABYTE]));
    });
  } finally {
    wg.dispose(held);
  }
}

describe('out of memory', () => {
  test('is an error of its own kind, which says how much is held and what to do', async () => {
    const message = await withoutRoom(fill);
    for (const word of ['out of memory', `${4 * MEGABYTE} bytes`, 'tensors hold', 'trackSites(true)', 'tidy']) {
      expect(message).toContain(word);
    }
  });

  test('names the lines that made the most', async () => {
    const message = await withoutRoom(fill);
    expect(message).toMatch(/\d+ bytes in \d+ tensors made at .*outOfMemory\.test\.ts:\d+/);
  });

  test('the library goes on', async () => {
    await withoutRoom(async () => {
      await fill();
      const sum = wg.tidy(() => wg.ones([1000]).sum().dataSync()[0]);
      expect(sum).toBe(1000);
    });
  });

  /** 32 megabytes. */
  const rows = Array.from({ length: 2 * MEGABYTE }, () => x[0]!);

  test.each<[name: string, act: (model: wg.Sequential) => unknown]>([
    ['data', (model) => model.predict(rows)],
    ['a larger layer', (model) => model.add(wg.layers.dense({ units: 2 ** 28, name: 'huge' }))],
  ])('leaves a model as it was: %s', async (_, act) => {
    const make = () => {
      const model = makeModel();
      model.compile({ optimizer: 'adam', loss: 'mse' });
      return model;
    };
    await meetUnharmed(make, y, async (model) => {
      const message = await withoutRoom(() => messageOf(() => act(model)));
      expect(message).toContain('out of memory');
    });
  });

  test('leaves a model as it was: a program too large', async () => {
    const make = () => {
      const model = makeModel();
      model.compile({ optimizer: 'adam', loss: 'mse' });
      return model;
    };
    const inputs = wg.ones([2 ** 20, 4]);
    const targets = wg.ones([2 ** 20, 1]);
    await meetUnharmed(make, y, async (model) => {
      const message = await withoutRoom(() =>
        messageOf(() => model.fit(inputs, targets, { batchSize: 2 ** 20, verbose: 0 })),
      );
      expect(message).toContain('out of memory');
    });
    wg.dispose([inputs, targets]);
  });
});
