// A model as one safetensors file: weights, optimizer, random states; the configuration in the metadata.
import type * as fsPromises from 'node:fs/promises';
import { WasmgradError } from '../core/errors.js';
import { decodeSafeTensors, encodeSafeTensors, type Stored } from '../io/safetensors.js';
import { getLoss, type Loss } from '../losses.js';
import type { Optimizer } from '../optimizers/index.js';
import { deserialize, serialize, type ConfigDict } from '../serialization.js';
import { fromValues } from '../tensor/run.js';
import type { Variable } from '../tensor/variable.js';
import type { CompileArgs, Model } from './model.js';

/** What stands in the metadata under `wasmgrad`. */
interface Saved {
  /** The layout of the file. */
  version: 1;
  model: { className: string; config: ConfigDict };
  /** The shape of the inputs, if the model is built. */
  inputShape?: (number | null)[];
  compile?: {
    optimizer: { className: string; config: ConfigDict };
    loss: { className: string; config: ConfigDict };
    metrics: string[];
  };
}

/** Tensors of a model by the name that they have in its file. */
function namedVariables(model: Model): Map<string, Variable> {
  const named = new Map<string, Variable>();
  const add = (name: string, variable: Variable) => {
    if (named.has(name))
      throw new WasmgradError(`save: two tensors are named "${name}"; give the layers names of their own`);
    named.set(name, variable);
  };
  for (const weight of model.weights) add(weight.name, weight);
  for (const variable of model.optimizerVariables) add(`optimizer/${variable.name}`, variable);
  for (const [layer, state] of model.randomStates) add(`random/${layer}`, state);
  return named;
}

/** The bytes of the model's file. */
export function modelToBytes(model: Model): Uint8Array {
  const compile = saveCompiled(model.compileArgs, () => model.optimizer);
  const saved: Saved = {
    version: 1,
    model: serialize(model),
    ...(model.inputBatchShape && { inputShape: model.inputBatchShape }),
    ...(compile && { compile }),
  };
  const tensors = new Map<string, Stored>();
  for (const [name, variable] of namedVariables(model)) {
    tensors.set(name, { dtype: variable.dtype, shape: variable.shape, values: variable.dataSync() });
  }
  return encodeSafeTensors({ tensors, metadata: { format: 'wasmgrad', wasmgrad: JSON.stringify(saved) } });
}

/** What `compile` was given, if all of it has a name. */
function saveCompiled(args: CompileArgs | undefined, optimizer: () => Optimizer): Saved['compile'] {
  if (args === undefined) return undefined;
  const loss = getLoss(args.loss);
  const metrics = [args.metrics ?? []].flat();
  // A function cannot be saved; whoever loads the model compiles it again.
  if (loss.getClassName() === '' || metrics.some((metric) => typeof metric !== 'string')) return undefined;
  return { optimizer: serialize(optimizer()), loss: serialize(loss), metrics: metrics as string[] };
}

/**
 * The model that `save` or `toBytes` wrote down, ready to predict and to go on training.
 * @param source a path (in Node, Deno and Bun), or the bytes
 * @throws if the file is truncated, of another kind, or names a class that is not registered
 */
export async function loadModel(source: string | Uint8Array | ArrayBuffer): Promise<Model> {
  const place = typeof source === 'string' ? `loadModel("${source}")` : 'loadModel';
  const bytes = typeof source === 'string' ? await readFile(place, source) : new Uint8Array(source as ArrayBuffer);
  const { tensors, metadata } = decodeSafeTensors(place, bytes);
  const saved = readMetadata(place, metadata['wasmgrad']);
  const model = deserialize<Model>(place, saved.model);
  try {
    if (saved.inputShape !== undefined) model.ensureBuilt(saved.inputShape);
    if (saved.compile !== undefined) {
      const { optimizer, loss, metrics } = saved.compile;
      model.compile({
        optimizer: deserialize<Optimizer>(place, optimizer),
        loss: deserialize<Loss>(place, loss),
        metrics,
      });
      if ([...tensors.keys()].some((name) => name.startsWith('optimizer/')))
        model.optimizer.build(model.trainableWeights);
    }
    restore(place, namedVariables(model), tensors);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function readMetadata(place: string, text: string | undefined): Saved {
  if (text === undefined) {
    throw new WasmgradError(
      `${place}: the safetensors file holds no wasmgrad model, only tensors; it must come from model.save()`,
    );
  }
  const saved = JSON.parse(text) as Saved;
  if (saved.version !== 1) {
    throw new WasmgradError(
      `${place}: the model was saved in layout ${String(saved.version)}, this library reads layout 1; upgrade wasmgrad`,
    );
  }
  return saved;
}

/** Copies the file's values into the variables. All names and shapes are checked first. */
function restore(place: string, variables: Map<string, Variable>, tensors: Map<string, Stored>): void {
  for (const [name, { shape }] of variables) {
    const stored = tensors.get(name);
    if (stored === undefined) throw new WasmgradError(`${place}: the file has no tensor "${name}"`);
    if (String(stored.shape) !== String(shape)) {
      throw new WasmgradError(`${place}: tensor "${name}" has shape [${stored.shape}], the model needs [${shape}]`);
    }
  }
  for (const [name, variable] of variables) {
    const { values, shape, dtype } = tensors.get(name)!;
    const tensor = fromValues(place, values, shape, dtype);
    variable.assign(tensor);
    tensor.dispose();
  }
}

type FileSystem = typeof fsPromises;

/** node:fs/promises, where there is one. */
async function fileSystem(place: string): Promise<FileSystem> {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  if (process?.versions?.node === undefined) {
    throw new WasmgradError(
      `${place}: pages have no files; use model.toBytes() and wg.loadModel(bytes), and store the bytes where you like`,
    );
  }
  // Bundlers for pages must not look for it.
  const name = 'node:fs/promises';
  return (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as FileSystem;
}

async function readFile(place: string, path: string): Promise<Uint8Array> {
  const fs = await fileSystem(place);
  try {
    return await fs.readFile(path);
  } catch (error) {
    throw new WasmgradError(`${place}: the file cannot be read: ${(error as Error).message}`);
  }
}

/** Writes a file beside the old one and then takes its place. */
export async function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  const fs = await fileSystem(`save("${path}")`);
  const beside = `${path}.${Date.now().toString(36)}.tmp`;
  try {
    const file = await fs.open(beside, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(beside, path);
  } catch (error) {
    await fs.rm(beside, { force: true });
    throw new WasmgradError(`save("${path}"): the file cannot be written: ${(error as Error).message}`);
  }
}
