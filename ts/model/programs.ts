// The programs of a model: one for each use and combination of shapes, each a whole step in one call.
import { keyOf, Program, ProgramCache, traceScope, type Spec } from '../compile.js';
import { gradients } from '../graph.js';
import type { Loss } from '../losses.js';
import type { Mean, Metric } from '../metrics.js';
import { ops } from '../ops.gen.js';
import type { Optimizer } from '../optimizers/index.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Variable } from '../tensor/variable.js';

/** What a program needs of the model. */
export interface Trainable {
  call(x: Tensor, options: { training: boolean }): Tensor;
}

/** The scope of the nodes that look up the samples of a batch. */
export const DATA = 'the data';

/** What `compile` chose. */
export interface Compiled {
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  /** The mean of the loss over the samples so far. */
  readonly lossTracker: Mean;
  readonly metrics: Metric[];
  /** The weights that training moves. */
  readonly weights: readonly Variable[];
}

/** A model's programs. `clear` when its structure or what `compile` chose changes. */
export class Programs {
  private readonly cache = new ProgramCache<{ program: Program }>();

  private get(kind: string, specs: readonly Spec[], batch: number, make: () => Program): Program {
    return this.cache.get(`${kind} ${batch} ${keyOf(specs)}`, () => ({ program: make() })).program;
  }

  /**
   * One training step. Inputs: x and y of all samples, and the rows that make the batch, int32 (batch).
   * The loss is the guard: no weight is changed before it is known.
   */
  train(model: Trainable, compiled: Compiled, { x, y }: { x: Spec; y: Spec }, batch: number): Program {
    return this.get('train', [x, y], batch, () => {
      const rows: Spec = { shape: [batch], dtype: 'int32' };
      return new Program([x, y, rows], (x, y, rows) => {
        const { optimizer, lossTracker, metrics, weights } = compiled;
        const [xBatch, yBatch] = traceScope(DATA, () => [
          run(ops.gather, [x!, rows!], 0, NaN),
          run(ops.gather, [y!, rows!], 0, NaN),
        ]) as [Tensor, Tensor];
        const predictions = model.call(xBatch, { training: true });
        const loss = compiled.loss.mean(yBatch, predictions);
        const grads = gradients(loss, weights);
        // The loss and the metrics are those of the weights before the update.
        lossTracker.add(loss, batch);
        for (const metric of metrics) metric.update(yBatch, predictions);
        optimizer.apply(weights.flatMap((w, i) => (grads[i] ? [[w, grads[i]] as const] : [])));
        return { outputs: [], guard: loss };
      });
    });
  }

  /** The metrics of a batch of consecutive rows. Inputs: x and y of the batch. */
  test(model: Trainable, compiled: Compiled, x: Spec, y: Spec): Program {
    return this.get(
      'test',
      [x, y],
      x.shape[0]!,
      () =>
        new Program([x, y], (x, y) => {
          const predictions = model.call(x!, { training: false });
          compiled.lossTracker.add(compiled.loss.mean(y!, predictions), x!.shape[0]!);
          for (const metric of compiled.metrics) metric.update(y!, predictions);
          return { outputs: [] };
        }),
    );
  }

  /** The predictions for a batch. */
  predict(model: Trainable, x: Spec): Program {
    return this.get(
      'predict',
      [x],
      x.shape[0]!,
      () => new Program([x], (x) => ({ outputs: [model.call(x!, { training: false })] })),
    );
  }

  clear(): void {
    this.cache.clear();
  }
}
