//! Cross-entropy of probabilities, which are brought to the sum 1 and kept away from 0 and 1 first.
//!
//! With q = p / sum p and c = min(max(q, epsilon), 1 - epsilon), over each row: loss = -sum t ln c.

use crate::lane::F32x4;
use crate::map;
use crate::math::ln;
use crate::reduce;

/// Where q is kept.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    least: f32,
    most: f32,
}

impl Bounds {
    pub fn new(epsilon: f32) -> Self {
        Self { least: epsilon, most: 1.0 - epsilon }
    }

    #[inline(always)]
    fn clip(self, q: F32x4) -> F32x4 {
        q.pmax(F32x4::splat(self.least)).pmin(F32x4::splat(self.most))
    }

    /// dc/dq: 1 inside of the bounds, half of it at them, 0 outside.
    #[inline(always)]
    fn slope(self, q: F32x4) -> F32x4 {
        let (least, most, half) = (F32x4::splat(self.least), F32x4::splat(self.most), F32x4::splat(0.5));
        let part = |inside: crate::lane::I32x4| inside.and(half.bits()).float_bits();
        part(q.ge(least).and(q.le(most))).add(part(q.gt(least).and(q.lt(most))))
    }
}

/// loss (rows) of probabilities p (rows, c) and targets t (rows, c).
///
/// # Safety
/// `p` and `t` are readable for `rows * c` words, `loss` is writable for `rows`, and all are apart.
pub unsafe fn cross_entropy(
    rows: usize,
    c: usize,
    p: *const f32,
    t: *const f32,
    bounds: Bounds,
    loss: *mut f32,
) {
    for row in 0..rows {
        // SAFETY: the caller's contract.
        unsafe {
            let (p, t) = (p.add(row * c), t.add(row * c));
            let sum = F32x4::splat(total(c, p));
            let term = |p: F32x4, t: F32x4| t.mul(ln(bounds.clip(p.div(sum))));
            *loss.add(row) = -reduce::dot(c, p, t, term);
        }
    }
}

/// dp (rows, c): the gradient of the losses, whose own gradients are dloss (rows).
///
/// # Safety
/// `p` and `t` are readable for `rows * c` words, `dloss` for `rows`; `dp` is writable for `rows * c`, and apart from all
/// or equal to `p` or `t`.
pub unsafe fn cross_entropy_gradient(
    rows: usize,
    c: usize,
    p: *const f32,
    t: *const f32,
    dloss: *const f32,
    bounds: Bounds,
    dp: *mut f32,
) {
    for row in 0..rows {
        // SAFETY: the caller's contract.
        unsafe {
            let (p, t, dp) = (p.add(row * c), t.add(row * c), dp.add(row * c));
            let sum = F32x4::splat(total(c, p));
            let dloss = F32x4::splat(*dloss.add(row));
            // -dloss/dq, and q.
            let slope = |p: F32x4, t: F32x4| {
                let q = p.div(sum);
                (dloss.mul(t).div(bounds.clip(q)).mul(bounds.slope(q)), q)
            };
            let along = |p: F32x4, t: F32x4| {
                let (slope, q) = slope(p, t);
                slope.mul(q)
            };
            let mean = F32x4::splat(reduce::dot(c, p, t, along));
            map::binary(c, p, 1, t, 1, dp, |p: F32x4, t: F32x4| mean.sub(slope(p, t).0).div(sum));
        }
    }
}

/// As `cross_entropy`, where the target of a row is 1 at its label and 0 elsewhere. A label outside of 0..c means no
/// class: its loss is 0.
///
/// # Safety
/// `p` is readable for `rows * c` words, `labels` for `rows`; `loss` is writable for `rows`, and all are apart.
pub unsafe fn sparse_cross_entropy(
    rows: usize,
    c: usize,
    p: *const f32,
    labels: *const i32,
    bounds: Bounds,
    loss: *mut f32,
) {
    for row in 0..rows {
        // SAFETY: the caller's contract; a label is an index once it is below c.
        unsafe {
            let p = p.add(row * c);
            let q = class(*labels.add(row), c).map(|label| *p.add(label) / total(c, p));
            *loss.add(row) = q.map_or(0.0, |q| -ln(bounds.clip(F32x4::splat(q))).to_array()[0]);
        }
    }
}

/// As `cross_entropy_gradient`, with labels.
///
/// # Safety
/// `p` is readable for `rows * c` words, `labels` and `dloss` for `rows`; `dp` is writable for `rows * c`, and apart from
/// all or equal to `p`.
pub unsafe fn sparse_cross_entropy_gradient(
    rows: usize,
    c: usize,
    p: *const f32,
    labels: *const i32,
    dloss: *const f32,
    bounds: Bounds,
    dp: *mut f32,
) {
    for row in 0..rows {
        // SAFETY: the caller's contract; a label is an index once it is below c.
        unsafe {
            let (p, dp) = (p.add(row * c), dp.add(row * c));
            let Some(label) = class(*labels.add(row), c) else {
                map::fill(c, 0.0, dp);
                continue;
            };
            let sum = total(c, p);
            let q = F32x4::splat(*p.add(label) / sum);
            let slope = F32x4::splat(*dloss.add(row)).div(bounds.clip(q)).mul(bounds.slope(q));
            map::fill(c, slope.mul(q).to_array()[0] / sum, dp);
            *dp.add(label) = slope.mul(q).sub(slope).to_array()[0] / sum;
        }
    }
}

fn class(label: i32, c: usize) -> Option<usize> {
    usize::try_from(label).ok().filter(|&label| label < c)
}

/// The sum of p (c).
///
/// # Safety
/// `p` is readable for `c` words.
unsafe fn total(c: usize, p: *const f32) -> f32 {
    let mut sum = 0.0;
    // SAFETY: the caller's contract.
    unsafe { reduce::sum(1, c, 1, 1, p, &mut sum) };
    sum
}

#[cfg(test)]
mod tests;
