// Losses as metrics: the mean of their values.
import * as crossentropy from '../losses/crossentropy.js';
import * as hinge from '../losses/hinge.js';
import * as regression from '../losses/regression.js';
import { meanOfLoss } from './means.js';

export const MeanSquaredError = meanOfLoss(regression.MeanSquaredError);
export const MeanAbsoluteError = meanOfLoss(regression.MeanAbsoluteError);
export const MeanAbsolutePercentageError = meanOfLoss(regression.MeanAbsolutePercentageError);
export const MeanSquaredLogarithmicError = meanOfLoss(regression.MeanSquaredLogarithmicError);
export const LogCoshError = meanOfLoss(regression.LogCosh, 'LogCoshError', 'logcosh');
export const Poisson = meanOfLoss(regression.Poisson);
export const Hinge = meanOfLoss(hinge.Hinge);
export const SquaredHinge = meanOfLoss(hinge.SquaredHinge);
export const CategoricalHinge = meanOfLoss(hinge.CategoricalHinge);
export const KLDivergence = meanOfLoss(crossentropy.KLDivergence);
export const BinaryCrossentropy = meanOfLoss(crossentropy.BinaryCrossentropy);
export const CategoricalCrossentropy = meanOfLoss(crossentropy.CategoricalCrossentropy);
export const SparseCategoricalCrossentropy = meanOfLoss(crossentropy.SparseCategoricalCrossentropy);
