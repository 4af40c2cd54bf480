//! Random numbers that equal their Python originals to the bit: JAX's (Keras's draws), Python's `random` (Keras's
//! default seeds) and NumPy's legacy `np.random` (Keras's batch order).
//!
//! A draw from JAX is a function of its key and its flat index alone: every kernel fills draws `start .. start + n`
//! of what JAX returns for that key. Keras's key of a seed s is `[s, 0]`, and `[s, c]` at call c of a SeedGenerator.

mod mt19937;
mod normal;
mod threefry;
mod uniform;
mod xla;

pub use mt19937::Mt19937;
pub use normal::{categorical, normal, truncated_normal};
pub use threefry::{bits, split};
pub use uniform::{mask, randint, uniform};

/// What `fill` writes to n words.
#[cfg(test)]
fn drawn<T: Clone + Default>(n: usize, fill: impl FnOnce(*mut T)) -> Vec<T> {
    let mut y = vec![T::default(); n];
    fill(y.as_mut_ptr());
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u32; 2] = [1_234_567_890, 42];

    const KERNELS: [&str; 6] = ["bits", "uniform", "mask", "randint", "normal", "truncated_normal"];

    fn fill(kernel: &str, start: u64, y: &mut [u32]) {
        let (n, y) = (y.len(), y.as_mut_ptr());
        // SAFETY: n words stand at y.
        unsafe {
            match kernel {
                "bits" => bits(KEY, start, n, y),
                "uniform" => uniform(KEY, start, n, -0.3, 0.1, y.cast()),
                "mask" => mask(KEY, start, n, 0.7, y.cast()),
                "randint" => randint(KEY, start, n, -5, 1000, y.cast()),
                "normal" => normal(KEY, start, n, 2.0, 0.5, y.cast()),
                "truncated_normal" => truncated_normal(KEY, start, n, 2.0, 0.5, y.cast()),
                _ => unreachable!("{kernel}"),
            }
        }
    }

    #[test]
    fn parts_equal_the_whole() {
        for kernel in KERNELS {
            for start in [0, 3, (1 << 32) - 30, (5 << 32) + 1, u64::MAX - 40] {
                let mut whole = [0; 61];
                fill(kernel, start, &mut whole);
                for cut in 0..=whole.len() {
                    let mut parts = [0; 61];
                    let (head, tail) = parts.split_at_mut(cut);
                    fill(kernel, start, head);
                    fill(kernel, start.wrapping_add(cut as u64), tail);
                    assert_eq!(whole, parts, "{kernel} from {start} cut at {cut}");
                }
            }
        }
    }

    #[test]
    fn nothing_past_the_end_is_written() {
        const GUARD: u32 = 0xdead_beef;
        for kernel in KERNELS {
            for n in 0..9 {
                let mut y = [GUARD; 13];
                fill(kernel, 0, &mut y[..n]);
                assert!(y[n..].iter().all(|&word| word == GUARD), "{kernel} of {n}");
            }
        }
    }
}
