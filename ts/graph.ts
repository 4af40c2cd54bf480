// Gradients of functions: on values the core records what runs, on symbolic tensors the program gets more nodes.
import { blockFor, blockStart, check, heap, seam } from './core/core.js';
import { WasmgradError, describe } from './core/errors.js';
import { readResults, toTensor, type TensorLike } from './tensor/run.js';
import { inScope, refuseAsync, refusePromise } from './tensor/scopes.js';
import { isTensor, Tensor } from './tensor/tensor.js';
import { variableOf, type Variable } from './tensor/variable.js';

/** d(sum of `y * dy`)/dx for each x: `null` where y does not depend on it. Call while recording or tracing. */
export function gradients(y: Tensor, xs: readonly Tensor[], dy?: Tensor): (Tensor | null)[] {
  const handles = xs.map((x) => x.handle);
  const [yHandle, dyHandle] = [y.handle, dy?.handle ?? 0];
  const block = blockFor(handles.length);
  heap().set(handles, block);
  const results = readResults(check(seam.grad(yHandle, dyHandle, handles.length)));
  return results.map(({ id, shape, dtype }) => (id === 0 ? null : new Tensor(id, shape, dtype)));
}

/** How many gradient functions are running, one in another. */
let recording = 0;

/** Whether the core records what runs, for a gradient. */
export function isRecording(): boolean {
  return recording > 0;
}

/** Runs `f` while the core records; what was computed before is constant. */
function recorded<T>(watched: readonly Tensor[], f: () => T): T {
  seam.tape_begin();
  recording++;
  try {
    for (const x of watched) check(seam.tape_watch(x.handle));
    return f();
  } finally {
    recording--;
    seam.tape_end();
  }
}

function valueAndGradients(place: string, f: (...xs: Tensor[]) => Tensor, xs: readonly TensorLike[], dy?: TensorLike) {
  refuseAsync(place, f);
  if (!Array.isArray(xs)) throw new WasmgradError(`${place}: expected a list of arguments, as in ${place}(f)([x, y])`);
  return inScope(place, () => {
    const tensors = xs.map((x) => toTensor(place, x));
    return recorded(tensors, () => {
      const value = f(...tensors);
      checkResult(place, value);
      const given = dy === undefined ? undefined : toTensor(place, dy);
      if (given !== undefined && String(given.shape) !== String(value.shape)) {
        throw new WasmgradError(
          `${place}: dy has shape [${given.shape}], expected that of f's result, [${value.shape}]`,
        );
      }
      const grads = gradients(value, tensors, given);
      const missing = grads.indexOf(null);
      if (missing >= 0) {
        throw new WasmgradError(
          `${place}: f's result does not depend on argument ${missing}; all operations from it to the result must be ` +
            'differentiable and inside of f',
        );
      }
      return { value, grads: grads as Tensor[] };
    });
  });
}

function checkResult(place: string, value: unknown): asserts value is Tensor {
  refusePromise(place, value);
  if (!isTensor(value)) throw new WasmgradError(`${place}: f must return a tensor, got ${describe(value)}`);
}

/** x -> df/dx, times `dy` (ones by default), for a function of one tensor. */
export function grad(f: (x: Tensor) => Tensor): (x: TensorLike, dy?: TensorLike) => Tensor {
  return (x, dy) => single(valueAndGradients('grad', f, [x], dy)).grad;
}

/** (xs) -> [df/dx for each x] for a function of several tensors. */
export function grads(f: (...xs: Tensor[]) => Tensor): (xs: TensorLike[], dy?: TensorLike) => Tensor[] {
  return (xs, dy) => {
    const { value, grads } = valueAndGradients('grads', f, xs, dy);
    value.dispose();
    return grads;
  };
}

/** As `grad`, with f's value: `{ value, grad }`. */
export function valueAndGrad(
  f: (x: Tensor) => Tensor,
): (x: TensorLike, dy?: TensorLike) => { value: Tensor; grad: Tensor } {
  return (x, dy) => {
    const { value, grads } = valueAndGradients('valueAndGrad', f, [x], dy);
    return { value, grad: grads[0]! };
  };
}

/** As `grads`, with f's value: `{ value, grads }`. */
export function valueAndGrads(
  f: (...xs: Tensor[]) => Tensor,
): (xs: TensorLike[], dy?: TensorLike) => { value: Tensor; grads: Tensor[] } {
  return (xs, dy) => valueAndGradients('valueAndGrads', f, xs, dy);
}

function single({ value, grads }: { value: Tensor; grads: Tensor[] }) {
  value.dispose();
  return { grad: grads[0]! };
}

/** Gradients by variable name. */
export type NamedTensorMap = Record<string, Tensor>;

/**
 * f's value and its gradients with respect to variables: those in `list`, or all trainable ones that f read.
 * Variables on which the value does not depend are left out.
 * @throws if it depends on none, or on several of one name.
 */
export function variableGrads(f: () => Tensor, list?: readonly Variable[]): { value: Tensor; grads: NamedTensorMap } {
  return inScope('variableGrads', () => {
    const { value, entries } = gradientsOfVariables('variableGrads', f, list);
    const grads = Object.fromEntries(entries.map(([variable, grad]) => [variable.name, grad]));
    const twice = entries.find(([variable, grad]) => grads[variable.name] !== grad);
    if (twice !== undefined) {
      throw new WasmgradError(
        `variableGrads: several variables are named "${twice[0].name}"; give each a name of its own, or call minimize`,
      );
    }
    return { value, grads };
  });
}

/** As `variableGrads`, with the variables themselves. */
export function gradientsOfVariables(place: string, f: () => Tensor, list?: readonly Variable[]) {
  refuseAsync(place, f);
  return inScope(place, () =>
    recorded([], () => {
      const value = f();
      checkResult(place, value);
      if (value.size !== 1) {
        throw new WasmgradError(
          `${place}: f must return a scalar, got shape [${value.shape}]; take its mean() or sum()`,
        );
      }
      const wanted = (list ?? touched()).filter((variable) => variable.trainable);
      const entries = gradients(value, wanted).flatMap((grad, i): [Variable, Tensor][] =>
        grad === null ? [] : [[wanted[i]!, grad]],
      );
      if (entries.length === 0) {
        throw new WasmgradError(
          `${place}: the result of f depends on no trainable variable; make weights with wg.variable and use them inside of f`,
        );
      }
      return { value, entries };
    }),
  );
}

function touched(): Variable[] {
  const count = check(seam.tape_touched());
  const handles = Array.from(heap().subarray(blockStart(), blockStart() + count));
  return handles.flatMap((handle) => variableOf(handle) ?? []);
}
