// Every activation of Keras 3.15 on JAX, forward and gradient: test/reference/activations.json.
import { describe, expect, test } from 'vitest';
import * as wg from '../ts/index.js';
import * as ops from '../ts/ops.gen.js';
import { run } from '../ts/tensor/run.js';
import { expectClose, fixture, list, tensorOf, type Values } from './reference.js';

interface ActivationRecord {
  name: string;
  camel: string;
  aliases: string[];
  config: Record<string, number>;
}

interface Elements {
  y: number[];
  dydx: number[];
}

interface Row {
  x: Values;
  y: Values;
  dy: Values;
  dx: Values;
}

const { grid, extremes, elementwise, rowwise } = fixture<{
  grid: number[];
  extremes: number[];
  elementwise: (ActivationRecord & { grid: Elements; extremes: Elements })[];
  rowwise: (ActivationRecord & { cases: Row[] })[];
}>('activations');

type Apply = (x: wg.Tensor) => wg.Tensor;

/** What takes the options of an activation. */
const withOptions: Record<string, (options: Record<string, number>) => Apply> = {
  celu:
    ({ alpha }) =>
    (x) =>
      run(ops.celu, [x], alpha!),
  elu:
    ({ alpha }) =>
    (x) =>
      run(ops.elu, [x], alpha!),
  gelu: () => (x) => run(ops.geluTanh, [x]),
  hard_shrink:
    ({ threshold }) =>
    (x) =>
      run(ops.hardShrink, [x], threshold!),
  leaky_relu:
    ({ negativeSlope }) =>
    (x) =>
      wg.leakyRelu(x, negativeSlope),
  soft_shrink:
    ({ threshold }) =>
    (x) =>
      run(ops.softShrink, [x], threshold!),
  squareplus:
    ({ b }) =>
    (x) =>
      run(ops.squareplus, [x], b!),
  threshold:
    ({ threshold, defaultValue }) =>
    (x) =>
      run(ops.threshold, [x], threshold!, defaultValue!),
  softmax:
    ({ axis }) =>
    (x) =>
      wg.softmax(x, axis),
  log_softmax:
    ({ axis }) =>
    (x) =>
      wg.logSoftmax(x, axis),
};

/** Every way to an activation: by each of its names, or with its options. */
function ways({ name, camel, aliases, config }: ActivationRecord): [string, Apply][] {
  if (Object.keys(config).length > 0) return [[`${name} ${JSON.stringify(config)}`, withOptions[name]!(config)]];
  return [...new Set([name, camel, ...aliases])].map((activation) => {
    return [activation, (x) => wg.layers.activation({ activation }).apply(x)];
  });
}

// Keras's relu with three options is a layer of its own here.
const isLayer = ({ name, config }: ActivationRecord) => name === 'relu' && Object.keys(config).length > 0;

const onElements = elementwise
  .filter((record) => !isLayer(record))
  .flatMap((record) => ways(record).map(([name, f]) => ({ name, f, record })));
const onRows = rowwise.flatMap(({ cases, ...record }) =>
  ways(record).flatMap(([name, f]) => cases.map((row) => ({ name, f, row, shape: row.x.shape }))),
);

describe('elements', () => {
  test.each(onElements)('$name', ({ f, record }) => {
    wg.tidy(() => {
      const x = wg.tensor1d(grid);
      expectClose(f(x), list(record.grid.y), 1e-6, 'y');
      expectClose(wg.grad(f)(x), list(record.grid.dydx), 2e-6, 'dy/dx');
    });
  });
});

describe('extremes', () => {
  test.each(onElements)('$name', ({ f, record: { extremes: expected } }) => {
    wg.tidy(() => {
      const x = wg.tensor1d(extremes);
      expectClose(f(x), list(expected.y), 1e-6, 'y');
      // Where an unchosen branch overflows, JAX's gradient is NaN; that of NaN has no meaning.
      const told = extremes.flatMap((x, i) => (Number.isNaN(x) || Number.isNaN(expected.dydx[i]!) ? [] : [i]));
      const gradient = wg.grad(f)(x).dataSync();
      const pick = (values: ArrayLike<number>) => told.map((i) => values[i]!);
      expectClose(pick(gradient), list(pick(expected.dydx)), 1e-6, 'dy/dx');
    });
  });
});

describe('rows', () => {
  test.each(onRows)('$name of $shape', ({ f, row }) => {
    wg.tidy(() => {
      const { value, grad } = wg.valueAndGrad(f)(tensorOf(row.x), tensorOf(row.dy));
      expectClose(value, row.y, 1e-6, 'y');
      expectClose(grad, row.dx, 1e-6, 'dx');
    });
  });
});

describe('as the activation of a dense layer and in a program', () => {
  const named = [...onElements, ...onRows].filter(({ name }) => !name.includes('{'));
  test.each([...new Map(named.map(({ name, f }) => [name, f]))])('%s', (activation, f) => {
    const [plain, dense] = [{}, { activation }].map((options) => wg.layers.dense({ units: 6, ...options }));
    const model = wg.sequential([dense!]);
    wg.tidy(() => {
      const x = wg.tensor2d([
        [0.5, -1, 2],
        [3, 0.25, -4],
      ]);
      const product = plain!.apply(x);
      dense!.apply(x);
      dense!.setWeights(plain!.getWeights());
      const expected = f(product);
      expect(Array.from(dense!.apply(x).dataSync())).toEqual(Array.from(expected.dataSync()));
      expect(Array.from(model.predict(x).dataSync())).toEqual(Array.from(expected.dataSync()));
    });
    plain!.dispose();
    model.dispose();
  });
});

test('glu needs an even number of features', () => {
  const model = wg.sequential([wg.layers.inputLayer({ inputShape: [3] })]);
  expect(() => model.add(wg.layers.dense({ units: 5, activation: 'glu', name: 'gated' }))).toThrow(
    /"gated".*glu.* even number of features, got /,
  );
  model.dispose();
});
