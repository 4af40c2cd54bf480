// A model as one safetensors file: weights, optimizer, random states; the configuration in the metadata.
import { WasmgradError, describe } from '../core/errors.js';
import { readFile } from '../io/files.js';
import { decodeSafeTensors, encodeSafeTensors, parseJson, type Stored } from '../io/safetensors.js';
import type { Loss } from '../losses/loss.js';
import { getLoss } from '../losses/registry.js';
import { serializeMetric, type MetricIdentifier, type MetricRecord } from '../metrics/registry.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { deserialize, serialize, type ConfigDict } from '../serialization.js';
import { formatShape } from '../tensor/dtypes.js';
import { fromValues } from '../tensor/run.js';
import type { Variable } from '../tensor/variable.js';
import { metricList, weightedMetricList, type CompileArgs } from './args.js';
import type { Model } from './model.js';

/** What stands in the metadata under `wasmgrad`. */
interface Saved {
  /** The layout of the file. */
  version: 1;
  model: { className: string; config: ConfigDict };
  /** The shape of the inputs, if the model is built. */
  inputShape?: (number | null)[];
  compile?: {
    optimizer: { className: string; config: ConfigDict };
    /** The loss and the metrics, if all of them have names or classes. */
    loss?: { className: string; config: ConfigDict };
    metrics?: (string | MetricRecord)[];
    weightedMetrics?: (string | MetricRecord)[];
  };
}

/** What a model goes on with, by the name that it has in the file: weights, random states, the optimizer's state. */
function namedVariables(model: Model, optimizer: Optimizer | undefined): Map<string, Variable> {
  const named = new Map<string, Variable>();
  const add = (name: string, variable: Variable) => {
    if ((named.get(name) ?? variable) !== variable) {
      throw new WasmgradError(`save: two tensors are named "${name}"; give the layers names of their own`);
    }
    named.set(name, variable);
  };
  for (const [path, variable] of model.state) add(path, variable);
  for (const [path, variable] of optimizer?.stateOf(model.state) ?? []) add(OPTIMIZER + path, variable);
  return named;
}

/** What stands before the names of the optimizer's tensors. */
const OPTIMIZER = 'optimizer/';

/** The bytes of the model's file. */
export function modelToBytes(model: Model): Uint8Array {
  const optimizer = model.knownOptimizer;
  const saved: Saved = {
    version: 1,
    model: serialize(model),
    ...(model.built && { inputShape: model.inputs[0]!.shape }),
    ...(optimizer && { compile: { optimizer: serialize(optimizer), ...saveObjective(model.compileArgs) } }),
  };
  const tensors = new Map<string, Stored>();
  for (const [name, variable] of namedVariables(model, optimizer?.built ? optimizer : undefined)) {
    tensors.set(name, { dtype: variable.dtype, shape: variable.shape, values: variable.dataSync() });
  }
  return encodeSafeTensors({ tensors, metadata: { format: 'wasmgrad', wasmgrad: JSON.stringify(saved) } });
}

/** The loss and the metrics, if files can hold all of them: a function they cannot, and whoever loads the model gives it again. */
function saveObjective(
  args: CompileArgs | undefined,
): Pick<NonNullable<Saved['compile']>, 'loss' | 'metrics' | 'weightedMetrics'> {
  if (args === undefined) return {};
  const loss = getLoss('save', args.loss);
  const all = (identifiers: MetricIdentifier[]) => identifiers.map(serializeMetric) as (string | MetricRecord)[];
  const [metrics, weightedMetrics] = [all(metricList(args)), all(weightedMetricList(args))];
  if (loss.getClassName() === '' || [...metrics, ...weightedMetrics].includes(undefined!)) return {};
  return { loss: serialize(loss), metrics, ...(weightedMetrics.length > 0 && { weightedMetrics }) };
}

/**
 * The model that `save` or `toBytes` wrote down, ready to predict and to go on training. If its loss or a metric is a
 * function, or of a class without a `className`, which files do not hold, compile it again: `{ optimizer: model.optimizer, loss, metrics }`.
 * @param source a path (in Node, Deno and Bun), or the bytes
 * @throws if the file is truncated, damaged, of another kind, or names a class that is not registered
 */
