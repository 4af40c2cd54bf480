// What the lookups of integers and of texts share: a vocabulary, and the index of each token in it.
import { describe, WasmgradError } from '../../core/errors.js';
import { ANY, FLAG, wholeFrom, type Rule, type Rules } from '../../core/options.js';
import type { ConfigDict } from '../../serialization.js';
import { create, fromValues } from '../../tensor/run.js';
import { inScope } from '../../tensor/scopes.js';
import type { Tensor } from '../../tensor/tensor.js';
import { mul } from '../../tensor/words.js';
import type { LayerArgs } from '../layer.js';
import { encode, OUTPUT_MODES, type OutputMode } from './encode.js';
import type { Salt } from './hashes.js';
import { batchesIn, given, PreprocessingLayer, type AdaptData } from './preprocessing.js';
import type { Elements } from './strings.js';

export interface IndexLookupArgs<Token> extends LayerArgs {
  /** The largest size of the vocabulary, with mask and out-of-vocabulary tokens; `adapt` keeps the most frequent ones. */
  maxTokens?: number | null;
  /** How many indices tokens share that are not in the vocabulary; with 0 there may be none. Default: 1. */
  numOovIndices?: number;
  /** The token that stands for nothing: index 0 for `int`, no trace in vectors. Default: none. */
  maskToken?: Token | null;
  /** What an inverted lookup gives for indices that are of no token. */
  oovToken?: Token;
  /** The tokens in the order of their indices, with or without those for mask and out-of-vocabulary in front. */
  vocabulary?: readonly Token[];
  /** For `tfIdf`: the weight of each token of `vocabulary`. */
  idfWeights?: readonly number[];
  /** Whether to give the token of an index instead. Default: false. */
  invert?: boolean;
  /** Default: int. */
  outputMode?: OutputMode;
  /** Whether vectors have `maxTokens` elements, however small the vocabulary. Default: false. */
  padToMaxTokens?: boolean;
  /** Two numbers, or one for both, that the buckets of out-of-vocabulary tokens depend on. Default: none. */
  salt?: Salt;
}

const LIST: Rule = { ok: Array.isArray, expected: 'a list' };

export const SALT: Rule = {
  ok: (x) => (Array.isArray(x) && x.length === 2 ? x : [x]).every((part) => Number.isSafeInteger(part) && part >= 0),
  expected: 'a whole number from 0 on, or two of them',
};

/** The rules of all options but those that are tokens. */
export const LOOKUP_RULES: Rules<Omit<IndexLookupArgs<never>, keyof LayerArgs | 'maskToken' | 'oovToken'>> = {
  maxTokens: { ok: (x) => x === null || wholeFrom(2).ok(x), expected: wholeFrom(2).expected },
  numOovIndices: wholeFrom(0),
  vocabulary: LIST,
  idfWeights: LIST,
  invert: FLAG,
  outputMode: ANY,
  padToMaxTokens: FLAG,
  salt: SALT,
};

export abstract class IndexLookup<Token extends string | number> extends PreprocessingLayer {
  protected readonly numOovIndices: number;
  protected readonly maskToken: Token | null;
  protected readonly oovToken: Token;
  protected readonly outputMode: OutputMode;
  protected readonly invert: boolean;
  protected readonly salt: Salt | undefined;
  private readonly maxTokens: number | undefined;
  private readonly padToMaxTokens: boolean;
  /** The vocabulary without special tokens, and the place of each in it. */
  protected tokens: readonly Token[] = [];
  private places = new Map<Token, number>();
  /** The weight of each index, for `tfIdf`. */
  protected idfWeights: Float32Array | undefined;

  constructor(args: IndexLookupArgs<Token>, oovToken: Token, rules: Rules) {
    super(args, rules);
    this.numOovIndices = args.numOovIndices ?? 1;
    this.maskToken = args.maskToken ?? null;
    this.oovToken = args.oovToken ?? oovToken;
    this.invert = args.invert ?? false;
    this.outputMode = OUTPUT_MODES.get(this.place, args.outputMode ?? 'int');
    this.maxTokens = args.maxTokens ?? undefined;
    this.padToMaxTokens = args.padToMaxTokens ?? false;
    this.salt = args.salt;
    if (this.invert && this.outputMode !== 'int') {
      throw new WasmgradError(
        `${this.place}: invert gives tokens, so outputMode must be 'int', got '${this.outputMode}'`,
      );
    }
    if (this.padToMaxTokens && this.maxTokens === undefined) {
      throw new WasmgradError(`${this.place}: padToMaxTokens needs maxTokens, the length of the vectors`);
    }
    if (args.vocabulary !== undefined) this.setVocabulary(args.vocabulary, args.idfWeights);
    else if (args.idfWeights !== undefined) {
      throw new WasmgradError(`${this.place}: idfWeights are the weights of a vocabulary; give vocabulary too`);
    }
  }

