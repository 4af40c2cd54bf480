// The programs of a model: one for each use and combination of shapes, each a whole step in one call.
import { keyOf, Program, ProgramCache, traceScope, type Spec } from '../compile.js';
import { inPlace, WasmgradError } from '../core/errors.js';
import { gradients } from '../graph.js';
import type { Flow } from '../layers/layer.js';
import type { Loss } from '../losses/loss.js';
import type { Mean, Metric } from '../metrics/metric.js';
import * as ops from '../ops.gen.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { constant } from '../tensor/words.js';
import type { Variable } from '../tensor/variable.js';
import type { Watch } from './watch.js';

/** What a program needs of the model. */
export interface Trainable {
  /** Runs the layers, with the masks that they pass on. */
  flow(inputs: Flow, training: boolean): Flow;
}

/** The scope of the nodes that look up the samples of a batch. */
export const DATA = 'the data';

/** What `compile` chose. */
export interface Compiled {
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  /** The mean of the loss over the samples so far. */
  readonly lossTracker: Mean;
  /** By the names that logs and `history` have for them. */
  readonly metrics: ReadonlyMap<string, Metric>;
  /** Looks after the losses of single batches. */
  readonly watch: Watch;
  /** The weights that training moves. */
  readonly weights: readonly Variable[];
}

function lossOf({ loss }: Compiled, yTrue: Tensor, { x, mask }: Flow): Tensor {
  return inPlace(`loss "${loss.name}"`, () => loss.mean(yTrue, x, mask));
}

function updateMetrics(metrics: Compiled['metrics'], yTrue: Tensor, { x, mask }: Flow): void {
  for (const [name, metric] of metrics) inPlace(`metric "${name}"`, () => metric.update(yTrue, x, mask));
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
        const predictions = model.flow({ x: xBatch, mask: undefined }, true);
        const loss = lossOf(compiled, yBatch, predictions);
        const grads = gradients(loss, weights);
        if (weights.length > 0 && grads.every((grad) => grad === null)) {
          throw new WasmgradError(
            `the loss "${compiled.loss.name}" does not depend on any weight of the model; compute it from the predictions, ` +
              'by operations that have gradients',
          );
        }
        // The loss and the metrics are those of the weights before the update.
        lossTracker.update(loss, constant(batch));
        updateMetrics(metrics, yBatch, predictions);
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
          const predictions = model.flow({ x: x!, mask: undefined }, false);
          compiled.lossTracker.update(lossOf(compiled, y!, predictions), constant(x!.shape[0]!));
          updateMetrics(compiled.metrics, y!, predictions);
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
      () => new Program([x], (x) => ({ outputs: [model.flow({ x: x!, mask: undefined }, false).x] })),
    );
  }

  clear(): void {
    this.cache.clear();
  }
}
