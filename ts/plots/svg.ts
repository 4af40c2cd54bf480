// Charts as an SVG.
import type { Chart, Curve } from './chart.js';

/** Colours of training and validation that those who see colours differently tell apart; dashes tell them in print. */
const STROKES = [
  'stroke="#0072b2" stroke-width="2"',
  'stroke="#d55e00" stroke-width="2" stroke-dasharray="5 4"',
] as const;

/** Room around the curves, for title and axes. */
const [TOP, RIGHT, BOTTOM, LEFT] = [44, 16, 40, 56];

const COLUMNS = 2;

/** An SVG of all charts, each of the given size, two in a row. */
export function drawSVG(charts: readonly Chart[], width: number, height: number): string {
  const [columns, rows] = [Math.min(charts.length, COLUMNS), Math.ceil(charts.length / COLUMNS)];
  const [w, h] = [columns * width, rows * height];
  const parts = charts.map((chart, i) => {
    const [x, y] = [(i % COLUMNS) * width, Math.floor(i / COLUMNS) * height];
    return `<g transform="translate(${x} ${y})">${drawChart(chart, width, height)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" ` +
      'font-family="system-ui, sans-serif" font-size="11" fill="#333">',
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...parts,
    '</svg>',
  ].join('\n');
}

function drawChart({ name, curves, x, y }: Chart, width: number, height: number): string {
  const [right, bottom] = [width - RIGHT, height - BOTTOM];
  const across = (at: number) =>
    round(x.low === x.high ? LEFT : LEFT + ((at - x.low) / (x.high - x.low)) * (right - LEFT));
  const up = (at: number) => round(bottom - ((at - y.low) / (y.high - y.low)) * (bottom - TOP));
  const horizontal = y.ticks.map(
    ({ at, text: label }) =>
      `<path d="M${LEFT} ${up(at)}H${right}" stroke="#ddd"/>${text(LEFT - 6, up(at) + 4, label, 'end')}`,
  );
  const vertical = x.ticks.map(
    ({ at, text: label }) =>
      `<path d="M${across(at)} ${bottom}v4" stroke="#333"/>${text(across(at), bottom + 16, label, 'middle')}`,
  );
  const legend = curves.map((curve, i) => {
    const at = LEFT + i * ((right - LEFT) / 2);
    return `<path d="M${at} 32h20" ${strokeOf(curve)}/>${text(at + 26, 36, curve.name, 'start')}`;
  });
  return [
    text(LEFT, 18, name, 'start', ' font-size="14" font-weight="600"'),
    ...legend,
    ...horizontal,
    `<path d="M${LEFT} ${bottom}H${right}" stroke="#333"/>`,
    ...vertical,
    text((LEFT + right) / 2, height - 6, 'epoch', 'middle'),
    ...curves.map((curve) => line(curve, (value, i) => [across(curve.epochs[i]!), up(value)])),
  ].join('\n');
}

/** A path through the values; what is not finite leaves a gap, and what stands alone between two is a dot. */
function line(curve: Curve, point: (value: number, i: number) => readonly [x: number, y: number]): string {
  const { values } = curve;
  const isGap = (i: number) => !Number.isFinite(values[i]);
  let [d, dots] = ['', ''];
  values.forEach((value, i) => {
    if (isGap(i)) return;
    const [x, y] = point(value, i);
    d += `${isGap(i - 1) ? 'M' : 'L'}${x} ${y}`;
    if (isGap(i - 1) && isGap(i + 1)) dots += `<circle cx="${x}" cy="${y}" r="2" ${strokeOf(curve)}/>`;
  });
  return `<path d="${d}" fill="none" stroke-linejoin="round" ${strokeOf(curve)}/>${dots}`;
}

const strokeOf = ({ isValidation }: Curve) => STROKES[isValidation ? 1 : 0];

const round = (x: number) => Math.round(x * 10) / 10;

function text(x: number, y: number, content: string, anchor: string, more = ''): string {
  const safe = content.replace(/[&<>]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${more}>${safe}</text>`;
}
