// Programs: functions recorded once with shapes, then run by one call.
import { blockFor, blockStart, check, heap, readText, seam } from './core/core.js';
import { WasmgradError } from './core/errors.js';
import { DTYPES } from './core/op.js';
import { isRecording } from './graph.js';
import type { DataType, Shape } from './tensor/dtypes.js';
import { sharedState } from './tensor/randomState.js';
import { create, toTensor, writeDims, type TensorLike } from './tensor/run.js';
import { forEachTensor, inScope, refuseAsync, refusePromise, type TensorContainer } from './tensor/scopes.js';
import { Tensor } from './tensor/tensor.js';

/** A tensor's type. */
export interface Spec {
  shape: Shape;
  dtype: DataType;
}

/** What a program reads or writes. */
export interface Argument {
  tensor: Tensor;
  /** At which element it begins. Default: 0. */
  offset?: number;
  /** By how many elements it moves on from one time to the next. Default: 0. */
  stride?: number;
}

let traces = 0;
/** The number of the trace that is open, or 0. */
let tracing = 0;

/** What a program of `compile` does before each run, as long as it is traced. */
let beforeRuns: (() => void)[] = [];

/** Has the program of `compile` that is being traced call `f` before each run. Gives what tells it from other programs. */
export function beforeEachRun(f: () => void): unknown {
  beforeRuns.push(f);
  return beforeRuns;
}

/** Whether a program is being traced: ops become nodes then. */
export function isTracing(): boolean {
  return tracing > 0;
}

/** The number of the program that is being traced, or 0: what one trace makes is of no use to another. */
export function currentTrace(): number {
  return tracing;
}

/** Scopes of the program that is being traced, by number; the first is of what belongs to none. */
let scopes = [''];
let scope = 0;

/** Calls `f`; `Program.locate` names the nodes that it traces by the names of the scopes around them: `encoder/hidden`. */
export function traceScope<T>(name: string, f: () => T): T {
  if (!tracing) return f();
  const outer = scope;
  const prefix = outer === 0 ? '' : `${scopes[outer]}/`;
  scope = scopes.push(prefix + name) - 1;
  seam.trace_scope(scope);
  try {
    return f();
  } finally {
    scope = outer;
    seam.trace_scope(outer);
  }
}

/**
 * The types of what `f` gives for inputs of the given types: it is traced, and nothing is kept.
 * @throws what `f` throws.
 */
export function probe(inputs: readonly Spec[], f: (...xs: Tensor[]) => readonly Tensor[]): Spec[] {
  return trace(inputs, (...symbols) => {
    const specs = f(...symbols).map(({ shape, dtype }) => ({ shape, dtype }));
    seam.trace_abort();
    return specs;
  });
}

/** Calls `f` on symbolic tensors; `f` ends the trace. */
function trace<T>(inputs: readonly Spec[], f: (...xs: Tensor[]) => T): T {
  if (tracing) throw new WasmgradError('a program cannot be traced while another one is');
  check(seam.trace_begin());
  tracing = ++traces;
  // A program may be traced while another one is interrupted.
  const interrupted = [scopes, scope] as const;
  [scopes, scope] = [[''], 0];
  try {
    return f(
      ...inputs.map(({ shape, dtype }) => {
        writeDims(shape);
        return new Tensor(check(seam.trace_input(DTYPES.indexOf(dtype), shape.length)), shape, dtype);
      }),
    );
  } catch (error) {
    seam.trace_abort();
    throw error;
  } finally {
    tracing = 0;
    [scopes, scope] = interrupted;
  }
}

/** Runs `f` at once, even while a program is being traced: for what a program uses but does not do, as making weights. */
export function eagerly<T>(f: () => T): T {
  if (!tracing) return f();
  seam.trace_suspend();
  const suspended = tracing;
  tracing = 0;
  try {
    return f();
  } finally {
    tracing = suspended;
    seam.trace_resume();
  }
}

/** Frees the programs of functions that nobody holds any more. */
const finalizer = new FinalizationRegistry<number>((program) => seam.program_drop(program));

/** A traced and planned function of tensors. */
export class Program {
  private readonly id: number;
  /** Types of the outputs. */
  readonly outputs: readonly Spec[];
  /** Whether it draws from the state that `setSeed` begins anew. */
  private readonly drawsShared: boolean;
  private readonly scopes: readonly string[];

  /**
   * Records `f` on symbolic tensors of the given types. Runs with `guarded` watch the scalar that `f` gives as guard.
   * @throws what `f` throws; nothing is kept then.
   */
  constructor(inputs: readonly Spec[], f: (...xs: Tensor[]) => { outputs: readonly Tensor[]; guard?: Tensor }) {
    const { uses } = sharedState;
    [this.id, this.outputs, this.scopes] = trace(inputs, (...symbols): [number, Spec[], string[]] => {
      const { outputs, guard } = f(...symbols);
      const handles = outputs.map((output) => output.handle);
      const block = blockFor(handles.length);
      heap().set(handles, block);
      const id = check(seam.trace_end(handles.length, guard?.handle ?? 0));
      return [id, outputs.map(({ shape, dtype }) => ({ shape, dtype })), scopes];
    });
    this.drawsShared = sharedState.uses !== uses;
    finalizer.register(this, this.id, this);
  }

  private write(args: readonly Argument[]): number {
    const handles = args.map(({ tensor }) => tensor.handle);
    let at = blockFor(3 * args.length);
    const words = heap();
    for (let i = 0; i < args.length; i++) {
      words[at++] = handles[i]!;
      words[at++] = args[i]!.offset ?? 0;
      words[at++] = args[i]!.stride ?? 0;
    }
    return args.length;
  }