  /** The tokens of a call or of a batch to adapt to. */
  protected abstract read(place: string, inputs: unknown): Elements<Token>;

  /** By which tokens that are as frequent stand in the vocabulary, the greatest first. */
  protected abstract compare(a: Token, b: Token): number;

  /** Which of the indices for tokens outside of the vocabulary one gets, from 0 on. */
  protected abstract bucket(token: Token): number;

  private get oovStart(): number {
    return this.maskToken !== null && this.outputMode === 'int' ? 1 : 0;
  }

  /** The index of the vocabulary's first token. */
  protected get tokenStart(): number {
    return this.oovStart + this.numOovIndices;
  }

  protected get specialTokens(): (Token | null)[] {
    return Array.from({ length: this.tokenStart }, (_, i) => (i < this.oovStart ? this.maskToken : this.oovToken));
  }

  /** The tokens by index; without `includeSpecialTokens` those alone that were given or found. */
  getVocabulary(includeSpecialTokens = true): Token[] {
    return includeSpecialTokens ? [...(this.specialTokens as Token[]), ...this.tokens] : [...this.tokens];
  }

  /** How many indices there are. */
  vocabularySize(): number {
    return this.tokenStart + this.tokens.length;
  }

  /**
   * Gives the layer its tokens, with or without the special ones in front.
   * @param idfWeights for `tfIdf`: a weight for each token that is given
   * @throws if a token is there twice or is a special one, or there are too many or none; nothing changes then
   */
  setVocabulary(vocabulary: readonly Token[], idfWeights?: readonly number[]): void {
    const place = `${this.place}: vocabulary`;
    const { values } = this.read(place, [...vocabulary]);
    const special = this.specialTokens;
    const hasSpecial = special.length > 0 && special.every((token, i) => token === values[i]);
    const tokens = Array.from(values).slice(hasSpecial ? special.length : 0);
    const seen = new Set<Token>();
    const again = tokens.find((token) => seen.size === seen.add(token).size);
    if (again !== undefined) {
      throw new WasmgradError(`${place}: ${describe(again)} is there twice; give each token once`);
    }
    const misplaced = tokens.find((token) => token === this.maskToken || (this.invert && token === this.oovToken));
    if (misplaced !== undefined || tokens.length === 0) {
      const got = misplaced === undefined ? 'none' : `${describe(misplaced)} among the tokens`;
      throw new WasmgradError(
        `${place}: expected tokens, with those for mask and out-of-vocabulary at the front (${describe(special)}) or not at all, got ${got}`,
      );
    }
    const size = special.length + tokens.length;
    if (this.maxTokens !== undefined && size > this.maxTokens) {
      throw new WasmgradError(
        `${place}: ${tokens.length} tokens and ${special.length} special ones are more than maxTokens, ${this.maxTokens}; raise it`,
      );
    }
    if (
      (this.outputMode === 'tfIdf') !== (idfWeights !== undefined) ||
      (idfWeights?.length ?? values.length) !== values.length
    ) {
      throw new WasmgradError(
        `${place}: outputMode 'tfIdf', and no other, needs idfWeights, one for each token; ` +
          `for '${this.outputMode}' with ${values.length} tokens got ${describe(idfWeights)}`,
      );
    }
    this.accept(tokens, idfWeights === undefined || hasSpecial ? idfWeights : this.padFront(idfWeights));
  }

  /** What is special weighs as much as the others in the mean. */
  private padFront(weights: readonly number[]): number[] {
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
    return [...this.specialTokens.map(() => mean), ...weights];
  }

  /** A new vocabulary that is known to be right. */
  protected accept(tokens: readonly Token[], idfWeights: readonly number[] | undefined): void {
    this.tokens = tokens;
    this.places = new Map(tokens.map((token, i) => [token, i]));
    if (idfWeights === undefined) return;
    this.idfWeights = new Float32Array(this.depth);
    this.idfWeights.set(idfWeights);
  }

  /**
   * Takes the vocabulary from data: all tokens, the most frequent first, and of those as frequent the greatest. For
   * `tfIdf` each row of the data is a document. What was known before is forgotten.
   * @param data a list (or tensor) of tokens or of rows of them, or batches of rows from a generator
   * @throws if the data hold no token; nothing changes then
   */
  adapt(data: AdaptData<unknown>): void {
    const read = (batch: unknown) => this.rowsOf(batch);
    this.learn(
      (function* () {
        for (const batch of batchesIn(data)) yield* read(batch);
      })(),
    );
  }

