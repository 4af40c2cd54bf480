// Learning rate schedules: `new wg.optimizers.schedules.CosineDecay({ initialLearningRate: 0.1, decaySteps: 1000 })`.
export {
  CosineDecay,
  CosineDecayRestarts,
  ExponentialDecay,
  InverseTimeDecay,
  PiecewiseConstantDecay,
  PolynomialDecay,
} from './decay.js';
export { LearningRateSchedule } from './schedule.js';
