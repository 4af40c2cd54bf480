//! Which register tile a large matrix product uses. The fastest one depends on the engine and the processor, so each is
//! timed on the user's own products. All give the same bits: the choice shows in nothing but speed.

use wasmgrad_kernels::gemm::{Gemm, TILES, Tile};

/// Milliseconds since some moment.
pub type Clock = fn() -> f64;

/// A matrix product and how often an op computes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    pub gemm: Gemm,
    pub batches: usize,
}

/// Multiply-adds from which on a product is worth two looks at the clock.
const LARGE: usize = 1 << 17;
/// A sample is as many runs as take so long: a page's clock may tick ten times in a millisecond only.
const SAMPLE_MS: f64 = 2.0;
/// Rounds over all tiles. Engines compile what runs often once more: the trials last until that shows in no tile.
const LEAST_ROUNDS: usize = 6;
const MOST_ROUNDS: usize = 16;
/// A tile is still getting faster if its time falls below this part of its best one.
const FASTER: f64 = 0.95;
/// Products that are told apart. Later ones use what the last of these settled on.
const PRODUCTS: usize = 64;

/// The trials of one product.
#[derive(Clone, Copy, Debug)]
struct Trials {
    product: Product,
    /// The tile that the next run uses; at last the fastest.
    tile: usize,
    /// The sample that is being taken.
    runs: usize,
    ms: f64,
    rounds: usize,
    /// A tile got faster in this round.
    faster: bool,
    /// The shortest mean time of a run in a sample.
    best: [f64; TILES.len()],
    settled: bool,
}

#[derive(Debug)]
pub struct Chooser {
    clock: Option<Clock>,
    trials: Vec<Trials>,
    settled_on: usize,
}

/// A run that is being timed.
pub struct Timing {
    index: usize,
    start: f64,
    clock: Clock,
}

impl Default for Chooser {
    /// Without a clock, all products use the first tile.
    fn default() -> Self {
        // All that is ever needed: a run does not allocate.
        Self { clock: None, trials: Vec::with_capacity(PRODUCTS), settled_on: 0 }
    }
}

impl Chooser {
    pub fn set_clock(&mut self, clock: Clock) {
        self.clock = Some(clock);
    }

    /// The tile for a run of this product, and what `end` needs after it.
    #[inline]
    pub fn begin(&mut self, product: Option<&Product>) -> (&'static Tile, Option<Timing>) {
        let (Some(clock), Some(product)) = (self.clock, product.filter(|product| product.is_large())) else {
            return (&TILES[0], None);
        };
        let known = self.trials.iter().position(|trials| trials.product == *product);
        let Some(index) = known.or_else(|| self.add(product)) else {
            return (&TILES[self.settled_on], None);
        };
        let trials = &self.trials[index];
        let timing = (!trials.settled).then(|| Timing { index, start: clock(), clock });
        (&TILES[trials.tile], timing)
    }

    /// Takes the time of a run.
    #[inline]
    pub fn end(&mut self, timing: Option<Timing>) {
        let Some(Timing { index, start, clock }) = timing else { return };
        let trials = &mut self.trials[index];
        trials.add(clock() - start);
        if trials.settled {
            self.settled_on = trials.tile;
        }
    }

    /// The names of the tiles that products have settled on.
    #[cfg(test)]
    pub fn settled(&self) -> Vec<&'static str> {
        self.trials.iter().filter(|trials| trials.settled).map(|trials| TILES[trials.tile].name).collect()
    }

    fn add(&mut self, product: &Product) -> Option<usize> {
        (self.trials.len() < PRODUCTS).then(|| {
            self.trials.push(Trials::new(*product));
            self.trials.len() - 1
        })
    }
}

impl Product {
    #[inline]
    fn is_large(&self) -> bool {
        let Gemm { m, n, k, .. } = self.gemm;
        self.batches.saturating_mul(m).saturating_mul(n).saturating_mul(k) >= LARGE
    }
}

impl Trials {
    fn new(product: Product) -> Self {
        let best = [f64::INFINITY; TILES.len()];
        Self { product, tile: 0, runs: 0, ms: 0.0, rounds: 0, faster: false, best, settled: false }
    }

