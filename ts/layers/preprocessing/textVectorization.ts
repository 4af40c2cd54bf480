// TextVectorization: texts as sequences of token numbers, or as vectors of what they hold.
import { WasmgradError } from '../../core/errors.js';
import { ANY, FUNCTION, wholeFrom, type Rules } from '../../core/options.js';
import { Registry } from '../../core/registry.js';
import type { ConfigDict } from '../../serialization.js';
import type { TensorLike } from '../../tensor/run.js';
import type { Tensor } from '../../tensor/tensor.js';
import { Layer, type LayerArgs } from '../layer.js';
import { OUTPUT_MODES, type OutputMode } from './encode.js';
import { LOOKUP_RULES, type IndexLookupArgs } from './indexLookup.js';
import { batchesIn, given, type AdaptData } from './preprocessing.js';
import { StringLookup } from './stringLookup.js';
import { noTexts, textsOf, type Elements, type NestedStrings } from './strings.js';

export type Standardization = 'lowerAndStripPunctuation' | 'lower' | 'stripPunctuation';
export type Split = 'whitespace' | 'character';

export interface TextVectorizationArgs extends Pick<
  IndexLookupArgs<string>,
  keyof LayerArgs | 'maxTokens' | 'vocabulary' | 'idfWeights' | 'outputMode' | 'padToMaxTokens'
> {
  /** What is done to a text first; lower case is that of ASCII, as in Keras. Default: lowerAndStripPunctuation. */
  standardize?: Standardization | ((text: string) => string) | null;
  /** How a text becomes tokens; null: it is one token. Default: whitespace. */
  split?: Split | ((text: string) => string[]) | null;
  /** Tokens joined by spaces as tokens of their own: up to so many, or of these numbers alone. Default: none. */
  ngrams?: number | readonly number[] | null;
  /** For `int`: the length to which sequences are cut, or filled with 0. Default: that of the longest. */
  outputSequenceLength?: number | null;
}

const orNull = wholeFrom(1);
const RULES: Rules<Omit<TextVectorizationArgs, keyof LayerArgs>> = {
  maxTokens: LOOKUP_RULES.maxTokens,
  vocabulary: LOOKUP_RULES.vocabulary,
  idfWeights: LOOKUP_RULES.idfWeights,
  outputMode: ANY,
  padToMaxTokens: LOOKUP_RULES.padToMaxTokens,
  standardize: ANY,
  split: ANY,
  ngrams: {
    ok: (x) => x === null || (Array.isArray(x) ? x : [x]).every(orNull.ok),
    expected: 'a whole number from 1 on, or a list of them',
  },
  outputSequenceLength: { ...orNull, ok: (x) => x === null || orNull.ok(x) },
};

