// Draws for datasets: they are made element by element, in JavaScript.

/** Numbers from 0 to below 1 by a seed: Tommy Ettinger's mulberry32. */
export class Uniform {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let x = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  }
}
