// Classes by name, so that what was saved can be made again.
import { WasmgradError, didYouMean } from './core/errors.js';

/** A configuration as JSON holds it. */
export type ConfigDict = { [key: string]: unknown };

/** An object that can be written down by its class's name and its options. */
export abstract class Serializable {
  /** The name in files and of `registerClass`. */
  static className = '';

  getClassName(): string {
    return (this.constructor as typeof Serializable).className;
  }

  /** The options that make it again, as JSON. */
  getConfig(): ConfigDict {
    return {};
  }
}

/** A class whose objects can be written down and made again. */
export interface SerializableClass<T = unknown> {
  /** Its name in files. */
  className: string;
  new (config: never): T;
  /** Makes an object from what its `getConfig` gave; by default the constructor does. */
  fromConfig?(config: ConfigDict): T;
}

const classes = new Map<string, SerializableClass>();

/** Makes a class known to `loadModel`, by its static `className`. */
export function registerClass(cls: SerializableClass): void {
  if (typeof cls.className !== 'string' || cls.className === '') {
    throw new WasmgradError(
      `registerClass: class ${cls.name} has no className; give it \`static className = '${cls.name}'\``,
    );
  }
  classes.set(cls.className, cls);
}

/** Makes classes known, but for those in whose place a user has registered his own. */
export function registerMissing(missing: readonly SerializableClass[]): void {
  for (const cls of missing) if (!classes.has(cls.className)) registerClass(cls);
}

/** An object as `{ className, config }`. */
export function serialize(object: { getClassName(): string; getConfig(): ConfigDict }): {
  className: string;
  config: ConfigDict;
} {
  return { className: object.getClassName(), config: object.getConfig() };
}

/**
 * The object that `serialize` wrote down.
 * @throws if its class is not registered.
 */
export function deserialize<T>(place: string, { className, config }: { className: string; config: ConfigDict }): T {
  const cls = classes.get(className);
  if (cls === undefined) {
    throw new WasmgradError(
      `${place}: unknown class "${className}"${didYouMean(className, classes.keys())}; ` +
        'call serialization.registerClass(TheClass) before loading',
    );
  }
  return (cls.fromConfig?.(config) ?? new cls(config as never)) as T;
}