const lower = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
const stripPunctuation = (text: string) => text.replace(/[!-/:-@[-`{-~]/g, '');

const STANDARDIZATIONS = new Registry('standardize', {
  lowerAndStripPunctuation: (text: string) => stripPunctuation(lower(text)),
  lower,
  stripPunctuation,
});

const SPLITS = new Registry('split', {
  // Of ASCII.
  whitespace: (text: string) => text.split(/[ \t-\r]+/).filter((token) => token !== ''),
  character: (text: string) => [...text],
});

/** Runs outside of models: tensors hold no texts. */
export class TextVectorization extends Layer {
  static override className = 'TextVectorization';
  private readonly options: TextVectorizationArgs;
  private readonly standardize: (text: string) => string;
  private readonly split: ((text: string) => string[]) | null;
  private readonly ngrams: readonly number[];
  private readonly outputMode: OutputMode;
  private readonly length: number | undefined;
  private readonly lookup: StringLookup;

  constructor(args: TextVectorizationArgs = {}) {
    super(args, RULES);
    this.options = args;
    const { standardize = 'lowerAndStripPunctuation', split = 'whitespace', ngrams } = args;
    this.standardize = functionOf(this.place, STANDARDIZATIONS, standardize) ?? ((text) => text);
    this.split = functionOf(this.place, SPLITS, split);
    this.ngrams = typeof ngrams === 'number' ? Array.from({ length: ngrams }, (_, i) => i + 1) : (ngrams ?? [1]);
    if (this.split === null && ngrams != null) {
      throw new WasmgradError(`${this.place}: ngrams are made of the tokens of a text; give split`);
    }
    this.length = args.outputSequenceLength ?? undefined;
    this.outputMode = OUTPUT_MODES.get(this.place, args.outputMode ?? 'int');
    if (this.length !== undefined && this.outputMode !== 'int') {
      throw new WasmgradError(
        `${this.place}: outputSequenceLength is for outputMode 'int', this is '${this.outputMode}'`,
      );
    }
    const { maxTokens, vocabulary, idfWeights, outputMode, padToMaxTokens } = args;
    this.lookup = new StringLookup({
      maskToken: '',
      ...given({ maxTokens, vocabulary, idfWeights, outputMode, padToMaxTokens }),
    });
  }

  private get place(): string {
    return `layer "${this.name}"`;
  }

  /** The tokens by index; without `includeSpecialTokens` without '' and '[UNK]'. */
  getVocabulary(includeSpecialTokens = true): string[] {
    return this.lookup.getVocabulary(includeSpecialTokens);
  }

  /** How many indices there are. */
  vocabularySize(): number {
    return this.lookup.vocabularySize();
  }

  /** As `StringLookup.setVocabulary`. */
  setVocabulary(vocabulary: readonly string[], idfWeights?: readonly number[]): void {
    this.lookup.setVocabulary(vocabulary, idfWeights);
  }

  /**
   * Takes the vocabulary from texts: the most frequent tokens first, and of those as frequent the last in the order of code
   * points. For `tfIdf` each text is a document.
   * @param data texts (n) or (n, 1), or batches of them from a generator
   */
  adapt(data: AdaptData<NestedStrings>): void {
    const read = (batch: unknown) => this.rowsOf(textsOf(`${this.place}: adapt`, batch));
    this.lookup.learn(
      (function* () {
        for (const batch of batchesIn(data)) yield* read(batch);
      })(),
    );
  }

  /** The tokens of each text. @throws if the texts stand in rows of several. */
  private rowsOf({ values, shape }: Elements<string>): string[][] {
    if (shape.length > 2 || (shape[1] ?? 1) !== 1) {
      throw new WasmgradError(`${this.place}: expected texts of shape [n] or [n, 1], got [${shape.join(', ')}]`);
    }
    return Array.from(values, (text) => {
      const standard = this.standardize(text);
      const tokens = this.split === null ? [standard] : this.split(standard);
      return this.ngrams.length === 1
        ? windows(tokens, this.ngrams[0]!)
        : this.ngrams.flatMap((n) => windows(tokens, n));
    });
  }

  /**
   * Texts (n) or (n, 1) as int32 (n, length), 0 behind the end of shorter ones, or as vectors (n, vocabulary); a text alone
   * as a row of it.
   */
  override apply(inputs: NestedStrings | TensorLike): Tensor {
    const texts = textsOf(this.place, inputs);
    const rows = this.rowsOf(texts);
    const longest = rows.reduce((most, { length }) => Math.max(most, length), 0);
    const length = this.length ?? longest;
    const isInt = this.outputMode === 'int';
    const indices = new Int32Array(rows.length * length).fill(isInt ? 0 : -1);
    rows.forEach((row, i) => indices.set(this.lookup.indicesOf(row.slice(0, length)), i * length));
    return this.lookup.encodeIndices(indices, texts.shape.length === 0 ? [length] : [rows.length, length]);
  }

  override call(): Tensor {
    throw noTexts(this.place);
  }

  override getConfig(): ConfigDict {
    const own = Object.entries(this.options).find(([, value]) => FUNCTION.ok(value));
    if (own !== undefined) {
      throw new WasmgradError(
        `${this.place}: ${own[0]} is a function, which no file can hold; make the layer anew by its code`,
      );
    }
    const { vocabulary, idfWeights } = this.lookup.getConfig();
    return { ...this.options, ...super.getConfig(), ...given({ vocabulary, idfWeights }) };
  }
}

/** A function by its name, or the user's own. */
function functionOf<F>(place: string, registry: Registry<F>, named: string | F | null): F | null {
  if (named === null || FUNCTION.ok(named)) return named as F | null;
  return registry.get(place, named as string);
}

/** Each `n` tokens that follow one another, joined. */
function windows(tokens: string[], n: number): string[] {
  return n === 1 ? tokens : tokens.slice(n - 1).map((_, i) => tokens.slice(i, i + n).join(' '));
}
