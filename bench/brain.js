// brain.js's side of training.
import brain from 'brain.js';

/**
 * It has no batches: an epoch is one update for each row of x (rows, inputs) and y (rows, outputs).
 *
 * @param {number[]} units of all layers, the inputs first
 */
export function brainOf(units, { x, y, rows }) {
  const row = (values, width, i) => Array.from(values.subarray(i * width, (i + 1) * width));
  const samples = Array.from({ length: rows }, (_, i) => ({
    input: row(x, units[0], i),
    output: row(y, units.at(-1), i),
  }));
  const net = new brain.NeuralNetwork({ hiddenLayers: units.slice(1, -1), activation: 'sigmoid', praxis: 'adam' });
  return { epoch: () => net.train(samples, { iterations: 1, errorThresh: 1e-9 }).error };
}
