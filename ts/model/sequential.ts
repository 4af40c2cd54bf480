// Sequential: layers one after another.
import { traceScope } from '../compile.js';
import { WasmgradError } from '../core/errors.js';
import { type BatchShape, type CallOptions, Layer } from '../layers/layer.js';
import { deserialize, registerClass, serialize, type ConfigDict } from '../serialization.js';
import type { Tensor } from '../tensor/tensor.js';
import { Model } from './model.js';

export interface SequentialArgs {
  layers?: Layer[];
  name?: string;
}

export class Sequential extends Model {
  static override className = 'Sequential';
  readonly layers: Layer[] = [];
  private shape: BatchShape | undefined;

  constructor(args: SequentialArgs = {}) {
    const { layers = [], ...rest } = args;
    super(rest);
    for (const layer of layers) this.add(layer);
  }

  /**
   * Puts a layer at the end. The first one that states its input's shape makes the weights of all.
   * @throws if the layer does not fit to what comes before; the model is as it was then.
   */
  add(layer: Layer): void {
    if (!(layer instanceof Layer)) {
      throw new WasmgradError(
        `sequential.add: expected a layer, such as wg.layers.dense({ units: 1 }), got ${typeof layer}`,
      );
    }
    if (this.layers.some(({ name }) => name === layer.name)) {
      throw new WasmgradError(
        `sequential.add: there is a layer named "${layer.name}" already; give this one another name`,
      );
    }
    this.layers.push(layer);
    try {
      this.shape ??= this.layers[0]!.batchInputShape;
      if (this.shape !== undefined) this.buildLayers(this.shape);
    } catch (error) {
      this.layers.pop();
      throw error;
    }
    this.structureChanged();
  }

  /** Takes the last layer away. */
  pop(): Layer {
    const layer = this.layers.pop();
    if (layer === undefined) throw new WasmgradError('sequential.pop: there are no layers');
    this.structureChanged();
    return layer;
  }

  get inputBatchShape(): BatchShape | undefined {
    return this.shape;
  }

  override build(inputShape: BatchShape): void {
    if (this.layers.length === 0)
      throw new WasmgradError(`model "${this.name}" has no layers; model.add(...) some first`);
    this.buildLayers(inputShape);
    this.shape ??= inputShape;
  }

  ensureBuiltFor(x: Tensor): void {
    this.ensureBuilt([null, ...x.shape.slice(1)]);
  }

  private buildLayers(inputShape: BatchShape): void {
    let shape = inputShape;
    this.layers.forEach((layer, i) => {
      shape = this.at(i, () => layer.computeOutputShape(shape));
    });
  }

  call(inputs: Tensor, { training, mask }: CallOptions): Tensor {
    let x = inputs;
    let passed = mask;
    this.layers.forEach((layer, i) => {
      traceScope(i + 1);
      this.at(i, () => {
        const before = x;
        x = layer.call(before, { training, ...(passed && { mask: passed }) });
        passed = layer.computeMask(before, passed);
      });
    });
    return x;
  }

  /** Errors of a layer name it and its place. */
  private at<T>(index: number, f: () => T): T {
    try {
      return f();
    } catch (error) {
      const { name } = this.layers[index]!;
      const place = `layer "${name}" (layer ${index + 1} of "${this.name}"): `;
      if (error instanceof WasmgradError && !error.message.startsWith('layer "')) error.message = place + error.message;
      throw error;
    }
  }

  override getConfig(): ConfigDict {
    return { name: this.name, layers: this.layers.map(serialize) };
  }

  static fromConfig({ name, layers }: ConfigDict): Sequential {
    const made = (layers as { className: string; config: ConfigDict }[]).map((layer) =>
      deserialize<Layer>('loadModel', layer),
    );
    return new Sequential({ name: name as string, layers: made });
  }
}

registerClass(Sequential);

/** Layers one after another: `sequential()`, `sequential([layers])` or `sequential({ layers, name })`. */
export function sequential(args: SequentialArgs | Layer[] = {}): Sequential {
  return new Sequential(Array.isArray(args) ? { layers: args } : args);
}
