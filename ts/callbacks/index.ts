// The callbacks: `new wg.callbacks.EarlyStopping({ patience: 3 })`.
import { EarlyStopping, type EarlyStoppingArgs } from './earlyStopping.js';

export { Callback, History } from './callback.js';
export { BackupAndRestore, type BackupAndRestoreArgs } from './backupAndRestore.js';
export { CSVLogger, type CSVLoggerArgs } from './csvLogger.js';
export { EarlyStopping, type EarlyStoppingArgs };
export { LearningRateScheduler, ReduceLROnPlateau, type ReduceLROnPlateauArgs } from './learningRate.js';
export { ModelCheckpoint, type ModelCheckpointArgs } from './modelCheckpoint.js';
export type { MonitorArgs } from './monitor.js';
export { ProgbarLogger } from './progbarLogger.js';
export { LambdaCallback, TerminateOnNaN } from './simple.js';
export { TensorBoard, type TensorBoardArgs } from './tensorBoard.js';

/** tfjs's form of `EarlyStopping`. */
export const earlyStopping = (args?: EarlyStoppingArgs): EarlyStopping => new EarlyStopping(args);
