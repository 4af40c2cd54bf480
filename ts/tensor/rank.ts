// Ranks as types.

/** Names of ranks, as tfjs programs use them in their types: `Tensor<Rank.R2>` is a matrix. */
export enum Rank {
  R0 = 'R0',
  R1 = 'R1',
  R2 = 'R2',
  R3 = 'R3',
  R4 = 'R4',
  R5 = 'R5',
  R6 = 'R6',
}

/** What `arraySync` gives for each rank. */
export interface ArrayMap {
  R0: number;
  R1: number[];
  R2: number[][];
  R3: number[][][];
  R4: number[][][][];
  R5: number[][][][][];
  R6: number[][][][][][];
}

/** A rank that is not known: such a tensor goes where one of a certain rank is asked for. */
// eslint-disable-next-line typescript/no-explicit-any -- the only type that every rank is assignable to and from
export type AnyRank = any;

/** Nested arrays of a known rank. Where it is not known it is `any`, so that `x.arraySync()[0]` reads as in JavaScript. */
// eslint-disable-next-line typescript/no-explicit-any -- a rank that nobody knows
export type ArrayOf<R extends Rank> = Rank extends R ? any : ArrayMap[R];
