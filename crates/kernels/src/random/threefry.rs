//! Threefry-2x32 with 20 rounds, and JAX's numbering of its words (`jax_threefry_partitionable`, the default).
//!
//! Word i of a key is a function of (key, i) alone, so any range of any draw may be filled by itself.
//! Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011).

use core::array::from_fn;

use crate::lane::{I32x4, LANES};

const PARITY: u32 = 0x1bd1_1bda;

/// The blocks that Threefry makes of the counters `i .. i + 4`, one a lane.
#[inline(always)]
fn blocks(key: [u32; 2], i: u64) -> [I32x4; 2] {
    let counters: [u64; LANES] = from_fn(|lane| i.wrapping_add(lane as u64));
    let [k0, k1, k2] = [key[0], key[1], key[0] ^ key[1] ^ PARITY].map(|k| I32x4::splat(k as i32));
    let x0 = I32x4::new(counters.map(|c| (c >> 32) as i32)).add(k0);
    let x1 = I32x4::new(counters.map(|c| c as i32)).add(k1);
    let x = four_rounds([x0, x1], [13, 15, 26, 6], [k1, k2], 1);
    let x = four_rounds(x, [17, 29, 16, 24], [k2, k0], 2);
    let x = four_rounds(x, [13, 15, 26, 6], [k0, k1], 3);
    let x = four_rounds(x, [17, 29, 16, 24], [k1, k2], 4);
    four_rounds(x, [13, 15, 26, 6], [k2, k0], 5)
}

#[inline(always)]
fn four_rounds([mut x0, mut x1]: [I32x4; 2], rotations: [u32; 4], keys: [I32x4; 2], n: i32) -> [I32x4; 2] {
    for r in rotations {
        x0 = x0.add(x1);
        x1 = x1.shl(r).or(x1.shr_unsigned(32 - r)).xor(x0);
    }
    [x0.add(keys[0]), x1.add(keys[1]).add(I32x4::splat(n))]
}

/// Words `i .. i + 4` of a key.
#[inline(always)]
pub(super) fn words(key: [u32; 2], i: u64) -> I32x4 {
    let [x0, x1] = blocks(key, i);
    x0.xor(x1)
}

/// Key `i` of those that `jax.random.split(key, n)` gives, whatever n.
pub fn split(key: [u32; 2], i: u64) -> [u32; 2] {
    let [x0, x1] = blocks(key, i);
    [x0.to_array()[0] as u32, x1.to_array()[0] as u32]
}

/// y (n) = the draws `start .. start + n`, where `draw(i)` makes the four from i on.
///
/// # Safety
/// `y` is writable for n words.
#[inline(always)]
pub(super) unsafe fn fill(start: u64, n: usize, y: *mut i32, draw: impl Fn(u64) -> I32x4) {
    for j in (0..n).step_by(LANES) {
        let drawn = draw(start.wrapping_add(j as u64));
        // SAFETY: n - j words stand at y + j.
        unsafe {
            if n - j >= LANES {
                drawn.store(y.add(j));
            } else {
                y.add(j).copy_from_nonoverlapping(drawn.to_array().as_ptr(), n - j);
            }
        }
    }
}

/// y (n) = the words `start .. start + n` of a key: `jax.random.bits(key, shape)` over its flat indices.
///
/// # Safety
/// `y` is writable for n u32.
pub unsafe fn bits(key: [u32; 2], start: u64, n: usize, y: *mut u32) {
    // SAFETY: the caller's contract.
    unsafe { fill(start, n, y.cast(), |i| words(key, i)) };
}

#[cfg(test)]
mod tests {
    use super::super::drawn;
    use super::*;

    /// One block, as the paper writes it.
    fn naive(key: [u32; 2], counter: [u32; 2]) -> [u32; 2] {
        const ROTATIONS: [u32; 8] = [13, 15, 26, 6, 17, 29, 16, 24];
        let keys = [key[0], key[1], PARITY ^ key[0] ^ key[1]];
        let mut x = [counter[0].wrapping_add(keys[0]), counter[1].wrapping_add(keys[1])];
        for round in 0..20 {
            x[0] = x[0].wrapping_add(x[1]);
            x[1] = x[1].rotate_left(ROTATIONS[round % 8]) ^ x[0];
            if round % 4 == 3 {
                let n = round / 4 + 1;
                x[0] = x[0].wrapping_add(keys[n % 3]);
                x[1] = x[1].wrapping_add(keys[(n + 1) % 3]).wrapping_add(n as u32);
            }
        }
        x
    }

    #[test]
    fn naive_gives_the_known_answers() {
        // Random123, tests/kat_vectors, threefry2x32 with 20 rounds: counter, key, answer.
        let known = [
            ([0, 0], [0, 0], [0x6b20_0159, 0x99ba_4efe]),
            ([u32::MAX; 2], [u32::MAX; 2], [0x1cb9_96fc, 0xbb00_2be7]),
            ([0x243f_6a88, 0x85a3_08d3], [0x1319_8a2e, 0x0370_7344], [0xc492_3a9c, 0x483d_f7a0]),
        ];
        for (counter, key, answer) in known {
            assert_eq!(naive(key, counter), answer);
        }
    }

    #[test]
    fn bits_equal_the_naive_twin() {
        let n = 9;
        for key in [[0, 0], [1, 0], [0, 1], [u32::MAX, u32::MAX], [0x1319_8a2e, 0x0370_7344]] {
            for start in [0, 1, 1000, (1 << 32) - 5, (1 << 32) - 1, 1 << 32, 7 << 40, u64::MAX - 3] {
                // SAFETY: n words.
                let y = drawn(n, |y| unsafe { bits(key, start, n, y) });
                for (j, &word) in y.iter().enumerate() {
                    let i = start.wrapping_add(j as u64);
                    let [x0, x1] = naive(key, [(i >> 32) as u32, i as u32]);
                    assert_eq!(word, x0 ^ x1, "key {key:?}, word {i}");
                }
            }
        }
    }

    #[test]
    fn bits_are_those_of_jax() {
        let key = [1_234_567_890, 42];
        // jax.random.bits(np.array([1234567890, 42], np.uint32), (6,))
        let words = [0xfda7_a5c5, 0xfa69_eed9, 0x29ae_0285, 0xd0f9_fe4b, 0xc1e1_0983, 0x1ebd_c2ff];
        // SAFETY: six words.
        let y = drawn(6, |y| unsafe { bits(key, 0, 6, y) });
        assert_eq!(y, words);
        // y0 ^ y1 of threefry2x32_p.bind(1234567890, 42, [7, 7], [5, 6])
        // SAFETY: two words.
        let y = drawn(2, |y| unsafe { bits(key, (7 << 32) + 5, 2, y) });
        assert_eq!(y, [0xc7aa_df5c, 0x4d62_8911]);
    }

    #[test]
    fn split_is_that_of_jax() {
        // jax.random.split(np.array([1234567890, 42], np.uint32), 3)
        let keys = [[0xe86d_99ed, 0x15ca_3c28], [0xd13e_f31a, 0x2b57_1dc3], [0xb121_dd25, 0x988f_dfa0]];
        assert_eq!([0, 1, 2].map(|i| split([1_234_567_890, 42], i)), keys);
    }
}
