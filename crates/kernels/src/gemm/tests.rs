use super::*;
use crate::lane::F32x4;
use proptest::prelude::*;

/// Values of all signs whose sums round.
fn values(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 4.0 - 2.0
    };
    (0..count).map(next).collect()
}

struct Operands {
    a: Vec<f32>,
    b: Vec<f32>,
    bias: Option<Vec<f32>>,
    c: Vec<f32>,
}

impl Operands {
    fn of(gemm: &Gemm, bias: bool, seed: u32) -> Self {
        let words = |rows: usize, cols: usize, ld: usize| if rows == 0 { 0 } else { (rows - 1) * ld + cols };
        let a = if gemm.ta { words(gemm.k, gemm.m, gemm.lda) } else { words(gemm.m, gemm.k, gemm.lda) };
        let b = if gemm.tb { words(gemm.n, gemm.k, gemm.ldb) } else { words(gemm.k, gemm.n, gemm.ldb) };
        Self {
            a: values(a, seed + 1),
            b: values(b, seed + 2),
            bias: bias.then(|| values(gemm.n, seed + 3)),
            c: values(words(gemm.m, gemm.n, gemm.ldc), seed + 4),
        }
    }

    fn a(&self, gemm: &Gemm, i: usize, p: usize) -> f32 {
        self.a[if gemm.ta { p * gemm.lda + i } else { i * gemm.lda + p }]
    }

    fn b(&self, gemm: &Gemm, p: usize, j: usize) -> f32 {
        self.b[if gemm.tb { j * gemm.ldb + p } else { p * gemm.ldb + j }]
    }

    /// The twin: one element after the other, each by the chain that the module's header states.
    fn naive(&self, gemm: &Gemm) -> Vec<f32> {
        let mut c = self.c.clone();
        for i in 0..gemm.m {
            for j in 0..gemm.n {
                let z = &mut c[i * gemm.ldc + j];
                let mut sum = F32x4::splat(if gemm.accumulate { *z } else { 0.0 });
                for p in 0..gemm.k {
                    sum = F32x4::splat(self.a(gemm, i, p)).madd(F32x4::splat(self.b(gemm, p, j)), sum);
                }
                let mut sum = sum.to_array()[0];
                if let Some(bias) = &self.bias {
                    sum += bias[j];
                }
                *z = match gemm.epilogue {
                    Epilogue::None => sum,
                    Epilogue::Relu => {
                        if sum < 0.0 {
                            0.0
                        } else {
                            sum
                        }
                    }
                };
            }
        }
        c
    }

    fn run(&self, gemm: &Gemm, tile: &'static Tile, chunks: usize) -> Vec<f32> {
        let mut c = self.c.clone();
        let bias = self.bias.as_ref().map_or(std::ptr::null(), |bias| bias.as_ptr());
        // Backwards: chunks may come in any order. NaN in scratch: none of it is read before it is written.
        for chunk in (0..chunks).rev() {
            let mut scratch = vec![f32::NAN; gemm.scratch()];
            // SAFETY: the operands were made for this product.
            unsafe {
                gemm.run(
                    tile,
                    chunk,
                    chunks,
                    self.a.as_ptr(),
                    self.b.as_ptr(),
                    bias,
                    c.as_mut_ptr(),
                    scratch.as_mut_ptr(),
                )
            };
        }
        c
    }
}

fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

/// Judges a product with every tile.
fn judge(gemm: &Gemm, bias: bool, seed: u32) {
    let operands = Operands::of(gemm, bias, seed);
    let expected = bits(&operands.naive(gemm));
    for tile in &TILES {
        for chunks in [1, gemm.chunks()] {
            let c = operands.run(gemm, tile, chunks);
            assert!(bits(&c) == expected, "tile {}, {chunks} chunks: {gemm:?}, bias {bias}", tile.name);
        }
    }
}

fn gemm(m: usize, n: usize, k: usize, ta: bool, tb: bool) -> Gemm {
    let (lda, ldb) = (if ta { m } else { k }, if tb { k } else { n });
    Gemm { ta, tb, m, n, k, lda, ldb, ldc: n, accumulate: false, epilogue: Epilogue::None }
}

const TRANSPOSITIONS: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

proptest! {
    #[test]
    fn small_products_equal_the_twin(
        [m, n, k] in prop::array::uniform3(1usize..=40),
        [ta, tb, accumulate, relu, bias] in prop::array::uniform5(any::<bool>()),
        [pad_a, pad_b, pad_c] in prop::array::uniform3(0usize..5),
        seed in any::<u16>(),
    ) {
        let mut gemm = gemm(m, n, k, ta, tb);
        gemm.lda += pad_a;
        gemm.ldb += pad_b;
        gemm.ldc += pad_c;
        gemm.accumulate = accumulate;
        gemm.epilogue = if relu { Epilogue::Relu } else { Epilogue::None };
        judge(&gemm, bias, seed.into());
    }
}

