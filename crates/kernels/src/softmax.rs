//! Softmax over rows, and its cross-entropy with the gradient in the same pass.

use crate::lane::F32x4;
use crate::map;
use crate::math::{exp, ln};
use crate::reduce;

/// y (rows, c) = e^(x - max x) / sum e^(x - max x), over each row of x (rows, c).
///
/// # Safety
/// `x` is readable and `y` writable for `rows * c` words; they are apart or equal.
pub unsafe fn softmax(rows: usize, c: usize, x: *const f32, y: *mut f32) {
    for row in 0..rows {
        // SAFETY: the caller's contract.
        unsafe {
            let (x, y) = (x.add(row * c), y.add(row * c));
            normalized(c, x, F32x4::splat(maximum(c, x)), y);
        }
    }
}

/// y (rows, c) = x - max x - ln sum e^(x - max x), over each row of x (rows, c).
///
/// # Safety
/// `x` is readable and `y` writable for `rows * c` words; they are apart or equal.
pub unsafe fn log_softmax(rows: usize, c: usize, x: *const f32, y: *mut f32) {
    for row in 0..rows {
        // SAFETY: the caller's contract.
        unsafe {
            let (x, y) = (x.add(row * c), y.add(row * c));
            let max = F32x4::splat(maximum(c, x));
            let log_sum = ln(F32x4::splat(exp_sum(c, x, max)));
            map::unary(c, x, y, |x: F32x4| x.sub(max).sub(log_sum));
        }
    }
}

/// dx (rows, c) = y * (dy - sum y dy), the gradient through y = softmax(x), over each row.
///
/// # Safety
/// `y` and `dy` are readable, `dx` writable for `rows * c` words; `dx` is apart from them or equal to one.
pub unsafe fn softmax_gradient(rows: usize, c: usize, y: *const f32, dy: *const f32, dx: *mut f32) {
    for row in 0..rows {
        // SAFETY: the caller's contract.
        unsafe {
            let (y, dy, dx) = (y.add(row * c), dy.add(row * c), dx.add(row * c));
            let dot = F32x4::splat(reduce::dot(c, y, dy, F32x4::mul));
            map::binary(c, y, 1, dy, 1, dx, |y: F32x4, dy: F32x4| y.mul(dy.sub(dot)));
        }
    }
}

/// dx (rows, c) = dy - e^y * sum dy, the gradient through y = log_softmax(x), over each row.
///
/// # Safety
/// `y` and `dy` are readable, `dx` writable for `rows * c` words; `dx` is apart from them or equal to one.
pub unsafe fn log_softmax_gradient(rows: usize, c: usize, y: *const f32, dy: *const f32, dx: *mut f32) {
    for row in 0..rows {
        // SAFETY: the caller's contract.
        unsafe {
            let (y, dy, dx) = (y.add(row * c), dy.add(row * c), dx.add(row * c));
            let mut sum = 0.0;
            reduce::sum(1, c, 1, 1, dy, &mut sum);
            let sum = F32x4::splat(sum);
            map::binary(c, y, 1, dy, 1, dx, |y: F32x4, dy: F32x4| dy.sub(exp(y).mul(sum)));
        }
    }
}

