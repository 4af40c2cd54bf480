// What options take by a name, as an object or a class, as a function, or as a file holds it.
import { checkMethods, WasmgradError } from './core/errors.js';
import { Registry } from './core/registry.js';
import { deserialize, serialize, type ConfigDict, type Serializable } from './serialization.js';

/** An object as files hold it. */
export interface Written {
  className: string;
  config: ConfigDict;
}

type Class<T> = new (config?: never) => T;

/** A name, an object or its class, a function, or `{ className, config }` as a file holds it. */
export type Identifier<T, F> = string | T | Class<T> | F | Written;

/** A kind of things of which a layer takes one, by its identifier. */
export class Kind<T extends Serializable, F extends (...args: never[]) => unknown> {
  private readonly classes: Registry<Class<T>>;

  /**
   * @param kind what a thing is called in errors: `initializer`
   * @param base the class that all things extend
   * @param table classes by name
   * @param description what the class of a user must have, in words
   * @param ofFunction makes a thing of a function; its class has no name
   */
  constructor(
    private readonly kind: string,
    private readonly base: (abstract new (...args: never[]) => T) & { className: string },
    table: Readonly<Record<string, Class<T>>>,
    private readonly description: string,
    private readonly ofFunction: (f: F) => T,
  ) {
    this.classes = new Registry(kind, table);
  }

  /**
   * What makes the thing of an identifier.
   * @throws on an unknown name, with the nearest one
   */
  maker(place: string, identifier: Identifier<T, F>): () => T {
    if (identifier instanceof this.base) {
      checkMethods(`${place}: ${this.kind}`, identifier, { apply: this.description });
      return () => identifier;
    }
    if (typeof identifier === 'function') {
      const isClass = identifier.prototype instanceof this.base;
      return () => (isClass ? new (identifier as Class<T>)() : this.ofFunction(identifier as F));
    }
    const isWritten = typeof identifier === 'object' && typeof (identifier as Partial<Written>)?.className === 'string';
    const { className: name, config } = isWritten
      ? (identifier as Written)
      : { className: identifier as string, config: undefined };
    // A class of the user's own, as a file names it.
    if (isWritten && !this.classes.has(name)) return () => deserialize<T>(place, identifier as Written);
    const known = this.classes.get(place, name);
    return () => new known(config as never);
  }

  /** The thing of an identifier, or none of none. @throws on an unknown name, with the nearest one */
  get(place: string, identifier: Identifier<T, F> | null | undefined): T | undefined {
    return identifier == null ? undefined : this.maker(place, identifier)();
  }

  /** As a file holds it, or null of none. @throws if it is a function */
  serialize(place: string, thing: T | undefined): Written | null {
    if (thing === undefined) return null;
    if (thing.getClassName() !== '') return serialize(thing);
    throw new WasmgradError(
      `${place}: a function as ${this.kind} cannot be saved; write a class for it (class extends ${this.base.className})`,
    );
  }
}