  /** As `adapt`, from rows of tokens. */
  learn(data: Iterable<readonly Token[]>): void {
    const counts = new Map<Token, number>();
    const documents = new Map<Token, number>();
    let rows = 0;
    const add = (map: Map<Token, number>, token: Token) => map.set(token, (map.get(token) ?? 0) + 1);
    for (const row of data) {
      for (const token of row) add(counts, token);
      if (this.outputMode === 'tfIdf') for (const token of new Set(row)) add(documents, token);
      rows++;
    }
    for (const token of [this.maskToken, this.oovToken]) counts.delete(token as Token);
    if (counts.size === 0) throw new WasmgradError(`${this.place}: adapt: the data hold no token; give some`);
    const room = this.maxTokens === undefined ? counts.size : this.maxTokens - this.tokenStart;
    if (room < 1) {
      throw new WasmgradError(
        `${this.place}: adapt: maxTokens, ${this.maxTokens}, has no room beside ${this.tokenStart} special tokens; raise it`,
      );
    }
    const tokens = [...counts]
      .sort(([a, n], [b, m]) => m - n || this.compare(b, a))
      .slice(0, room)
      .map(([token]) => token);
    const weight = (token: Token) => Math.fround(Math.log(1 + rows / (1 + documents.get(token)!)));
    this.accept(tokens, this.outputMode === 'tfIdf' ? this.padFront(tokens.map(weight)) : undefined);
  }

  /** The rows of a batch; a token in a plain list is a row of its own. */
  private rowsOf(batch: unknown): Token[][] {
    const { values, shape } = this.read(`${this.place}: adapt`, batch);
    const length = shape.length < 2 ? 1 : values.length / Math.max(shape[0]!, 1);
    const all = Array.from(values);
    return Array.from({ length: all.length / length }, (_, i) => all.slice(i * length, (i + 1) * length));
  }

  /** How many elements a vector has. */
  protected get depth(): number {
    return this.padToMaxTokens ? this.maxTokens! : this.vocabularySize();
  }

  /** The indices of tokens, -1 for what leaves no trace. @throws if a token has no index. */
  indicesOf(tokens: Iterable<Token>): Int32Array {
    this.needVocabulary();
    return Int32Array.from(tokens, (token) => {
      if (token === this.maskToken) return this.maskIndex;
      const place = this.places.get(token);
      if (place !== undefined) return this.tokenStart + place;
      if (this.numOovIndices > 0) return this.oovStart + (this.numOovIndices === 1 ? 0 : this.bucket(token));
      throw new WasmgradError(
        `${this.place}: ${describe(token)} is not in the vocabulary, and numOovIndices is 0; set it to 1 for an index of such tokens`,
      );
    });
  }

  /** The index of the mask's token. */
  protected get maskIndex(): number {
    return this.outputMode === 'int' ? 0 : -1;
  }

  protected needVocabulary(): void {
    if (this.tokens.length > 0) return;
    throw new WasmgradError(`${this.place} has no vocabulary yet: call adapt(data), or give one`);
  }

  /** The tokens of indices. */
  protected tokensOf(indices: Iterable<number>): Token[] {
    this.needVocabulary();
    const named = this.getVocabulary();
    return Array.from(indices, (index) => named[index] ?? this.oovToken);
  }

  /** Indices of the host in the output's mode. */
  encodeIndices(indices: Int32Array, shape: readonly number[]): Tensor {
    return inScope(this.place, () => {
      const weights = this.idfWeights && fromValues(this.place, this.idfWeights);
      return this.encode(
        create([...shape], 'int32', (view) => view.set(indices)),
        weights,
      );
    });
  }

  /** Indices in the output's mode. */
  protected encode(indices: Tensor, idfWeights: Tensor | undefined): Tensor {
    const { outputMode } = this;
    if (outputMode !== 'tfIdf') return encode(indices, outputMode, this.depth);
    return mul(encode(indices, 'count', this.depth), idfWeights!);
  }

  override getConfig(): ConfigDict {
    const { maxTokens, numOovIndices, maskToken, oovToken, outputMode, invert, padToMaxTokens, salt } = this;
    const hasTokens = this.tokens.length > 0;
    return {
      ...super.getConfig(),
      numOovIndices,
      oovToken,
      outputMode,
      invert,
      padToMaxTokens,
      ...given({ maxTokens, maskToken, salt }),
      // All of them, so that the special ones keep their weights.
      ...(hasTokens && { vocabulary: this.getVocabulary() }),
      ...(hasTokens &&
        this.idfWeights && { idfWeights: Array.from(this.idfWeights.subarray(0, this.vocabularySize())) }),
    };
  }
}
