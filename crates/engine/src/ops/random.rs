//! Random draws, equal to Keras's on JAX to the bit.
//!
//! The state is int32 (2): the bits of seed and counter, which are the key of a draw. Each draw counts up by one, as
//! `keras.random.SeedGenerator` does; a fresh state (seed, 0) gives what Keras's initializers draw.

use crate::error::{Error, Result};
use crate::op::{Arity, Attr, Family, Grad, Job, Memory, Op, Work};
use crate::share::Share;
use crate::types::{DType, Shape, Type};
#[cfg(test)]
use crate::{
    op::Attrs,
    reference::{Arg, Array, Case},
};
use wasmgrad_kernels::random;

pub static OPS: &[&Op] = &[&UNIFORM, &NORMAL, &TRUNCATED_NORMAL, &RANDOM_INT, &DROPOUT_MASK, &MULTINOMIAL];

/// A row: name, dtype, options besides the shape (with a value for the tests), the kernel that fills words
/// `start .. start + n`, and the value that belongs to a word of bits.
macro_rules! draws {
    ($(
        $(#[doc = $doc:literal])+
        $id:ident = $name:literal in $family:ident $dtype:ident [$($attr:ident: $kind:ident = $sample:literal),*];
        kernel |$key:ident, $start:ident, $n:ident, $y:ident| $kernel:expr;
        reference |$key_r:ident, $i:ident| $reference:expr;
    )*) => {
        $(
            $(#[doc = $doc])+
            pub static $id: Op = Op {
                name: $name,
                doc: Op::doc(concat!($($doc),+)),
                arity: Arity::Exactly(1),
                attrs: &[Attr::ints("shape") $(, Attr::$kind(stringify!($attr)))*],
                infer: |ins, attrs| {
                    check_state(&ins[0])?;
                    Ok(vec![Type::new(DType::$dtype, attrs.read().shape()?), ins[0]])
                },
                work: |_, outs, _| work(share(outs[0].size(), 1)),
                run: |job| {
                    let mut options = job.attrs.read();
                    options.ints();
                    $(let $attr = options.$kind();)*
                    run(job, share(job.outs[0].size(), 1), |$key, $start, $n| {
                        let $y = job.outs[0].ptr.wrapping_add($start).cast();
                        // SAFETY: the chunk lies inside of the view.
                        unsafe { $kernel }
                    });
                },
                grad: Grad::Stop,
                memory: Memory::Writes { fresh: 1 },
                family: crate::op::Family::$family,
                elementwise: None,
                #[cfg(test)]
                reference: |ins, attrs| {
                    let mut options = attrs.read();
                    let shape = options.shape().unwrap();
                    $(let $attr = options.$kind();)*
                    let $key_r = scalar::key(&ins[0]);
                    let values = (0..shape.size() as u64).map(|$i| $reference).collect();
                    vec![Array::new(&shape, values), scalar::counted(&ins[0])]
                },
                #[cfg(test)]
                cases: {
                    fn attrs<const N: usize>(shape: [usize; N]) -> Attrs {
                        Attrs::none().dims(&shape)$(.$kind($sample))*
                    }
                    &[
                        Case { ins: &[ANY], attrs: || attrs([3, 5]) },
                        Case { ins: &[ANY], attrs: || attrs([]) },
                        Case { ins: &[ANY], attrs: || attrs([0, 2]) },
                        Case { ins: &[LAST], attrs: || attrs([2, 4099]) },
                    ]
                },
            };
        )*
    };
}

draws! {
    /// float32 values in [low, high): `keras.random.uniform`.
    UNIFORM = "uniform" in Core F32 [low: float = -0.5, high: float = 2.0];
    kernel |key, start, n, y| random::uniform(key, start as u64, n, low, high, y);
    reference |key, i| low as f64 + scalar::unit(key, i) * (high - low) as f64;

    /// Normal float32 values: `keras.random.normal`.
    NORMAL = "normal" in Core F32 [mean: float = 1.0, stddev: float = 0.125];
    kernel |key, start, n, y| random::normal(key, start as u64, n, mean, stddev, y);
    reference |key, i| {
        let p = scalar::between(key, i, f32::EPSILON / 2.0 - 1.0, 1.0);
        mean as f64 + stddev as f64 * scalar::normal(p)
    };

    /// Normal float32 values within two standard deviations of the mean: `keras.random.truncated_normal`.
    TRUNCATED_NORMAL = "truncatedNormal" in Core F32 [mean: float = -1.0, stddev: float = 0.125];
    kernel |key, start, n, y| random::truncated_normal(key, start as u64, n, mean, stddev, y);
    reference |key, i| {
        let p = scalar::between(key, i, -0.954_499_7, 0.954_499_7);
        mean as f64 + stddev as f64 * scalar::normal(p)
    };

    /// int32 values in [low, high): `keras.random.randint`.
    RANDOM_INT = "randomInt" in Extra I32 [low: int = -7, high: int = 1000];
    kernel |key, start, n, y| random::randint(key, start as u64, n, low, high, y);
    reference |key, i| scalar::integer(key, i, low, high);

    /// bool, true with probability keep: what `keras.random.dropout` of rate 1 - keep lets through.
    DROPOUT_MASK = "dropoutMask" in Core Bool [keep: float = 0.7];
    kernel |key, start, n, y| random::mask(key, start as u64, n, keep, y);
    reference |key, i| (scalar::unit(key, i) < keep as f64) as u8 as f64;
}

/// logits (rows, classes) -> int32 (rows, samples): classes with the probabilities softmax(logits), drawn with
/// replacement: `keras.random.categorical`.
pub static MULTINOMIAL: Op = Op {
    name: "multinomial",
    doc: Op::doc(
        "logits (rows, classes) -> int32 (rows, samples): classes drawn with the probabilities softmax(logits).",
    ),
    arity: Arity::Exactly(2),
    attrs: &[Attr::int("samples")],
    infer: |ins, attrs| {
        let (state, logits, samples) = (ins[0], ins[1], attrs.read().int());
        check_state(&state)?;
        let (DType::F32, &[rows, classes]) = (logits.dtype, &logits.shape[..]) else {
            return Err(Error::invalid(format!("expected logits of float32[rows, classes], got {logits}")));
        };
        if classes == 0 || samples < 0 {
            return Err(Error::invalid(format!(
                "expected at least one class and 0 or more samples, got {classes} and {samples}"
            )));
        }
        let shape = Shape::new(&[rows, samples as usize])?;
        Ok(vec![Type::new(DType::I32, shape), state])
    },
    work: |ins, outs, _| work(share(outs[0].shape[0], outs[0].shape[1] * ins[1].shape[1])),
    run: |job| {
        let (logits, y) = (job.ins[1], job.outs[0]);
        let (classes, samples) = (logits.shape()[1], y.shape()[1]);
        run(job, share(y.shape()[0], classes * samples), |key, row, rows| {
            let x = logits.f32().wrapping_add(row * classes);
            let y = y.i32().wrapping_add(row * samples);
            // SAFETY: the rows lie inside of the views.
            unsafe { random::categorical(key, row as u64, rows, classes, samples, x, y) }
        });
    },
    grad: Grad::Stop,
    memory: Memory::Writes { fresh: 1 },
    family: Family::Extra,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| {
        let (key, logits, samples) = (scalar::key(&ins[0]), &ins[1], attrs.read().int() as usize);
        let (rows, classes) = (logits.shape[0], logits.shape[1]);
        let drawn = Array::from_fn(&[rows, samples], |at| {
            let score = |class: usize| {
                let i = (at[0] * classes + class) * samples + at[1];
                let unit = scalar::unit(key, i as u64).max(f32::MIN_POSITIVE as f64);
                logits.at(&[at[0], class]) - (-unit.ln()).ln()
            };
            let best = (0..classes).max_by(|&a, &b| score(a).total_cmp(&score(b)));
            best.unwrap() as f64
        });
        vec![drawn, scalar::counted(&ins[0])]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[ANY, Arg::f32(&[3, 4])], attrs: || Attrs::none().int(6) },
        Case { ins: &[ANY, Arg::f32(&[1, 7])], attrs: || Attrs::none().int(1) },
        Case { ins: &[LAST, Arg::f32(&[5, 3])], attrs: || Attrs::none().int(4096) },
        Case { ins: &[ANY, Arg::f32(&[2, 3])], attrs: || Attrs::none().int(0) },
    ],
};

/// `n` units of `draws` draws each, of which one is as much work as copying 32 words, about.
fn share(n: usize, draws: usize) -> Share {
    Share::new(n, 1, 32 * draws)
}

/// The draws; then, when all have read the state, its change.
fn work(draws: Share) -> Work {
    Work::chunks(draws.chunks()).then(1)
}

fn check_state(state: &Type) -> Result<()> {
    if state.dtype != DType::I32 || state.shape[..] != [2] {
        return Err(Error::invalid(format!(
            "expected a random state of int32[2], seed and counter, got {state}"
        )));
    }
    Ok(())
}

/// Calls `draw(key, first unit, units)` for this chunk, or counts up.
fn run(job: &Job, draws: Share, draw: impl FnOnce([u32; 2], usize, usize)) {
    // The new state lies where the old one does.
    let state: *mut [u32; 2] = job.outs[1].ptr.cast();
    // SAFETY: the state has two words.
    let key = unsafe { *state };
    if job.phase == 1 {
        // SAFETY: as above.
        return unsafe { *state = [key[0], key[1].wrapping_add(1)] };
    }
    let units = draws.range(job.chunk);
    draw(key, units.start, units.len());
}

/// Seeds and counters from all bits.
#[cfg(test)]
const ANY: Arg = Arg::i32_in(&[2], i32::MIN, i32::MAX);
/// The counter changes its sign next.
#[cfg(test)]
const LAST: Arg = Arg::i32_in(&[2], i32::MAX, i32::MAX);

/// The same draws one by one, without lanes and in f64: what the cases compare with.
#[cfg(test)]
mod scalar {
    use super::Array;
    use crate::reference::erf;
    use std::f64::consts::{PI, SQRT_2};

    pub fn key(state: &Array) -> [u32; 2] {
        [state.data[0] as i32 as u32, state.data[1] as i32 as u32]
    }

    /// The state after a draw.
    pub fn counted(state: &Array) -> Array {
        let [seed, counter] = key(state);
        Array::new(&[2], vec![seed as i32 as f64, counter.wrapping_add(1) as i32 as f64])
    }

    /// Threefry-2x32 of 20 rounds, as in Salmon et al. (2011).
    fn threefry([k0, k1]: [u32; 2], counter: u64) -> [u32; 2] {
        let keys = [k0, k1, k0 ^ k1 ^ 0x1bd1_1bda];
        let mut x = [((counter >> 32) as u32).wrapping_add(k0), (counter as u32).wrapping_add(k1)];
        for round in 0..20 {
            x[0] = x[0].wrapping_add(x[1]);
            x[1] = x[1].rotate_left([13, 15, 26, 6, 17, 29, 16, 24][round % 8]) ^ x[0];
            if round % 4 == 3 {
                let n = round / 4 + 1;
                x[0] = x[0].wrapping_add(keys[n % 3]);
                x[1] = x[1].wrapping_add(keys[(n + 1) % 3]).wrapping_add(n as u32);
            }
        }
        x
    }

    fn word(key: [u32; 2], i: u64) -> u32 {
        let [x0, x1] = threefry(key, i);
        x0 ^ x1
    }

    /// In [0, 1): the upper 23 bits.
    pub fn unit(key: [u32; 2], i: u64) -> f64 {
        (word(key, i) >> 9) as f64 / (1 << 23) as f64
    }

    /// In [low, high), rounded to f32 as the normal distributions need it.
    pub fn between(key: [u32; 2], i: u64, low: f32, high: f32) -> f64 {
        (low as f64 + unit(key, i) * (high - low) as f64) as f32 as f64
    }

    /// The z for which a normal variable lies within +-z with probability |p|, with the sign of p: Newton's method.
    pub fn normal(p: f64) -> f64 {
        let slope = |z: f64| (2.0 / PI).sqrt() * (-z * z / 2.0).exp();
        (0..30).fold(0.0, |z: f64, _| z + (p.abs() - erf(z / SQRT_2)) / slope(z)).copysign(p)
    }

    /// In [low, high): 64 bits modulo the span, as JAX's `randint` takes them from two keys.
    pub fn integer(key: [u32; 2], i: u64, low: i32, high: i32) -> f64 {
        let span = (high - low) as u64;
        let (upper, lower) = (word(threefry(key, 0), i) as u64, word(threefry(key, 1), i) as u64);
        (low + ((upper << 32 | lower) % span) as i32) as f64
    }
}
