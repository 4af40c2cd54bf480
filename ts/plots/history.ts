// Pictures of the record that `fit` gives.
import { checkOptions, FUNCTION, wholeFrom, type Rules } from '../core/options.js';
import { chartsOf } from './chart.js';
import { drawSVG } from './svg.js';
import { drawLines } from './terminal.js';

/** What pictures are drawn from: the values of each metric, and the epochs, from 0 on, after which they were measured. */
export interface Recorded {
  readonly history: Readonly<Record<string, readonly number[]>>;
  readonly measuredAt: Readonly<Record<string, readonly number[]>>;
}

export interface SVGArgs {
  /** Of each chart, in pixels. Default: 420. */
  width?: number;
  /** Of each chart, in pixels. Default: 280. */
  height?: number;
}

export interface PlotArgs {
  /** Of a line, in letters. Default: 72. */
  width?: number;
  /** Lines of a chart's curves. Default: 12. */
  height?: number;
  /** Takes the lines. Default: console.log. */
  printFn?: (line: string) => void;
}

const PLOT_RULES: Rules<PlotArgs> = { width: wholeFrom(24), height: wholeFrom(3), printFn: FUNCTION };
const SVG_RULES: Rules<SVGArgs> = { width: wholeFrom(160), height: wholeFrom(140) };

/** Prints a chart for each metric: training as a line, validation as points. */
export function printCharts(record: Recorded, args: PlotArgs = {}): void {
  checkOptions('history.plot', args, PLOT_RULES);
  const { width = 72, height = 12, printFn = console.log } = args;
  chartsOf(record.history, record.measuredAt, { x: width / 8, y: height / 3 }).forEach((chart, i) => {
    if (i > 0) printFn('');
    for (const line of drawLines(chart, width, height)) printFn(line);
  });
}

/** The same charts as an SVG: training as a line, validation dashed. */
export function chartsToSVG(record: Recorded, args: SVGArgs = {}): string {
  checkOptions('history.toSVG', args, SVG_RULES);
  const { width = 420, height = 280 } = args;
  return drawSVG(chartsOf(record.history, record.measuredAt, { x: width / 60, y: height / 40 }), width, height);
}
