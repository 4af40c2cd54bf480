// Goes on with a run that was cut off.
import { checkOptions, checkValue, FLAG, required, TEXT } from '../core/options.js';
import { fileExists, makeFolderOf, readFile, removeFile, writeFile } from '../io/files.js';
import { Callback, SAVE_FREQ, type CallbackState, type RunControl } from './callback.js';

export interface BackupAndRestoreArgs {
  /** When to save: after each 'epoch', or after so many batches. Default: 'epoch'. */
  saveFreq?: 'epoch' | number;
  /** Whether the file goes when the run has ended. Default: true. */
  deleteCheckpoint?: boolean;
}

/**
 * Saves the run along its way, in one file. A later run with the same program finds the file, and goes on from there: its
 * weights are, bit for bit, those of a run that was not cut off.
 */
export class BackupAndRestore extends Callback {
  private readonly deleteCheckpoint: boolean;
  private run!: RunControl;
  private unsaved = 0;
  private isDue = false;

  /** @param path of the file */
  constructor(
    private readonly path: string,
    args: BackupAndRestoreArgs = {},
  ) {
    super();
    checkValue('BackupAndRestore', 'the path', path, required(TEXT));
    checkOptions('BackupAndRestore', args, {
      saveFreq: SAVE_FREQ,
      deleteCheckpoint: FLAG,
    });
    const { saveFreq = 'epoch', deleteCheckpoint = true } = args;
    this.deleteCheckpoint = deleteCheckpoint;
    // A hook for batches costs each batch a call.
    if (saveFreq === 'epoch') this.onEpochEnd = () => void (this.isDue = true);
    else this.onBatchEnd = () => void (this.isDue = ++this.unsaved % saveFreq === 0);
  }

  override setRun(run: RunControl): void {
    this.run = run;
  }

  override async onTrainBegin(): Promise<void> {
    this.unsaved = 0;
    const place = `BackupAndRestore("${this.path}")`;
    if (await fileExists(place, this.path)) this.run.restore(place, await readFile(place, this.path));
    else await makeFolderOf(place, this.path);
  }

  override async settled(): Promise<void> {
    if (!this.isDue) return;
    this.isDue = false;
    await writeFile(this.path, this.run.toBytes());
  }

  override async onTrainEnd(): Promise<void> {
    if (this.deleteCheckpoint) await removeFile('BackupAndRestore', this.path);
  }

  override getState(): CallbackState {
    return { unsaved: this.unsaved };
  }

  override setState({ unsaved }: CallbackState): void {
    this.unsaved = unsaved as number;
  }
}
