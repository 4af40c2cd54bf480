// Things that are asked for by name.
import { WasmgradError, didYouMean, describe } from './errors.js';

/** Names as Keras or tfjs spell them: `meanSquaredError`, `mean_squared_error` and `MeanSquaredError` are one. */
function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** `MeanSquaredError` -> `mean_squared_error`, as Keras does it. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

/** A table of things by name, in which case and underscores do not count. */
export class Registry<T> {
  private readonly entries = new Map<string, T>();
  private readonly names: string[] = [];

  /** @param kind what an entry is called in errors: `activation` */
  constructor(
    private readonly kind: string,
    table: Readonly<Record<string, T>>,
  ) {
    for (const [name, entry] of Object.entries(table)) {
      this.names.push(name);
      this.entries.set(plain(name), entry);
    }
  }

  has(name: string): boolean {
    return this.entries.has(plain(name));
  }

  /**
   * @param place who asks
   * @throws if there is no such name: the nearest one is told.
   */
  get(place: string, name: string): T {
    if (typeof name !== 'string') {
      throw new WasmgradError(
        `${place}: ${this.kind} must be a name, such as '${this.names[0]}', got ${describe(name)}`,
      );
    }
    const entry = this.entries.get(plain(name));
    if (entry === undefined) {
      throw new WasmgradError(
        `${place}: unknown ${this.kind} "${name}"${didYouMean(name, this.names)}; known: ${this.names.join(', ')}`,
      );
    }
    return entry;
  }
}
