// Datasets, under tfjs's names: `wg.data.csv(...)`.
export { csv, CSVDataset, type ColumnConfig, type CSVConfig, type CSVRow } from './csv.js';
export { Dataset } from './dataset.js';
export { array, generator, zip } from './sources.js';