#[test]
fn blocks_and_chunks_equal_the_twin() {
    let sizes = [
        [97, 97, 97],
        [333, 40, 97],
        [3, 333, 333],
        [121, 481, 385],
        [7, 20, 1000],
        [481, 9, 30],
        [120, 480, 384],
        [1, 515, 131],
        [515, 1, 131],
        [1, 1, 1027],
        [7, 1, 400],
        [101, 8, 301],
        [2, 61, 1024],
        [131, 54, 77],
        [17, 61, 200],
    ];
    for (i, [m, n, k]) in sizes.into_iter().enumerate() {
        for (ta, tb) in TRANSPOSITIONS {
            let plain = gemm(m, n, k, ta, tb);
            judge(&plain, false, i as u32);
            judge(&Gemm { ldc: n + 3, accumulate: true, epilogue: Epilogue::Relu, ..plain }, true, i as u32);
        }
    }
}

proptest! {
    // As products with matrices larger than the caches are computed.
    #[test]
    fn streams_equal_the_twin(
        rows in 1usize..=STREAM_ROWS,
        [cols, k] in prop::array::uniform2(0usize..=40),
        [transposed, along_k, accumulate, relu, bias] in prop::array::uniform5(any::<bool>()),
        pad in 0usize..5,
        seed in any::<u16>(),
    ) {
        let mut gemm = match transposed {
            false => gemm(rows, cols, k, !along_k, false),
            true => gemm(cols, rows, k, true, along_k),
        };
        gemm.ldc += pad;
        gemm.accumulate = accumulate;
        gemm.epilogue = if relu { Epilogue::Relu } else { Epilogue::None };
        let operands = Operands::of(&gemm, bias, seed.into());
        let mut c = operands.c.clone();
        let bias = operands.bias.as_ref().map_or(ptr::null(), |bias| bias.as_ptr());
        let mut scratch = vec![f32::NAN; rows * cols];
        let product = gemm.whole(operands.a.as_ptr(), operands.b.as_ptr(), bias, c.as_mut_ptr());
        let product = if transposed { product.transpose() } else { product };
        // SAFETY: the operands were made for this product.
        unsafe { product.run_stream(scratch.as_mut_ptr()) };
        prop_assert_eq!(bits(&c), bits(&operands.naive(&gemm)));
    }
}

#[test]
fn a_product_over_nothing_is_its_epilogue() {
    for (ta, tb) in TRANSPOSITIONS {
        let plain = gemm(5, 9, 0, ta, tb);
        judge(&plain, false, 1);
        judge(&Gemm { accumulate: true, epilogue: Epilogue::Relu, ..plain }, true, 1);
    }
}

#[test]
fn an_empty_product_has_no_chunks() {
    assert_eq!(gemm(0, 5, 3, false, false).chunks(), 0);
    assert_eq!(gemm(5, 0, 3, false, false).chunks(), 0);
}

#[test]
fn chunks_are_many_and_even_where_threads_can_gain() {
    let sizes = [
        [32, 128, 784],
        [784, 128, 32],
        [128, 512, 784],
        [784, 512, 128],
        [128, 512, 512],
        [512, 512, 128],
        [1, 4096, 1024],
        [1024, 1024, 1024],
    ];
    for [m, n, k] in sizes {
        for (ta, tb) in TRANSPOSITIONS {
            let gemm = gemm(m, n, k, ta, tb);
            let product = gemm.product(ptr::null(), ptr::null(), ptr::null(), ptr::null_mut());
            let part = |i| product.part(product.chunk_size(), i);
            let areas = (0..gemm.chunks()).map(part).map(|chunk| chunk.rows * chunk.cols);
            assert_eq!(areas.clone().sum::<usize>(), m * n);
            assert!(areas.max().is_some_and(|largest| 3 * largest <= m * n), "{gemm:?}");
        }
    }
}

#[test]
fn sums_are_near_the_exact_ones() {
    let gemm = gemm(33, 47, 500, false, true);
    let operands = Operands::of(&gemm, false, 7);
    let c = operands.run(&gemm, &TILES[0], 1);
    for i in 0..gemm.m {
        for j in 0..gemm.n {
            let terms = (0..gemm.k).map(|p| operands.a(&gemm, i, p) as f64 * operands.b(&gemm, p, j) as f64);
            let (exact, size) = terms.fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()));
            // N. Higham, Accuracy and Stability, section 3.1: k roundings of sums and of products.
            let bound = 1.01 * gemm.k as f64 * (f32::EPSILON as f64 / 2.0) * size;
            assert!((c[i * gemm.ldc + j] as f64 - exact).abs() <= bound);
        }
    }
}
