//! How work divides into chunks: one rule for all ops, by shape alone.

use std::ops::Range;

/// Work that is worth a chunk of its own, in words copied, of which the cache moves seven in a nanosecond: some ten
/// microseconds, beside which it costs little to meet the other threads.
const GRAIN: usize = 1 << 16;

/// Enough for sixteen threads of different speed.
const MOST: usize = 64;

/// Words of a cache line, which two threads had better not write at the same time.
const LINE: usize = 16;

/// The chunks into which an op's work divides, each of which has its grain at least: a power of two, so that 2, 4, 8 or 16
/// threads have the same to do. `work` is in words copied.
pub fn chunks(work: usize) -> usize {
    1 << (work / GRAIN).clamp(1, MOST).ilog2()
}

/// Some cache lines: of narrower parts of rows each would cost as much as a wide one.
const LEAST_COLUMNS: usize = 4 * LINE;

/// Units of work, rows or elements, in about equal runs.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    units: usize,
    /// Units that stay together.
    block: usize,
    chunks: usize,
}

impl Share {
    /// Units that write `words` words each, one behind the other, and cost as much as copying `cost` words.
    pub fn new(units: usize, words: usize, cost: usize) -> Self {
        Self::among(units, words, chunks(units.saturating_mul(cost)))
    }

    /// Units that write `words` words each, in as many chunks, or fewer if there are too few units. The edges lie at
    /// cache lines where there are lines enough.
    pub fn among(units: usize, words: usize, chunks: usize) -> Self {
        let line = LINE >> words.trailing_zeros().min(LINE.ilog2());
        let block = if units.div_ceil(line) >= chunks { line } else { 1 };
        Self { units, block, chunks: units.clamp(1, chunks) }
    }

    /// All units in one chunk.
    fn whole(units: usize) -> Self {
        Self { units, block: 1, chunks: 1 }
    }

    /// At least one.
    pub fn chunks(&self) -> usize {
        self.chunks
    }

    /// The units of a chunk; none beyond the last.
    pub fn range(&self, chunk: usize) -> Range<usize> {
        if self.chunks == 1 && chunk == 0 {
            return 0..self.units;
        }
        let blocks = self.units.div_ceil(self.block);
        let (each, more) = (blocks / self.chunks, blocks % self.chunks);
        let edge = |chunk: usize| ((chunk * each + chunk.min(more)) * self.block).min(self.units);
        edge(chunk)..edge(chunk + 1)
    }
}

/// Work on a matrix, in runs of its rows, or of its columns if there are too few rows.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    rows: Share,
    columns: Share,
}

impl Grid {
    /// Each element is one word that costs as much as copying `cost` words.
    pub fn new(rows: usize, columns: usize, cost: usize) -> Self {
        let chunks = chunks(rows.saturating_mul(columns).saturating_mul(cost));
        let by_rows = Share::among(rows, columns, chunks);
        let by_columns = chunks.min(columns / LEAST_COLUMNS);
        if by_columns > by_rows.chunks {
            return Self { rows: Share::whole(rows), columns: Share::among(columns, 1, by_columns) };
        }
        Self { rows: by_rows, columns: Share::whole(columns) }
    }

    /// At least one.
    pub fn chunks(&self) -> usize {
        self.rows.chunks * self.columns.chunks
    }

    /// The rows and the columns of a chunk.
    pub fn part(&self, chunk: usize) -> (Range<usize>, Range<usize>) {
        // One of both is whole.
        let of = |share: &Share| share.range(if share.chunks == 1 { 0 } else { chunk });
        (of(&self.rows), of(&self.columns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn chunks_follow_one_another_and_are_about_equal(
            units in 0usize..300_000,
            words in 0usize..70,
            cost in 0usize..5000,
        ) {
            let share = Share::new(units, words, cost);
            let mut end = 0;
            let mut sizes = Vec::new();
            for chunk in 0..share.chunks() {
                let range = share.range(chunk);
                prop_assert_eq!(range.start, end);
                end = range.end;
                sizes.push(range.len());
            }
            prop_assert_eq!((end, share.range(share.chunks())), (units, units..units));
            let most = *sizes.iter().max().unwrap();
            prop_assert!(sizes.iter().all(|&size| most - size < 2 * LINE), "{:?}", sizes);
            prop_assert!(units == 0 || sizes.iter().all(|&size| size > 0), "{:?}", sizes);
            prop_assert!(share.chunks() <= MOST);
        }

        #[test]
        fn a_grid_is_covered_once(rows in 0usize..300, columns in 0usize..300, cost in 0usize..200) {
            let grid = Grid::new(rows, columns, cost);
            let mut seen = vec![0; rows * columns];
            for chunk in 0..grid.chunks() {
                let (rows, across) = grid.part(chunk);
                rows.for_each(|row| across.clone().for_each(|column| seen[row * columns + column] += 1));
            }
            prop_assert!(seen.iter().all(|&times| times == 1));
        }
    }

    #[test]
    fn little_work_is_one_chunk_and_much_is_a_power_of_two() {
        let chunks = |units, cost| Share::new(units, 1, cost).chunks();
        assert_eq!([0, 1, GRAIN, 2 * GRAIN - 1].map(|units| chunks(units, 1)), [1; 4]);
        assert_eq!([2, 3, 4, 7, 64, 1000].map(|grains| chunks(grains * GRAIN, 1)), [2, 2, 4, 4, 64, 64]);
        assert_eq!([chunks(7, GRAIN), chunks(8, GRAIN), chunks(GRAIN, 8)], [4, 8, 8]);
    }

    #[test]
    fn edges_lie_at_cache_lines() {
        for (units, words) in [(100_000, 1), (50_001, 6), (9_000, 24), (999, 160)] {
            let share = Share::new(units, words, 4 * words);
            assert!(share.chunks() > 1);
            assert!((1..share.chunks()).all(|chunk| (share.range(chunk).start * words).is_multiple_of(LINE)));
        }
    }

    #[test]
    fn few_long_rows_are_divided_across() {
        let grid = Grid::new(3, 100_000, 4);
        assert_eq!((grid.chunks(), grid.part(1)), (16, (0..3, 6256..12512)));
        assert_eq!(Grid::new(1, 128, 10_000).chunks(), 2);
        assert_eq!(Grid::new(100_000, 3, 4).part(1), (6256..12512, 0..3));
    }
}