  /**
   * Runs it `count` times, the first as number `from`; `args` are the inputs, then the outputs. Gives the number of
   * times that were finished: fewer than `count` if the guard was not finite in the one that follows them, of which
   * no update was made yet; `resume` finishes that one.
   */
  run(args: readonly Argument[], from = 0, count = 1, guarded = false): number {
    if (this.drawsShared) sharedState.begin();
    return check(seam.program_run(this.id, this.write(args), from, count, guarded));
  }

  /** Finishes the time at which a guarded run stopped. */
  resume(args: readonly Argument[], step: number): void {
    check(seam.program_resume(this.id, this.write(args), step));
  }

  /** Whose op first gave a value that is not finite, at the time at which a guarded run stopped. */
  locate(args: readonly Argument[], step: number): { scope: string; op: string } | undefined {
    if (check(seam.program_locate(this.id, this.write(args), step)) === 0) return undefined;
    const [scope, op] = heap().subarray(blockStart(), blockStart() + 2);
    return { scope: this.scopes[scope!]!, op: readText(seam.op_name(op!)) };
  }

  /** The steps with their flops, their memory and the scope that they belong to, as text. */
  toString(): string {
    const text = readText(check(seam.program_print(this.id)));
    return text.replace(/#(\d+)$/gm, (_, scope: string) => `# ${this.scopes[Number(scope)]}`);
  }

  dispose(): void {
    finalizer.unregister(this);
    seam.program_drop(this.id);
  }
}

/** At most this many programs are kept for one function; the one that was not used for longest goes. */
const PROGRAMS = 8;

/** Programs by key, the most recently used last. */
export class ProgramCache<T extends { program: Program }> {
  private readonly entries = new Map<string, T>();

  /** The entry of a key; `make` gives it where there is none. */
  get(key: string, make: () => T): T {
    const entry = this.entries.get(key) ?? make();
    this.entries.delete(key);
    this.entries.set(key, entry);
    if (this.entries.size > PROGRAMS) {
      const [oldest, { program }] = this.entries.entries().next().value!;
      this.entries.delete(oldest);
      program.dispose();
    }
    return entry;
  }

  clear(): void {
    for (const { program } of this.entries.values()) program.dispose();
    this.entries.clear();
  }
}

/** The types of tensors, as a key. */
export function keyOf(tensors: readonly Spec[]): string {
  return tensors.map(({ shape, dtype }) => `${dtype}[${shape}]`).join(' ');
}

/**
 * A function that runs as one planned program. `f` is recorded with shapes, once for each combination of shapes and
 * dtypes: it cannot read values, and `if` and `for` in it see shapes only. Variables that it uses stay live: it reads
 * their values of the moment, and may assign to them. It may return a tensor, or arrays and objects of tensors.
 *
 * @throws if `f` is async, or reads values.
 */
export function compile<R extends TensorContainer>(f: (...xs: Tensor[]) => R): CompiledFunction<R> {
  refuseAsync('compile', f);
  const programs = new ProgramCache<{ program: Program; result: R; tensors: Tensor[]; before: (() => void)[] }>();
  const trace = (specs: readonly Spec[]) => {
    let result!: R;
    const tensors: Tensor[] = [];
    const before: (() => void)[] = [];
    // Constants that `f` makes live on in the program alone.
    const program = inScope('compile', () => {
      return new Program(specs, (...symbols) => {
        beforeRuns = before;
        result = f(...symbols);
        refusePromise('compile', result);
        forEachTensor(result, (tensor) => tensors.push(tensor));
        return { outputs: tensors };
      });
    });
    return { program, result, tensors, before };
  };
  const compiled = (...xs: TensorLike[]): R => {
    const inputs = xs.map((x) => toTensor('compile', x));
    try {
      // Inside of another program it is a part of that one, and a gradient must see each op.
      if (tracing || isRecording()) return f(...inputs);
      const { program, result, tensors, before } = programs.get(keyOf(inputs), () => trace(inputs));
      for (const f of before) f();
      const outputs = program.outputs.map(({ shape, dtype }) => create(shape, dtype, () => {}));
      program.run([...inputs, ...outputs].map((tensor) => ({ tensor })));
      return replace(result, new Map(tensors.map((tensor, i) => [tensor, outputs[i]!]))) as R;
    } finally {
      inputs.forEach((input, i) => input !== xs[i] && input.dispose());
    }
  };
  const plan = (...xs: TensorLike[]): string =>
    inScope('plan', () => {
      const inputs = xs.map((x) => toTensor('compile', x));
      return String(programs.get(keyOf(inputs), () => trace(inputs)).program);
    });
  const dispose = () => programs.clear();
  return Object.assign(compiled, { plan, dispose, [Symbol.dispose]: dispose });
}

export interface CompiledFunction<R> extends Disposable {
  (...xs: TensorLike[]): R;
  /** The program for arguments like these, as text: its steps with their flops and memory. */
  plan(...xs: TensorLike[]): string;
  /** Frees its programs; a later call records anew. */
  dispose(): void;
}

/** The same structure with other tensors. */
function replace(container: unknown, by: ReadonlyMap<unknown, Tensor>): unknown {
  if (by.has(container)) return by.get(container);
  if (Array.isArray(container)) return container.map((item) => replace(item, by));
  if (typeof container !== 'object' || container === null) return container;
  return Object.fromEntries(Object.entries(container).map(([key, value]) => [key, replace(value, by)]));
}
