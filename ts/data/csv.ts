// Tables as text.
import { WasmgradError, didYouMean } from '../core/errors.js';
import { ANY, checkOptions, FLAG, oneOf, type Rules } from '../core/options.js';
import { readFile } from '../io/files.js';
import { Dataset } from './dataset.js';

type Cell = number | boolean | string | undefined;

export interface ColumnConfig {
  /** Whether it must have a value in each row. Default: false. */
  required?: boolean;
  /** How values are read: as numbers where they are ones, unless this says otherwise. */
  dtype?: 'float32' | 'int32' | 'bool' | 'string';
  /** What stands for a value that is missing. */
  default?: number | boolean | string;
  /** Whether it belongs to `ys`. Default: false. */
  isLabel?: boolean;
}

export interface CSVConfig {
  /** Whether the first line holds the names of the columns. Default: true. */
  hasHeader?: boolean;
  /** Names of the columns, instead of those of the header. */
  columnNames?: readonly string[];
  /** What is special of columns, by their names. With labels, elements are `{ xs, ys }`. */
  columnConfigs?: Readonly<Record<string, ColumnConfig>>;
  /** Whether the other columns are left out. Default: false. */
  configuredColumnsOnly?: boolean;
  /** What stands between values. Default: ','. */
  delimiter?: string;
  /** Whether values are parted by white space, however wide. Default: false. */
  delimWhitespace?: boolean;
}

const RULES: Rules<CSVConfig> = {
  hasHeader: FLAG,
  columnNames: { ok: Array.isArray, expected: 'a list of names' },
  columnConfigs: ANY,
  configuredColumnsOnly: FLAG,
  delimiter: { ok: (x) => typeof x === 'string' && x.length === 1, expected: 'one character' },
  delimWhitespace: FLAG,
};

const COLUMN_RULES: Rules<ColumnConfig> = {
  required: FLAG,
  dtype: oneOf('float32', 'int32', 'bool', 'string'),
  default: {
    ok: (x) => ['number', 'boolean', 'string'].includes(typeof x),
    expected: 'a number, true, false or a text',
  },
  isLabel: FLAG,
};

/** A row by the names of its columns, or, where columns are labels, `{ xs, ys }` of two such rows. */
export type CSVRow = Record<string, Cell> | { xs: Record<string, Cell>; ys: Record<string, Cell> };

/** The rows of a table. */
export class CSVDataset extends Dataset<CSVRow> {
  private read: Promise<{ names: string[]; rows: string[][] }> | undefined;

  constructor(
    private readonly source: string | URL | Blob,
    private readonly config: CSVConfig,
  ) {
    super(() => this.rows());
  }

  /** Names of the columns of the elements, in their order. */
  async columnNames(): Promise<string[]> {
    const { names } = await this.table();
    const { columnConfigs = {}, configuredColumnsOnly } = this.config;
    return names.filter((name) => !configuredColumnsOnly || name in columnConfigs);
  }

  private async *rows(): AsyncGenerator<CSVRow> {
    const { names, rows } = await this.table();
    const { columnConfigs = {}, configuredColumnsOnly } = this.config;
    const hasLabels = Object.values(columnConfigs).some(({ isLabel }) => isLabel);
    for (const [number, row] of rows.entries()) {
      const [xs, ys]: [Record<string, Cell>, Record<string, Cell>] = [{}, {}];
      if (row.length !== names.length) {
        throw new WasmgradError(
          `data.csv: row ${number + 1} has ${row.length} values, but there are ${names.length} columns: ${row.join(', ')}`,
        );
      }
      names.forEach((name, i) => {
        const config = columnConfigs[name];
        if (configuredColumnsOnly && config === undefined) return;
        (config?.isLabel ? ys : xs)[name] = cellOf(row[i]!, config, name, number + 1);
      });
      yield hasLabels ? { xs, ys } : xs;
    }
  }

  private table(): Promise<{ names: string[]; rows: string[][] }> {
    return (this.read ??= this.parse());
  }

