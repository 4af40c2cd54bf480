// The global seed, from which initial weights, the order of samples and dropout follow.
import { seam } from './core/core.js';
import { checkValue, required, SEED } from './core/options.js';
import { sharedState } from './tensor/randomState.js';

/**
 * Fixes all random draws that follow, as Keras's `set_random_seed`: with the same seed and the same program, initial
 * weights, shuffles and dropout equal Keras 3.15's on JAX.
 * @param seed a whole number from 0 to 2^32 - 1
 */
export function setSeed(seed: number): void {
  checkValue('setSeed', 'the seed', seed, required(SEED));
  seam.random_set_seed(seed);
  sharedState.beginAnew();
}