/// loss (rows) = -log_softmax(x)\[label\] for logits x (rows, c) and labels (rows); dx (rows, c) = softmax(x) - onehot,
/// the gradient of each row's loss. A label outside of 0..c gives 0 and no gradient, as its one-hot row of zeros does.
///
/// # Safety
/// `x` is readable for `rows * c` words, `labels` for `rows`; `loss` is writable for `rows`, `dx` for `rows * c` or null,
/// and all are apart but that `dx` may be equal to `x`.
pub unsafe fn sparse_cross_entropy(
    rows: usize,
    c: usize,
    x: *const f32,
    labels: *const i32,
    loss: *mut f32,
    dx: *mut f32,
) {
    for row in 0..rows {
        // SAFETY: the caller's contract; a label is an index once it is below c.
        unsafe {
            let x = x.add(row * c);
            let label = usize::try_from(*labels.add(row)).ok().filter(|&label| label < c);
            let max = maximum(c, x);
            let target = label.map(|label| *x.add(label) - max);
            let sum = if dx.is_null() {
                exp_sum(c, x, F32x4::splat(max))
            } else {
                let dx = dx.add(row * c);
                match label {
                    Some(label) => {
                        let sum = normalized(c, x, F32x4::splat(max), dx);
                        *dx.add(label) -= 1.0;
                        sum
                    }
                    None => {
                        map::fill(c, 0.0, dx);
                        1.0
                    }
                }
            };
            *loss.add(row) = target.map_or(0.0, |target| ln(F32x4::splat(sum)).to_array()[0] - target);
        }
    }
}

/// loss (rows) = -sum t log_softmax(x) for logits x (rows, c) and targets t (rows, c); dx (rows, c) = softmax(x) sum t - t,
/// the gradient of each row's loss.
///
/// # Safety
/// `x` and `t` are readable for `rows * c` words, `loss` is writable for `rows`, `dx` for `rows * c` or null, and all are
/// apart but that `dx` may be equal to `x` or `t`.
pub unsafe fn cross_entropy(
    rows: usize,
    c: usize,
    x: *const f32,
    t: *const f32,
    loss: *mut f32,
    dx: *mut f32,
) {
    for row in 0..rows {
        // SAFETY: the caller's contract.
        unsafe {
            let (x, t) = (x.add(row * c), t.add(row * c));
            let max = F32x4::splat(maximum(c, x));
            let sum = F32x4::splat(exp_sum(c, x, max));
            let log_sum = ln(sum);
            // 0 * -inf is 0 here: a class without probability may have a logit of -inf.
            let term = |x: F32x4, t: F32x4| t.eq(F32x4::splat(0.0)).select(t, t.mul(log_sum.sub(x.sub(max))));
            *loss.add(row) = reduce::dot(c, x, t, term);
            if !dx.is_null() {
                let mut total = 0.0;
                reduce::sum(1, c, 1, 1, t, &mut total);
                let scale = F32x4::splat(total).div(sum);
                let gradient = |x: F32x4, t: F32x4| exp(x.sub(max)).mul(scale).sub(t);
                map::binary(c, x, 1, t, 1, dx.add(row * c), gradient);
            }
        }
    }
}

/// The maximum of x (c).
///
/// # Safety
/// `x` is readable for `c` words.
unsafe fn maximum(c: usize, x: *const f32) -> f32 {
    let mut max = 0.0;
    // SAFETY: the caller's contract.
    unsafe { reduce::max(1, c, 1, 1, x, &mut max) };
    max
}

/// sum e^(x - max) over x (c).
///
/// # Safety
/// `x` is readable for `c` words.
unsafe fn exp_sum(c: usize, x: *const f32, max: F32x4) -> f32 {
    // SAFETY: the caller's contract.
    unsafe { reduce::row(c, x, 0.0, f32::NEG_INFINITY, |x| exp(x.sub(max)), |a, b| a.add(b)) }
}

/// y (c) = e^(x - max) / sum; returns the sum.
///
/// # Safety
/// `x` is readable and `y` writable for `c` words; they are apart or equal.
unsafe fn normalized(c: usize, x: *const f32, max: F32x4, y: *mut f32) -> f32 {
    let mut sum = 0.0;
    // SAFETY: the caller's contract.
    unsafe {
        map::unary(c, x, y, |x: F32x4| exp(x.sub(max)));
        reduce::sum(1, c, 1, 1, y, &mut sum);
        let scale = F32x4::splat(sum);
        map::unary(c, y, y, |y: F32x4| y.div(scale));
    }
    sum
}

#[cfg(test)]
mod tests;
