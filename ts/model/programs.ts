// The programs of a model: one for each use and combination of shapes, each a whole step in one call.
import { keyOf, Program, ProgramCache, traceScope, type Spec } from '../compile.js';
import { inPlace, WasmgradError } from '../core/errors.js';
import { gradients } from '../graph.js';
import type { Flow } from '../layers/layer.js';
import type { Loss } from '../losses/loss.js';
import { maskedWeights } from '../losses/weights.js';
import type { Mean } from '../metrics/means.js';
import type { Metric } from '../metrics/metric.js';
import * as ops from '../ops.gen.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { formatShape } from '../tensor/dtypes.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { add, constant } from '../tensor/words.js';
import type { Variable } from '../tensor/variable.js';
import type { Watch } from './watch.js';

/** What a program needs of the model. */
export interface Trainable {
  /** Runs the layers, with the masks that they pass on. */
  flow(inputs: Flow, training: boolean): Flow;
  /** What is added to the loss of the last flow. */
  readonly losses: readonly Tensor[];
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
  /** Metrics that sample weights weigh. */
  readonly weightedMetrics: ReadonlyMap<string, Metric>;
  /** Looks after the losses of single batches. */
  readonly watch: Watch;
  /** The weights that training moves. */
  readonly weights: readonly Variable[];
}

/** Inputs and targets, one row a sample, and how much each sample counts. */
export interface Labelled<T> {
  readonly x: T;
  readonly y: T;
  readonly weights?: T | undefined;
}

/** In the order in which programs take them. */
export function parts<T>({ x, y, weights }: Labelled<T>): T[] {
  return weights === undefined ? [x, y] : [x, y, weights];
}

/** What training lowers: the loss of the flow that the model just ran, and the penalties. */
function lossOf(model: Trainable, { loss }: Compiled, { y, weights }: Labelled<Tensor>, { x, mask }: Flow): Tensor {
  const value = inPlace(`loss "${loss.name}"`, () => loss.apply(y, x, weights, mask));
  if (value.rank === 0) return model.losses.reduce((sum, penalty) => add(sum, penalty), value);
  throw new WasmgradError(
    `loss "${loss.name}": training needs one number, and its reduction '${loss.reduction}' gives values of shape ` +
      `${formatShape(value.shape)}; leave the reduction out, or write the training step by optimizer.minimize`,
  );
}

function updateMetrics(compiled: Compiled, { y, weights }: Labelled<Tensor>, { x, mask }: Flow): void {
  const update = (metrics: Compiled['metrics'], weights: Tensor | undefined) => {
    const counts = metrics.size > 0 ? maskedWeights(weights, mask, false) : undefined;
    for (const [name, metric] of metrics) inPlace(`metric "${name}"`, () => metric.update(y, x, counts));
  };
  update(compiled.metrics, undefined);
  update(compiled.weightedMetrics, weights);
}

/** A model's programs. `clear` when its structure or what `compile` chose changes. */
export class Programs {
  private readonly cache = new ProgramCache<{ program: Program }>();

  private get(kind: string, specs: readonly Spec[], batch: number, make: () => Program): Program {
    return this.cache.get(`${kind} ${batch} ${keyOf(specs)}`, () => ({ program: make() })).program;
  }

  /**
   * One training step, of the kind that the optimizer's next one is. Inputs: the rows that make the batch, int32 (batch),
   * all samples, and the learning rate if the optimizer takes one.
   * The loss is the guard: no weight is changed before it is known.
   */
  train(model: Trainable, compiled: Compiled, samples: Labelled<Spec>, batch: number): Program {
    const specs = parts(samples);
    const { optimizer } = compiled;
    const { takesRate, nextKind: kind } = optimizer;
    return this.get(`train ${JSON.stringify({ takesRate, ...kind })}`, specs, batch, () => {
      const rows: Spec = { shape: [batch], dtype: 'int32' };
      const rate: Spec[] = takesRate ? [{ shape: [], dtype: 'float32' }] : [];
      return new Program([rows, ...specs, ...rate], (rows, ...inputs) => {
        const { lossTracker, weights } = compiled;
        const [all, [rate]] = [inputs.slice(0, specs.length), inputs.slice(specs.length)];
        const [x, y, sampleWeights] = traceScope(DATA, () => all.map((part) => run(ops.gather, [part, rows!], 0, NaN)));
        const taken: Labelled<Tensor> = { x: x!, y: y!, weights: sampleWeights };
        const predictions = model.flow({ x: taken.x, mask: undefined }, true);
        const loss = lossOf(model, compiled, taken, predictions);
        const grads = gradients(loss, weights);
        if (weights.length > 0 && grads.every((grad) => grad === null)) {
          throw new WasmgradError(
            `the loss "${compiled.loss.name}" does not depend on any weight of the model; compute it from the predictions, ` +
              'by operations that have gradients',
          );
        }
        // The loss and the metrics are those of the weights before the update.
        lossTracker.update(loss, constant(batch));
        updateMetrics(compiled, taken, predictions);
        optimizer.apply(
          weights.flatMap((w, i) => (grads[i] ? [[w, grads[i]] as const] : [])),
          { rate, kind },
        );
        return { outputs: [], guard: loss };
      });
    });
  }

  /** The metrics of a batch of consecutive rows. Inputs: the samples of the batch. */
  test(model: Trainable, compiled: Compiled, samples: Labelled<Spec>): Program {
    const specs = parts(samples);
    const batch = samples.x.shape[0]!;
    return this.get('test', specs, batch, () => {
      return new Program(specs, (x, y, weights) => {
        const taken: Labelled<Tensor> = { x: x!, y: y!, weights };
        const predictions = model.flow({ x: taken.x, mask: undefined }, false);
        compiled.lossTracker.update(lossOf(model, compiled, taken, predictions), constant(batch));
        updateMetrics(compiled, taken, predictions);
        return { outputs: [] };
      });
    });
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
