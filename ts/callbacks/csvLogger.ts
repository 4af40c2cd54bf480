// A table of the epochs in a file.
import { checkOptions, checkValue, FLAG, required, TEXT } from '../core/options.js';
import { fileExists, readFile, writeContent } from '../io/files.js';
import { Callback, type CallbackState, type Logs } from './callback.js';

export interface CSVLoggerArgs {
  /** What stands between values. Default: ','. */
  separator?: string;
  /** Whether to write behind what the file holds. Default: false. */
  append?: boolean;
}

/** Writes a line of values after each epoch: `epoch,accuracy,loss`. The columns are those of the first epoch. */
export class CSVLogger extends Callback {
  private readonly separator: string;
  private readonly append: boolean;
  private columns: readonly string[] | undefined;
  /** Whether lines of the run stand in the file. */
  private hasBegun = false;

  /** @param path of the file */
  constructor(
    private readonly path: string,
    args: CSVLoggerArgs = {},
  ) {
    super();
    checkValue('CSVLogger', 'the path', path, required(TEXT));
    checkOptions('CSVLogger', args, { separator: TEXT, append: FLAG });
    this.separator = args.separator ?? ',';
    this.append = args.append ?? false;
  }

  override onTrainBegin(): void {
    this.columns = undefined;
    this.hasBegun = false;
  }

  override async onEpochEnd(epoch: number, logs: Logs = {}): Promise<void> {
    if (this.columns === undefined) {
      const names = Object.keys(logs).sort();
      const isValidated = names.some((name) => name.startsWith('val_'));
      // A later epoch may be the first that is validated.
      this.columns = isValidated ? names : [...names, ...names.map((name) => `val_${name}`)];
    }
    if (!this.hasBegun) await this.begin(this.columns);
    await this.write('a', [epoch, ...this.columns.map((name) => logs[name] ?? 'NA')]);
  }

  private async begin(columns: readonly string[]): Promise<void> {
    const { append, path } = this;
    const hasLines = append && (await fileExists('CSVLogger', path)) && (await readFile('CSVLogger', path)).length > 0;
    if (!hasLines) await this.write('w', ['epoch', ...columns]);
    this.hasBegun = true;
  }

  private async write(flag: 'a' | 'w', cells: readonly (string | number)[]): Promise<void> {
    await writeContent('CSVLogger', this.path, `${cells.join(this.separator)}\r\n`, flag);
  }

  override getState(): CallbackState {
    return { columns: this.columns?.join('\n') };
  }

  override setState({ columns }: CallbackState): void {
    this.columns = (columns as string | undefined)?.split('\n');
    this.hasBegun = this.columns !== undefined;
  }
}
