// Two models made alike, one of which meets an error: afterwards both train alike, to the bit.
import { expect, test } from 'vitest';
import * as wg from '../../ts/index.js';

/** Six samples of four numbers, and their targets. */
export const x = Array.from({ length: 6 }, (_, i) => Array.from({ length: 4 }, (_, j) => Math.sin(4 * i + j)));
export const y = x.map((row) => [row[0]! - row[3]!]);
export const labels = [0, 1, 2, 2, 1, 0];

/** Dense, dropout, dense; `units` outputs. */
export function makeModel(units = 1): wg.Sequential {
  wg.setSeed(7);
  return wg.sequential({
    name: 'net',
    layers: [
      wg.layers.dense({ units: 5, activation: 'tanh', inputShape: [4], name: 'hidden' }),
      wg.layers.dropout({ rate: 0.3, name: 'dropout' }),
      wg.layers.dense({ units, name: 'output', ...(units > 1 && { activation: 'softmax' }) }),
    ],
  });
}

export const quiet = { verbose: 0 } as const;

/** A maker of models that are compiled so. */
export const compiled =
  (args: wg.CompileArgs, units = 1) =>
  () => {
    const model = makeModel(units);
    model.compile(args);
    return model;
  };
export const regression = compiled({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] });

/** What training goes on with: weights, random states and the optimizer's state, by name. */
export function stateOf(model: wg.LayersModel): Record<string, number[]> {
  const optimizer = model.knownOptimizer?.stateOf(model.state) ?? [];
  const entries = [...model.state, ...optimizer.map(([path, v]) => [`optimizer/${path}`, v] as const)];
  return Object.fromEntries(entries.map(([path, variable]) => [path, Array.from(variable.dataSync())]));
}

const silent = { verbose: 0, epochs: 2, batchSize: 4 } as const;

/**
 * Makes two models, trains both, lets the first meet what `meet` does, and trains both again.
 * Both must be the same after it, and after the training that follows.
 */
export async function meetUnharmed(
  make: () => wg.Sequential,
  targets: wg.TensorLike,
  meet: (model: wg.Sequential) => unknown,
): Promise<void> {
  const run = async (act: (model: wg.Sequential) => unknown) => {
    const model = make();
    const states: unknown[] = [];
    if (model.compileArgs !== undefined) await model.fit(x, targets, silent);
    await act(model);
    states.push(stateOf(model));
    if (model.compileArgs === undefined) model.compile({ optimizer: 'adam', loss: 'mse' });
    const { history } = await model.fit(x, targets, silent);
    states.push(history, stateOf(model));
    model.dispose();
    return states;
  };
  expect(await run(meet)).toEqual(await run(() => {}));
}

/** What `f` throws, as words. */
export async function messageOf(f: () => unknown): Promise<string> {
  try {
    await f();
  } catch (error) {
    expect(error).toBeInstanceOf(wg.WasmgradError);
    const { message, stack } = error as Error;
    expect(stack!.split(message).length, 'times that the stack says it').toBe(2);
    return message;
  }
  throw new Error('it threw nothing');
}

export interface Row {
  name: string;
  /** What goes wrong. */
  act: (model: wg.Sequential) => unknown;
  /** What the message must say. */
  words: string[];
}

/** A test for each row: the message says the words, and a model that met the error trains on like its twin. */
export function table(make: () => wg.Sequential, targets: wg.TensorLike, rows: Row[]) {
  test.each(rows)('$name', async ({ act, words }) => {
    let message = '';
    await meetUnharmed(make, targets, async (model) => {
      message = await messageOf(() => act(model));
    });
    for (const word of words) expect(message).toContain(word);
  });
}
