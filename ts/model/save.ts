// A model as one safetensors file: weights, optimizer, random states; the configuration in the metadata.
import { WasmgradError, describe } from '../core/errors.js';
import { readFile } from '../io/files.js';
import { decodeSafeTensors, encodeSafeTensors, parseJson, type SafeTensors, type Stored } from '../io/safetensors.js';
import { registerLayers } from '../layers/registry.js';
import type { Loss } from '../losses/loss.js';
import { getLoss } from '../losses/registry.js';
import { serializeMetric, type MetricIdentifier, type MetricRecord } from '../metrics/registry.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { registerSchedules } from '../schedules/registry.js';
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

/** What stands before the names of what a file holds besides the model: `run:order`. */
const APART = 'run:';

/** What else a file holds: text of the metadata, and tensors. */
export interface Besides {
  run: string;
  tensors: ReadonlyMap<string, Stored>;
}

/** The bytes of the model's file. */
export function modelToBytes(model: Model, besides?: Besides): Uint8Array {
  const optimizer = model.knownOptimizer;
  const saved: Saved = {
    version: 1,
    model: serialize(model),
    ...(model.built && { inputShape: model.inputs[0]!.shape }),
    ...(optimizer && { compile: { optimizer: serialize(optimizer), ...saveObjective(model.compileArgs) } }),
  };
  const tensors = stored(namedVariables(model, optimizer?.built ? optimizer : undefined));
  for (const [name, tensor] of besides?.tensors ?? []) tensors.set(APART + name, tensor);
  const wasmgrad = JSON.stringify(saved);
  return encodeSafeTensors({ tensors, metadata: { ...header(model), wasmgrad, ...(besides && { run: besides.run }) } });
}

/** The bytes of a file with the weights, and the states of random draws, alone. */
export function weightsToBytes(model: Model): Uint8Array {
  return encodeSafeTensors({ tensors: stored(namedVariables(model, undefined)), metadata: header(model) });
}

/** The paths of the state in the model's order, by which a model whose layers are numbered otherwise knows its own. */
function header(model: Model): Record<string, string> {
  return { format: 'wasmgrad', paths: JSON.stringify(model.state.map(([path]) => path)) };
}

/** The file's tensors under the paths that the model has for them, if only the numbers of layers differ: `dense_4` and `dense`. */
function renamed(model: Model, { tensors, metadata }: SafeTensors): Map<string, Stored> {
  const theirs = (parseJson(metadata['paths'] ?? '') ?? []) as string[];
  const ours = model.state.map(([path]) => path);
  const plain = (path: string) => path.replaceAll(/_\d+(?=\/)/g, '');
  if (theirs.length !== ours.length || theirs.some((path, i) => plain(path) !== plain(ours[i]!))) return tensors;
  const names = new Map(theirs.map((path, i) => [path, ours[i]!]));
  const rename = (name: string): string => {
    if (name.startsWith(OPTIMIZER)) return OPTIMIZER + renameSlot(name.slice(OPTIMIZER.length));
    return names.get(name) ?? name;
  };
  // A slot's name stands behind the path of its weight.
  const renameSlot = (name: string): string => {
    const at = name.lastIndexOf('/');
    const path = names.get(name.slice(0, at));
    return path === undefined ? name : path + name.slice(at);
  };
  return new Map([...tensors].map(([name, tensor]) => [rename(name), tensor]));
}

function stored(variables: ReadonlyMap<string, Variable>): Map<string, Stored> {
  return new Map(
    [...variables].map(([name, variable]) => {
      return [name, { dtype: variable.dtype, shape: variable.shape, values: variable.dataSync() }];
    }),
  );
}

/**
 * Gives a model that is built the weights of a file: one of weights, or of a model.
 * @throws if names, shapes or dtypes differ; nothing is changed then
 */
export async function loadWeights(model: Model, source: string | Uint8Array | ArrayBuffer): Promise<void> {
  const place = typeof source === 'string' ? `loadWeights("${source}")` : 'loadWeights';
  const tensors = renamed(model, decodeSafeTensors(place, await bytesOf(place, source)));
  for (const name of tensors.keys()) if (name.startsWith(OPTIMIZER) || name.startsWith(APART)) tensors.delete(name);
  restore(place, namedVariables(model, undefined), tensors);
}

/** What stands besides the model in a file that `modelToBytes` wrote, and a function that gives the same model its state. */
export interface SavedRun {
  besides: Besides | undefined;
  /** @throws if names, shapes or dtypes differ; nothing is changed then */
  restore(): void;
}

/** Reads a file for a model that is made already. Nothing is changed before `restore`. */
export function readSavedRun(place: string, model: Model, bytes: Uint8Array): SavedRun {
  const file = decodeSafeTensors(place, bytes);
  const tensors = renamed(model, file);
  const apart = new Map<string, Stored>();
  for (const [name, tensor] of tensors) {
    if (!name.startsWith(APART)) continue;
    tensors.delete(name);
    apart.set(name.slice(APART.length), tensor);
  }
  const { run } = file.metadata;
  return {
    besides: run === undefined ? undefined : { run, tensors: apart },
    restore: () => restoreState(place, model, tensors),
  };
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
  registerLayers();
  registerSchedules();
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
  for (const name of tensors.keys()) if (name.startsWith(APART)) tensors.delete(name);
  restoreState(place, model, tensors);
}

function restoreState(place: string, model: Model, tensors: Map<string, Stored>): void {
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
