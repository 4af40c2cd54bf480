// The schedules that files name.
import { registerMissing } from '../serialization.js';
import {
  CosineDecay,
  CosineDecayRestarts,
  ExponentialDecay,
  InverseTimeDecay,
  PiecewiseConstantDecay,
  PolynomialDecay,
} from './decay.js';

/** Makes them known. Called by what reads files, so that a page that reads none has the schedules alone that it names. */
export function registerSchedules(): void {
  registerMissing([ExponentialDecay, InverseTimeDecay, PolynomialDecay, PiecewiseConstantDecay]);
  registerMissing([CosineDecay, CosineDecayRestarts]);
}
