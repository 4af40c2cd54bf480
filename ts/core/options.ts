// What options must be. Each option of a place has its rule, so that none is read unseen.
import { describe, didYouMean, WasmgradError } from './errors.js';
import { DTYPES, type DataType } from './op.js';

/** What an option must be, if it is given. */
export interface Rule {
  readonly ok: (x: unknown) => boolean;
  /** In words: `a number from 0 to 1`. */
  readonly expected: string;
  /** Whether there is no default. */
  readonly isRequired?: boolean;
}

/** A rule for each option. */
export type Rules<Options extends object = Record<string, unknown>> = {
  readonly [Name in keyof Required<Options>]: Rule;
};

/** Numbers that `ok` accepts; `expected` says which. */
const number = (expected: string, ok: (x: number) => boolean): Rule => ({
  ok: (x) => typeof x === 'number' && ok(x),
  expected,
});

const isWhole = (x: unknown, least: number) => Number.isInteger(x) && (x as number) >= least;

/** What is checked where it is understood: names, and objects by them. */
export const ANY: Rule = { ok: () => true, expected: 'anything' };
export const FLAG: Rule = { ok: (x) => typeof x === 'boolean', expected: 'true or false' };
export const TEXT: Rule = { ok: (x) => typeof x === 'string', expected: 'a text' };
export const DTYPE: Rule = { ok: (x) => DTYPES.includes(x as DataType), expected: 'float32, int32 or bool' };
export const FUNCTION: Rule = { ok: (x) => typeof x === 'function', expected: 'a function' };
export const WHOLE = number('a whole number', Number.isInteger);
export const FINITE = number('a finite number', Number.isFinite);
export const POSITIVE = number('a number above 0', (x) => x > 0);
export const FROM_ZERO = number('a number from 0 on', (x) => x >= 0);
export const FROM_ZERO_TO_ONE = number('a number from 0 to 1', (x) => x >= 0 && x <= 1);
export const BETWEEN_ZERO_AND_ONE = number('a number between 0 and 1', (x) => x > 0 && x < 1);
export const FRACTION = number('a number from 0 to below 1', (x) => x >= 0 && x < 1);
export const SEED = number('a whole number from 0 to 4294967295', (x) => isWhole(x, 0) && x <= 0xffffffff);

/** A whole number that is at least `least`. */
export const wholeFrom = (least: number): Rule => number(`a whole number from ${least} on`, (x) => isWhole(x, least));

/** A list of whole numbers that are at least `least`, in which `null` stands for what is open. */
export const wholesFrom = (least: number, example: string): Rule => ({
  ok: (x) => Array.isArray(x) && x.every((dim) => dim === null || isWhole(dim, least)),
  expected: `a list of whole numbers from ${least} on, such as ${example}`,
});

/** One of these texts. */
export const oneOf = (...texts: string[]): Rule => ({
  ok: (x) => texts.includes(x as string),
  expected: texts.map((text) => `'${text}'`).join(' or '),
});

/** As `rule`, or null. */
export const orNull = ({ ok, expected }: Rule): Rule => ({
  ok: (x) => x === null || ok(x),
  expected: `${expected}, or null`,
});

/** Numbers of axes. */
export const AXES: Rule = orNull({
  ok: (x) => [x].flat().every(Number.isInteger),
  expected: 'a whole number, or a list of them, such as [1, 2]',
});

/** As `rule`, and there is no default. */
export const required = (rule: Rule): Rule => ({ ...rule, isRequired: true });

/**
 * Refuses options that nobody reads, or that break their rule.
 * @throws if `options` is no object, or has a key that has no rule, or a value that its rule forbids
 */
export function checkOptions<Options extends object>(
  place: string,
  options: Options | undefined,
  rules: Rules<Options>,
): void {
  const known = Object.keys(rules);
  if (typeof options !== 'object' || options === null) {
    throw new WasmgradError(`${place}: expected its options, as in { ${known[0]}: ... }, got ${describe(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new WasmgradError(`${place}: unknown option "${name}"${didYouMean(name, known)}`);
    }
  }
  checkValues(place, options, rules);
}

/** As `checkOptions`, for an object that may have other keys too. */
export function checkValues<Options extends object>(place: string, options: Options, rules: Rules<Options>): void {
  for (const [name, rule] of Object.entries<Rule>(rules)) checkValue(place, name, options[name as keyof Options], rule);
}

/** @throws if the value of an option breaks its rule */
export function checkValue(place: string, name: string, value: unknown, { ok, expected, isRequired }: Rule): void {
  if (value === undefined ? isRequired : !ok(value)) {
    throw new WasmgradError(`${place}: ${name} must be ${expected}, got ${describe(value)}`);
  }
}

/** The options of a class, each with its rule and its default. */
export type Stated<Options> = { readonly [Name in keyof Options]: readonly [rule: Rule, byDefault: Options[Name]] };

/** The rules of stated options. */
export function rulesOf<Options extends object>(stated: Stated<Options>): Rules {
  return Object.fromEntries(Object.entries<readonly [Rule, unknown]>(stated).map(([name, [rule]]) => [name, rule]));
}

/** What was given, and the defaults of the other stated options. */
export function withDefaults<Options extends object>(stated: Stated<Options>, given: Partial<Options>): Options {
  const names = Object.keys(stated) as (keyof Options)[];
  return Object.fromEntries(
    names.map((name) => [name, given[name] === undefined ? stated[name][1] : given[name]]),
  ) as Options;
}

/** The options that were given. */
export function given<T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