export async function loadModel(source: string | Uint8Array | ArrayBuffer): Promise<Model> {
  const place = typeof source === 'string' ? `loadModel("${source}")` : 'loadModel';
  const { tensors, metadata } = decodeSafeTensors(place, await bytesOf(place, source));
  const saved = readMetadata(place, metadata['wasmgrad']);
  let model: Model | undefined;
  try {
    const object = deserialize<Partial<Model>>(place, saved.model);
    if (object.compile === undefined) {
      object.dispose?.();
      throw new WasmgradError(`${place}: the file holds a ${saved.model.className}, which is not a model`);
    }
    model = object as Model;
    rebuild(place, model, saved, tensors);
    return model;
  } catch (error) {
    model?.dispose();
    if (!(error instanceof WasmgradError)) {
      throw new WasmgradError(`${place}: the file's description of the model is damaged: ${(error as Error).message}`);
    }
    if (!error.message.startsWith(place)) error.prefix(`${place}: `);
    throw error;
  }
}

async function bytesOf(place: string, source: string | Uint8Array | ArrayBuffer): Promise<Uint8Array> {
  if (typeof source === 'string') return readFile(place, source);
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  throw new WasmgradError(`${place}: expected a path, or a file's bytes as a Uint8Array, got ${describe(source)}`);
}

/** Gives the model its weights, its optimizer and the state of both. */
function rebuild(place: string, model: Model, { inputShape, compile }: Saved, tensors: Map<string, Stored>): void {
  if (inputShape !== undefined) model.ensureBuilt(inputShape);
  if (compile !== undefined) {
    const optimizer = deserialize<Optimizer>(place, compile.optimizer);
    model.restoreOptimizer(optimizer);
    const { loss, metrics, weightedMetrics = [] } = compile;
    if (loss && metrics) model.compile({ optimizer, loss: deserialize<Loss>(place, loss), metrics, weightedMetrics });
  }
  const names = [...tensors.keys()];
  const hasTrained = names.some((name) => name.startsWith(OPTIMIZER));
  if (hasTrained) {
    // Weights that were frozen since have slots, those that were freed since have none.
    const weights = model.state.filter(([path]) => names.some((name) => name.startsWith(`${OPTIMIZER}${path}/`)));
    model.optimizer.build(weights.map(([, weight]) => weight));
  }
  restore(place, namedVariables(model, hasTrained ? model.optimizer : undefined), tensors);
}

function readMetadata(place: string, text: string | undefined): Saved {
  if (text === undefined) {
    throw new WasmgradError(
      `${place}: the safetensors file holds no wasmgrad model, only tensors; a model's file comes from model.save()`,
    );
  }
  const saved = parseJson(text) as Partial<Saved> | undefined;
  if (typeof saved?.model !== 'object') {
    throw new WasmgradError(`${place}: the file's description of the model is damaged; save the model again`);
  }
  if (saved.version !== 1) {
    throw new WasmgradError(
      `${place}: the model was saved in layout ${String(saved.version)}, this library reads layout 1; upgrade wasmgrad`,
    );
  }
  return saved as Saved;
}

/** Copies the file's values into the variables. All names, shapes and dtypes are checked first. */
function restore(place: string, variables: Map<string, Variable>, tensors: Map<string, Stored>): void {
  for (const name of tensors.keys()) {
    if (!variables.has(name)) throw new WasmgradError(`${place}: the file holds "${name}", which the model has not`);
  }
  const stored = [...variables].map(([name, variable]) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new WasmgradError(`${place}: the file does not hold "${name}"`);
    const [given, expected] = [tensor, variable].map(({ dtype, shape }) => `${dtype} of shape ${formatShape(shape)}`);
    if (given !== expected) {
      throw new WasmgradError(`${place}: "${name}" is ${given} in the file, but the model needs ${expected}`);
    }
    return [variable, tensor] as const;
  });
  for (const [variable, { values, shape, dtype }] of stored) {
    const tensor = fromValues(place, values, shape, dtype);
    variable.assign(tensor);
    tensor.dispose();
  }
}
