// What a learning rate schedule is, and a function as one.
import { WasmgradError, describe } from '../core/errors.js';
import { checkOptions, FROM_ZERO, rulesOf, TEXT, withDefaults, type Stated } from '../core/options.js';
import { deserialize, type ConfigDict } from '../serialization.js';

/** A rate; a schedule; a function from the number of steps before, first 0, to the rate; or a schedule as a file holds it. */
export type LearningRate =
  number | LearningRateSchedule | ((step: number) => number) | { className: string; config: ConfigDict };

/** A learning rate that follows from the number of the step, in float32 as in Keras. */
export abstract class LearningRateSchedule<Options extends object = object> {
  static className = '';
  protected readonly options: Readonly<Options & { name: string }>;

  /** @throws if an option is unknown, or breaks its rule */
  constructor(args: object = {}, stated: Stated<Options> = {} as Stated<Options>, name?: string) {
    const className = this.getClassName();
    const all: Stated<Options & { name: string }> = { ...stated, name: [TEXT, name ?? className] } as never;
    checkOptions<object>(`schedule ${className}`, args, rulesOf(all));
    this.options = withDefaults(all, args);
  }

  /** The rate of the step before which `step` steps were made. */
  abstract call(step: number): number;

  getClassName(): string {
    return (this.constructor as typeof LearningRateSchedule).className;
  }

  getConfig(): ConfigDict {
    return { ...this.options };
  }
}

/** A function, of which files hold no more than the rate of the moment. */
export class CustomSchedule extends LearningRateSchedule {
  constructor(readonly call: (step: number) => number) {
    super();
  }
}

/** The schedule, or undefined if it is a number. */
export function getSchedule(place: string, rate: LearningRate): LearningRateSchedule | undefined {
  if (rate instanceof LearningRateSchedule) return rate;
  if (typeof rate === 'function') return new CustomSchedule(rate);
  if (typeof rate === 'number') return undefined;
  if (typeof rate?.className === 'string') return deserialize<LearningRateSchedule>(place, rate);
  throw new WasmgradError(
    `${place}: learningRate must be ${FROM_ZERO.expected}, a schedule or a function of the step, got ${describe(rate)}`,
  );
}