  private async parse(): Promise<{ names: string[]; rows: string[][] }> {
    const { hasHeader = true, columnNames, columnConfigs = {}, delimiter = ',', delimWhitespace = false } = this.config;
    const rows = parseRows(await textOf(this.source), delimiter, delimWhitespace);
    const header = hasHeader ? rows.shift() : undefined;
    const names = [...(columnNames ?? header ?? [])];
    if (names.length === 0) {
      throw new WasmgradError('data.csv: the columns have no names: give columnNames, or a table with a header');
    }
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw new WasmgradError(`data.csv: two columns are named "${twice}"; give columnNames`);
    for (const name of Object.keys(columnConfigs)) {
      if (names.includes(name)) continue;
      throw new WasmgradError(
        `data.csv: columnConfigs names "${name}", which is no column${didYouMean(name, names)}; there are ${names.join(', ')}`,
      );
    }
    return { names, rows };
  }
}

/**
 * The rows of a table as elements by column: `{ age: 31, name: 'Ada' }`.
 * @param source the text itself if it has a line break; otherwise a path or an address. Or a `URL`, or a `Blob` (a file
 *   that the user chose).
 * @throws on options that make no sense; when it is read, if the table cannot be got, or a row does not fit the columns
 */
export function csv(source: string | URL | Blob, config: CSVConfig = {}): CSVDataset {
  checkOptions('data.csv', config, RULES);
  for (const [name, column] of Object.entries(config.columnConfigs ?? {})) {
    checkOptions(`data.csv: column "${name}"`, column, COLUMN_RULES);
  }
  return new CSVDataset(source, config);
}

async function textOf(source: string | URL | Blob): Promise<string> {
  if (typeof source === 'object' && 'text' in source) return source.text();
  const address = String(source);
  if (typeof source === 'string' && address.includes('\n')) return address;
  const isFile = !/^(https?|data|blob):/.test(address) && typeof document === 'undefined';
  if (isFile) {
    const path = address.startsWith('file:') ? decodeURIComponent(new URL(address).pathname) : address;
    return new TextDecoder().decode(await readFile('data.csv', path));
  }
  const response = await fetch(address);
  if (!response.ok) throw new WasmgradError(`data.csv: ${address} answered ${response.status} ${response.statusText}`);
  return response.text();
}

/** The cells of each line that is not empty. Within double quotes everything is text, and two of them are one. */
function parseRows(text: string, delimiter: string, delimWhitespace: boolean): string[][] {
  if (delimWhitespace) {
    const lines = text.split(/\r?\n/).map((line) => line.trim());
    return lines.filter((line) => line !== '').map((line) => line.split(/\s+/));
  }
  const rows: string[][] = [];
  let [row, cell, isQuoted]: [string[], string, boolean] = [[], '', false];
  const endRow = () => {
    if (row.length > 0 || cell !== '') rows.push([...row, cell]);
    [row, cell] = [[], ''];
  };
  for (let i = text.charCodeAt(0) === 0xfeff ? 1 : 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '"') {
      if (isQuoted && text[i + 1] === '"') cell += text[i++]!;
      else isQuoted = !isQuoted;
    } else if (isQuoted) cell += character;
    else if (character === delimiter) [row, cell] = [[...row, cell], ''];
    else if (character === '\n') endRow();
    else if (character !== '\r') cell += character;
  }
  endRow();
  return rows;
}

function cellOf(text: string, config: ColumnConfig | undefined, name: string, row: number): Cell {
  const { dtype, required } = config ?? {};
  const place = `data.csv: row ${row}, column "${name}"`;
  if (text.trim() === '') {
    if (config?.default !== undefined) return config.default;
    if (required) throw new WasmgradError(`${place}: the value is missing; fill it in, or give the column a default`);
    return undefined;
  }
  if (dtype === 'string') return text;
  if (dtype === 'bool') {
    if (/^\s*(1|true)\s*$/i.test(text)) return true;
    if (/^\s*(0|false)\s*$/i.test(text)) return false;
    throw new WasmgradError(`${place}: "${text}" is neither true nor false; give the column another dtype`);
  }
  const number = Number(text);
  if (!Number.isNaN(number)) return dtype === 'int32' ? Math.trunc(number) : number;
  if (dtype !== undefined) {
    throw new WasmgradError(`${place}: "${text}" is no number; mend it, or give the column dtype 'string'`);
  }
  return text;
}
