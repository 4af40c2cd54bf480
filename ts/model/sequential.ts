// Sequential: layers one after another.
import { traceScope } from '../compile.js';
import { describe, inPlace, WasmgradError } from '../core/errors.js';
import { checkOptions, type Rules } from '../core/options.js';
import {
  type BatchShape,
  type BatchSpec,
  type CallOptions,
  type Flow,
  Layer,
  MODEL_RULES,
  type LayerArgs,
} from '../layers/layer.js';
import { InputLayer } from '../layers/simple.js';
import { allIn, buildingOrNot, noteBuilt } from '../layers/together.js';
import * as ops from '../ops.gen.js';
import { deserialize, registerClass, serialize, type ConfigDict } from '../serialization.js';
import type { DataType } from '../tensor/dtypes.js';
import { run } from '../tensor/run.js';
import type { Tensor } from '../tensor/tensor.js';
import { Model } from './model.js';
import type { SymbolicTensor } from './symbolic.js';

export interface SequentialArgs extends Omit<LayerArgs, 'weights' | 'activityRegularizer'> {
  layers?: Layer[];
}

const RULES: Rules<SequentialArgs> = {
  layers: { ok: Array.isArray, expected: 'a list of layers' },
  ...MODEL_RULES,
};

export class Sequential extends Model {
  static override className = 'Sequential';
  readonly layers: Layer[] = [];
  /** The type of what goes into each layer, then of what comes out of the last; empty before the model is built. */
  private specs: BatchSpec[] = [];

  /** @throws if an option is unknown, or a layer does not fit to the one before it. */
  constructor(args: SequentialArgs = {}) {
    checkOptions('sequential', args, RULES);
    const { layers = [], ...rest } = args;
    super(rest);
    for (const layer of layers) this.add(layer);
  }

  /**
   * Puts a layer at the end. The first one that states its input's shape makes the weights of all.
   * @throws if the layer does not fit to what comes before; model and layer are as they were then.
   */
  add(layer: Layer): void {
    this.refuseDuring('sequential.add');
    if (!(layer instanceof Layer)) {
      throw new WasmgradError(
        `sequential.add: expected a layer, such as wg.layers.dense({ units: 1 }), got ${describe(layer)}`,
      );
    }
    if (this.layers.some(({ name }) => name === layer.name)) {
      throw new WasmgradError(
        `sequential.add: there is a layer named "${layer.name}" already; give this one another name`,
      );
    }
    inPlace('sequential.add', () => allIn(layer, [this]));
    const before = this.specs;
    this.layers.push(layer);
    try {
      buildingOrNot(() => {
        const shape = before[0]?.shape ?? inputOf(this.layers[0]!).shape;
        if (shape !== undefined) this.build(shape);
      });
    } catch (error) {
      this.layers.pop();
      this.specs = before;
      throw error;
    }
    this.structureChanged();
  }

  /** Takes the last layer away. */
  pop(): Layer {
    this.refuseDuring('sequential.pop');
    const layer = this.layers.pop();
    if (layer === undefined) throw new WasmgradError('sequential.pop: there are no layers');
    this.specs = this.layers.length === 0 ? [] : this.specs.slice(0, -1);
    this.built = this.specs.length > 0;
    this.structureChanged();
    return layer;
  }

  override build(inputShape: BatchShape): void {
    if (this.layers.length === 0)
      throw new WasmgradError(`model "${this.name}" has no layers; model.add(...) some first`);
    const specs =
      this.specs.length > 0 ? [...this.specs] : [{ shape: inputShape, dtype: inputOf(this.layers[0]!).dtype }];
    for (let i = specs.length - 1; i < this.layers.length; i++) {
      specs.push(this.at(i, () => this.layers[i]!.outputSpec(specs[i]!)));
    }
    this.specs = specs;
    this.built = true;
    noteBuilt(this);
  }

  override unbuild(): void {
    super.unbuild();
    this.specs = [];
  }

  get inputs(): SymbolicTensor[] {
    const [first] = this.layers;
    const name = first instanceof InputLayer ? first.name : `${first?.name}_input`;
    return [{ name, ...this.needBuilt('inputs')[0]! }];
  }

  get outputs(): SymbolicTensor[] {
    return [{ ...this.needBuilt('outputs').at(-1)!, name: this.layers.at(-1)!.name }];
  }

  private needBuilt(place: string): BatchSpec[] {
    if (!this.built) {
      throw new WasmgradError(
        `${place}: model "${this.name}" is not built: it does not know the shape of its inputs yet; give its first layer an ` +
          'inputShape, or call model.build([null, ...])',
      );
    }
    return this.specs;
  }

  get outputShapes(): BatchShape[] {
    return this.specs.slice(1).map(({ shape }) => shape);
  }

  override get sublayers(): [path: string, layer: Layer][] {
    return this.layers.map((layer) => [layer.name, layer]);
  }

  override call(inputs: Tensor, { training, mask }: CallOptions): Tensor {
    return this.flow({ x: inputs, mask }, training).x;
  }

  override flow({ x, mask }: Flow, training: boolean): Flow {
    const { dtype } = this.needBuilt('call')[0]!;
    let flow: Flow = { x: x.dtype === dtype ? x : run(ops.cast, [x], dtype), mask };
    return this.inPass(() => {
      this.layers.forEach((layer, i) => {
        flow = traceScope(layer.name, () => this.at(i, () => layer.flow(flow, training)));
      });
      return flow;
    });
  }

  /** Errors of a layer name it and its place. */
  private at<T>(index: number, f: () => T): T {
    try {
      return f();
    } catch (error) {
      const { name } = this.layers[index]!;
      if (error instanceof WasmgradError && !error.message.startsWith('layer "')) {
        error.prefix(`layer "${name}" (layer ${index + 1} of "${this.name}"): `);
      }
      throw error;
    }
  }

  override getConfig(): ConfigDict {
    return { ...super.getConfig(), layers: this.layers.map(serialize) };
  }

  static fromConfig({ layers, ...args }: ConfigDict): Sequential {
    const model = new Sequential(args as SequentialArgs);
    try {
      for (const layer of layers as { className: string; config: ConfigDict }[]) {
        model.add(deserialize<Layer>('loadModel', layer));
      }
      return model;
    } catch (error) {
      model.dispose();
      throw error;
    }
  }
}

/** What a first layer says of the model's inputs. */
function inputOf(layer: Layer): { shape: BatchShape | undefined; dtype: DataType } {
  if (layer instanceof Model && layer.built) return layer.inputs[0]!;
  return { shape: layer.batchInputShape, dtype: layer.inputDType };
}

registerClass(Sequential);

/** Layers one after another: `sequential()`, `sequential([layers])` or `sequential({ layers, name })`. */
export function sequential(args: SequentialArgs | Layer[] = {}): Sequential {
  return new Sequential(Array.isArray(args) ? { layers: args } : args);
}