    /// One run more.
    fn add(&mut self, ms: f64) {
        self.runs += 1;
        self.ms += ms;
        if self.ms < SAMPLE_MS {
            return;
        }
        let mean = self.ms / self.runs as f64;
        let best = &mut self.best[self.tile];
        self.faster |= mean < FASTER * *best;
        *best = best.min(mean);
        (self.runs, self.ms) = (0, 0.0);
        self.tile = (self.tile + 1) % TILES.len();
        if self.tile == 0 {
            self.rounds += 1;
            let steady = self.rounds >= LEAST_ROUNDS && !self.faster;
            if steady || self.rounds == MOST_ROUNDS {
                self.tile = (0..TILES.len()).fold(0, |a, b| if self.best[b] < self.best[a] { b } else { a });
                self.settled = true;
            }
            self.faster = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        static NOW: Cell<f64> = const { Cell::new(0.0) };
    }

    fn now() -> f64 {
        NOW.get()
    }

    fn product(n: usize) -> Product {
        let (lda, ldb, ldc, epilogue) = (n, n, n, Default::default());
        let gemm = Gemm { ta: false, tb: false, m: n, n, k: n, lda, ldb, ldc, accumulate: false, epilogue };
        Product { gemm, batches: 1 }
    }

    fn chooser() -> Chooser {
        let mut chooser = Chooser::default();
        chooser.set_clock(now);
        chooser
    }

    /// Runs until the product is not timed any more; `ms` gives the time of a run by its tile and number. Gives the
    /// number of timed runs and the chosen tile.
    fn settle(
        chooser: &mut Chooser,
        product: &Product,
        ms: impl Fn(&Tile, usize) -> f64,
    ) -> (usize, &'static Tile) {
        for run in 0..1000 {
            let (tile, timing) = chooser.begin(Some(product));
            if timing.is_none() {
                return (run, tile);
            }
            NOW.set(NOW.get() + ms(tile, run));
            chooser.end(timing);
        }
        panic!("the trials did not end");
    }

    #[test]
    fn the_fastest_tile_is_chosen_whichever_it_is() {
        for fastest in TILES {
            let ms = |tile: &Tile, _| if tile.name == fastest.name { 2.0 } else { 2.5 };
            let (runs, tile) = settle(&mut chooser(), &product(128), ms);
            assert_eq!((runs, tile.name), (LEAST_ROUNDS * TILES.len(), fastest.name));
        }
    }

    #[test]
    fn short_runs_are_added_up_to_one_sample() {
        let last = TILES.last().unwrap();
        let ms = |tile: &Tile, _| if tile.name == last.name { 0.25 } else { 0.5 };
        let (runs, tile) = settle(&mut chooser(), &product(128), ms);
        let per_round = 4 * (TILES.len() - 1) + 8;
        assert_eq!((runs, tile.name), (LEAST_ROUNDS * per_round, last.name));
    }

    #[test]
    fn the_trials_wait_until_every_tile_is_compiled_well() {
        // The fastest one is slow at first, for longer than the least number of rounds.
        let rounds = LEAST_ROUNDS + 2;
        let ms = |tile: &Tile, run: usize| match tile.name == TILES[1].name {
            true if run >= (rounds - 1) * TILES.len() => 2.0,
            // Still getting faster, as the calls that were compiled well become more.
            true => 9.0 * 0.9f64.powi((run / TILES.len()) as i32),
            false => 3.0,
        };
        let (runs, tile) = settle(&mut chooser(), &product(128), ms);
        assert_eq!((runs, tile.name), ((rounds + 1) * TILES.len(), TILES[1].name));
    }

    #[test]
    fn a_disturbed_sample_does_not_decide() {
        let ms = |tile: &Tile, run: usize| match tile.name == TILES[2].name {
            true if run / TILES.len() == 1 => 40.0,
            true => 2.0,
            false => 2.2,
        };
        assert_eq!(settle(&mut chooser(), &product(128), ms).1.name, TILES[2].name);
    }

    #[test]
    fn restless_clocks_end_the_trials_too() {
        let ms = |_: &Tile, run: usize| 1000.0 * 0.9f64.powi((run / TILES.len()) as i32);
        assert_eq!(settle(&mut chooser(), &product(128), ms).0, MOST_ROUNDS * TILES.len());
    }

    #[test]
    fn small_products_are_never_timed() {
        let mut chooser = chooser();
        for product in [None, Some(&product(48))] {
            let (tile, timing) = chooser.begin(product);
            assert!(timing.is_none());
            assert_eq!(tile.name, TILES[0].name);
        }
        assert!(chooser.trials.is_empty());
    }

    #[test]
    fn products_beyond_the_table_use_what_was_settled() {
        let mut chooser = chooser();
        let ms = |tile: &Tile, _| if tile.name == TILES[3].name { 2.0 } else { 3.0 };
        for i in 0..PRODUCTS {
            settle(&mut chooser, &product(128 + i), ms);
        }
        let (runs, tile) = settle(&mut chooser, &product(1000), ms);
        assert_eq!((runs, tile.name), (0, TILES[3].name));
    }
}
