// Callbacks of a few lines.
import { WasmgradError } from '../core/errors.js';
import { checkOptions, FLAG } from '../core/options.js';
import { Callback, checkHooks, type CallbackFunctions } from './callback.js';

/** Ends the run after the first batch whose loss is not finite. */
export class TerminateOnNaN extends Callback {
  private readonly raiseError: boolean;

  /** @param args raiseError: whether `fit` throws then. Default: false. */
  constructor(args: { raiseError?: boolean } = {}) {
    super();
    checkOptions('TerminateOnNaN', args, { raiseError: FLAG });
    this.raiseError = args.raiseError ?? false;
  }

  override onNonFiniteLoss(batch: number): void {
    if (this.raiseError) throw new WasmgradError(`TerminateOnNaN: the loss of batch ${batch + 1} is not finite`);
    this.model.stopTraining = true;
  }
}

/** A callback of functions: `new LambdaCallback({ onEpochEnd: (epoch, logs) => ... })`. */
export class LambdaCallback extends Callback {
  constructor(functions: CallbackFunctions) {
    super();
    checkHooks(functions);
    Object.assign(this, functions);
  }
}
