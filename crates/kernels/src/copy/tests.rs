use super::*;
use proptest::prelude::*;

/// Copies element by element.
fn naive(dims: &[usize], xs: &[isize], ys: &[isize], x: &[u32], x_start: isize, y: &mut [u32]) {
    for flat in 0..dims.iter().product::<usize>() {
        let (mut rest, mut at_x, mut at_y) = (flat, x_start, 0);
        for d in (0..dims.len()).rev() {
            let i = (rest % dims[d]) as isize;
            rest /= dims[d];
            at_x += i * xs[d];
            at_y += i * ys[d];
        }
        y[at_y as usize] = x[at_x as usize];
    }
}

fn check(dims: &[usize], xs: &[isize], ys: &[isize], size_x: usize, start: isize, size_y: usize) {
    let x: Vec<u32> = (0..size_x as u32).map(|i| i.wrapping_mul(0x9e37_79b9)).collect();
    let (mut y, mut expected) = (vec![7; size_y], vec![7; size_y]);
    naive(dims, xs, ys, &x, start, &mut expected);
    // SAFETY: the naive copy has gone the same ways with checks.
    unsafe { copy(&Loops::strided(dims, [xs, ys]), x.as_ptr().offset(start), y.as_mut_ptr()) };
    assert_eq!(y, expected, "dims {dims:?}, strides {xs:?} to {ys:?}");
}

fn contiguous(dims: &[usize]) -> Vec<isize> {
    (0..dims.len()).map(|d| dims[d + 1..].iter().product::<usize>() as isize).collect()
}

proptest! {
    #[test]
    fn permutes(shape in prop::collection::vec(1usize..12, 1..5), seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..shape.len()).collect();
        order.sort_by_key(|&d| seed.rotate_left(16 * d as u32) & 0xffff);
        let dims: Vec<usize> = order.iter().map(|&d| shape[d]).collect();
        let strides: Vec<isize> = order.iter().map(|&d| contiguous(&shape)[d]).collect();
        let size = shape.iter().product();
        check(&dims, &strides, &contiguous(&dims), size, 0, size);
    }

    #[test]
    fn slices_reverses_and_repeats(rows in 1usize..9, cols in 1usize..9, step in 1isize..3, ways in prop::array::uniform2(-1isize..2)) {
        // Each way: backward, repeated, forward; y has room between its rows.
        let strides = [ways[0] * 20 * step, ways[1] * step];
        let start = (0..2).map(|d| if ways[d] < 0 { -strides[d] * ([rows, cols][d] as isize - 1) } else { 0 }).sum();
        check(&[rows, cols], &strides, &[cols as isize + 3, 1], 20 * 2 * 10, start, rows * (cols + 3));
    }
}

#[test]
fn transposes_beyond_a_tile() {
    for (rows, cols) in [(64, 64), (33, 70), (100, 3), (3, 100), (65, 36)] {
        check(&[cols, rows], &[1, cols as isize], &[rows as isize, 1], rows * cols, 0, rows * cols);
    }
}

#[test]
fn keeps_every_bit() {
    // Signalling NaNs, as f32 moves might quieten them.
    let x: Vec<u32> = (0..64).map(|i| 0x7f80_0001 + i).collect();
    let mut y = vec![0; 64];
    // SAFETY: 64 words each.
    unsafe { copy(&Loops::strided(&[8, 8], [&[1, 8], &[8, 1]]), x.as_ptr(), y.as_mut_ptr()) };
    for (i, y) in y.into_iter().enumerate() {
        assert_eq!(y, x[i % 8 * 8 + i / 8]);
    }
}

#[test]
fn an_empty_copy_touches_nothing() {
    // SAFETY: no element is read or written.
    unsafe { copy(&Loops::strided(&[2, 0], [&[1, 1], &[1, 1]]), core::ptr::null(), core::ptr::null_mut()) };
}
