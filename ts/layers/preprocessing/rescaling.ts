// Rescaling: numbers of one range in another.
import { FINITE, required, type Rules } from '../../core/options.js';
import * as ops from '../../ops.gen.js';
import type { ConfigDict } from '../../serialization.js';
import { run } from '../../tensor/run.js';
import type { Tensor } from '../../tensor/tensor.js';
import { toFloat } from '../../tensor/words.js';
import { Layer, type LayerArgs } from '../layer.js';

export interface RescalingArgs extends LayerArgs {
  /** What inputs are multiplied by. */
  scale: number;
  /** What is added then. Default: 0. */
  offset?: number;
}

const RULES: Rules<Omit<RescalingArgs, keyof LayerArgs>> = { scale: required(FINITE), offset: FINITE };

/** y = x scale + offset, in float32. */
export class Rescaling extends Layer {
  static override className = 'Rescaling';
  private readonly scale: number;
  private readonly offset: number;

  constructor(args: RescalingArgs) {
    super(args, RULES);
    this.scale = args.scale;
    this.offset = args.offset ?? 0;
    this.supportsMasking = true;
  }

  override call(x: Tensor): Tensor {
    return run(ops.affine, [toFloat(x)], this.scale, this.offset);
  }

  override getConfig(): ConfigDict {
    return { ...super.getConfig(), scale: this.scale, offset: this.offset };
  }
}
