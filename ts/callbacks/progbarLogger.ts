// The progress of `fit` in a terminal, laid out as Keras's.
import { checkValue } from '../core/options.js';
import { Callback, type Logs } from './callback.js';

/** What a terminal program has and a page has not. */
interface Terminal {
  write(text: string): void;
  isTTY?: boolean;
}

const host = globalThis as { process?: { stdout?: Terminal; versions?: { node?: string } } };

/** Where the bar goes: standard output, or nowhere. */
function terminal(): Terminal | undefined {
  return host.process?.versions?.node === undefined ? undefined : host.process.stdout;
}

/** 1 (a bar) in terminal programs, 0 (silence) in pages. */
export function defaultVerbosity(): 0 | 1 {
  return terminal() === undefined ? 0 : 1;
}

/** Characters of the bar. */
const WIDTH = 20;
/** Milliseconds between two drawings. */
const INTERVAL = 50;

/** Draws the progress of `fit`: with `verbose` 1 as a bar that moves, with 2 as a line an epoch. `fit` has one of its own. */
export class ProgbarLogger extends Callback {
  private started = 0;
  private drawn = 0;
  private width = 0;

  /** @param verbose default: 1 */
  constructor(private readonly verbose: 1 | 2 = 1) {
    super();
    checkValue('ProgbarLogger', 'verbose', verbose, { ok: (x) => x === 1 || x === 2, expected: '1 or 2' });
  }

  override onEpochBegin(epoch: number): void {
    this.started = performance.now();
    this.drawn = 0;
    this.width = 0;
    if (this.params.epochs > 1) this.write(`Epoch ${epoch + 1}/${this.params.epochs}\n`);
  }

  override onYield(_epoch: number, batch: number, logs: Logs): void {
    const now = performance.now();
    const { steps = Infinity } = this.params;
    if (this.verbose !== 1 || now - this.drawn < INTERVAL || !terminal()?.isTTY || batch >= steps) return;
    this.drawn = now;
    this.draw(batch, logs, now);
  }

  override onEpochEnd(_epoch: number, logs: Logs = {}): void {
    this.draw(this.params.steps!, logs, performance.now());
    this.write('\n');
  }

  private draw(batch: number, logs: Logs, now: number): void {
    const { steps } = this.params;
    const elapsed = now - this.started;
    const perStep = batch === 0 ? 0 : elapsed / batch;
    const count = `${String(batch).padStart(steps === undefined ? 7 : String(steps).length)}/${steps ?? 'Unknown'}`;
    const metrics = Object.entries(logs).map(([name, value]) => ` - ${name}: ${formatValue(meanOf(value))}`);
    const tail = `${formatStep(perStep)}${metrics.join('')}`;
    if (this.verbose === 2) return this.write(`${count} - ${Math.round(elapsed / 1000)}s -${tail}`);

    const isOver = steps === undefined || batch >= steps;
    const time = isOver ? `${Math.round(elapsed / 1000)}s` : formatRemaining((perStep * (steps - batch)) / 1000);
    const head = steps === undefined ? count : `\x1b[1m${count}\x1b[0m ${bar(batch / steps)}`;
    const visible = (steps === undefined ? count.length : count.length + 1 + WIDTH) + ` ${time}${tail}`.length;
    const line = `${head} \x1b[1m${time}\x1b[0m${tail}`;
    const erase = this.width === 0 ? '' : '\r';
    this.write(erase + line + ' '.repeat(Math.max(0, this.width - visible)));
    this.width = visible;
  }

  private write(text: string): void {
    terminal()?.write(text);
  }
}

/** A bar of which a fraction is done. */
function bar(fraction: number): string {
  const filled = Math.floor(WIDTH * fraction);
  const done = filled > 0 ? `\x1b[32m${'━'.repeat(filled)}\x1b[0m` : '';
  return `${done}\x1b[37m${'━'.repeat(WIDTH - filled)}\x1b[0m`;
}

/** A value, or, of the list that a metric of several thresholds or classes gives, the mean. */
function meanOf(value: number | readonly number[]): number {
  const values = [value].flat();
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}

/** Four decimals; small values with an exponent. */
export function formatValue(x: number): string {
  if (Math.abs(x) > 1e-3 || !Number.isFinite(x))
    return Number.isFinite(x) ? x.toFixed(4) : String(x).toLowerCase().slice(0, 3);
  const [digits, exponent] = x.toExponential(4).split('e') as [string, string];
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

function formatStep(ms: number): string {
  if (ms >= 1000 || ms === 0) return ` ${Math.round(ms / 1000)}s/step`;
  return ms >= 1 ? ` ${Math.round(ms)}ms/step` : ` ${Math.round(ms * 1000)}us/step`;
}

function formatRemaining(seconds: number): string {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), Math.floor(seconds % 60)];
  const two = (x: number) => String(x).padStart(2, '0');
  if (seconds > 3600) return `${h}:${two(m)}:${two(s)}`;
  return seconds > 60 ? `${m}:${two(s)}` : `${s}s`;
}
