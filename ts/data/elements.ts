// What datasets are made of: numbers, arrays and tensors, in arrays and plain objects.
import { WasmgradError } from '../core/errors.js';
import { isTypedArray } from '../tensor/dtypes.js';
import { clone } from '../tensor/ops/copying.js';
import { stack } from '../tensor/ops/joining.js';
import { toTensor, type TensorLike } from '../tensor/run.js';
import { forEachTensor, keep } from '../tensor/scopes.js';
import { isTensor } from '../tensor/tensor.js';

/** Whether something is one value, as a tensor or what becomes one: a list is, unless tensors or objects stand in it. */
function isValue(x: unknown): boolean {
  if (typeof x !== 'object' || x === null || isTensor(x) || isTypedArray(x)) return true;
  return Array.isArray(x) && x.every((item) => typeof item !== 'object' || (Array.isArray(item) && isValue(item)));
}

/** The same structure with `f` of each value. */
function mapValues(element: unknown, f: (value: unknown) => unknown): unknown {
  if (isValue(element)) return f(element);
  if (Array.isArray(element)) return element.map((item) => mapValues(item, f));
  return Object.fromEntries(Object.entries(element as object).map(([key, item]) => [key, mapValues(item, f)]));
}

/** The element with tensors of its own. */
export function cloneElement<T>(element: T): T {
  return mapValues(element, (value) => (isTensor(value) ? keep(clone(value)) : value)) as T;
}

/** Frees the tensors of an element, but for those that `kept` holds too. */
export function disposeElement(element: unknown, kept?: unknown): void {
  const stays = new Set<unknown>();
  forEachTensor(kept, (tensor) => stays.add(tensor));
  forEachTensor(element, (tensor) => stays.has(tensor) || tensor.dispose());
}

/**
 * Elements of one structure as one element, whose values are tensors with a row for each. The elements' own end.
 * @throws if values of one place differ in shape
 */
export function stackElements(elements: readonly unknown[]): unknown {
  try {
    return stackAt('', elements);
  } finally {
    elements.forEach((element) => disposeElement(element));
  }
}

function stackAt(path: string, elements: readonly unknown[]): unknown {
  const [first] = elements;
  if (isValue(first)) return stackValues(path, elements);
  if (Array.isArray(first)) {
    return first.map((_, i) =>
      stackAt(
        `${path}[${i}]`,
        elements.map((element) => (element as unknown[])[i]),
      ),
    );
  }
  return Object.fromEntries(
    Object.keys(first as object).map((key) => [
      key,
      stackAt(
        `${path}.${key}`,
        elements.map((element) => (element as Record<string, unknown>)[key]),
      ),
    ]),
  );
}

function stackValues(path: string, values: readonly unknown[]): unknown {
  if (typeof values[0] === 'string') return values;
  const own: { dispose(): void }[] = [];
  try {
    const tensors = values.map((value) => {
      if (isTensor(value)) return value;
      const tensor = toTensor(`batch${path && `: element${path}`}`, value as TensorLike);
      own.push(tensor);
      return tensor;
    });
    return keep(stack(tensors));
  } catch (error) {
    if (!(error instanceof WasmgradError)) throw error;
    throw new WasmgradError(
      `batch: the elements${path && ` at ${path}`} do not make rows of one tensor: ${error.message}; give samples as ` +
        '{ xs, ys }, each of one shape',
    );
  } finally {
    own.forEach((tensor) => tensor.dispose());
  }
}
