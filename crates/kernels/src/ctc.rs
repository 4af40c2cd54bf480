//! Connectionist temporal classification: the probability that a sequence of classes, with blanks and repeats left out,
//! is a sequence of labels.
//!
//! Source of the recursion: keras/src/backend/jax/nn.py, `ctc_loss`. After each step, `phi[i]` is the logarithm of the
//! probability of having told i labels and a blank since, `emit[i]` that of label i having been told last.

use crate::lane::{F32x4, LANES};
use crate::map;
use crate::math::{exp, log1p, sigmoid};

/// Keras's logarithm of nothing: it stays finite, and is lost beside any other.
const NEVER: f32 = -1e5;
/// The class between labels, and the label after the last one.
const BLANK: i32 = 0;

/// One sample: log probabilities (steps, classes), and labels (length) of which those that are not blank count.
#[derive(Clone, Copy)]
pub struct Sample {
    pub steps: usize,
    pub classes: usize,
    pub length: usize,
    pub log_p: *const f32,
    pub labels: *const i32,
}

impl Sample {
    /// Words of a row of scores: vectors may reach beyond its end.
    fn width(length: usize) -> usize {
        (length + 1).next_multiple_of(LANES) + LANES
    }

    /// Words of scratch that `loss` needs.
    pub fn loss_scratch(length: usize) -> usize {
        6 * Self::width(length)
    }

    /// Words of scratch that `gradient` needs.
    pub fn gradient_scratch(steps: usize, length: usize) -> usize {
        (2 * steps + 8) * Self::width(length)
    }

    /// - the logarithm of the labels' probability.
    ///
    /// # Safety
    /// `log_p` is readable for `steps * classes` words, `labels` for `length`; `scratch` is writable for `loss_scratch`,
    /// and apart from them.
    pub unsafe fn loss(&self, scratch: *mut f32) -> f32 {
        let width = Self::width(self.length);
        // SAFETY: the caller's contract; six rows.
        unsafe {
            let (told, rest) = self.start(scratch);
            let states = [rest, rest.add(2 * width)];
            for step in 0..self.steps {
                self.advance(step, scratch, states[step % 2], states[(step + 1) % 2]);
            }
            -self.end(states[self.steps % 2], told).0
        }
    }

    /// dlog_p (steps, classes): the gradient of `loss`, times `dy`.
    ///
    /// # Safety
    /// As of `loss`, with a scratch of `gradient_scratch`; `dlog_p` is writable for `steps * classes` words, apart from the
    /// others.
    pub unsafe fn gradient(&self, dy: f32, dlog_p: *mut f32, scratch: *mut f32) {
        let width = Self::width(self.length);
        // SAFETY: the caller's contract; two rows, two of each step and of the start, and four for gradients.
        unsafe {
            let (told, states) = self.start(scratch);
            let at = |step: usize| states.add(2 * step * width);
            for step in 0..self.steps {
                self.advance(step, scratch, at(step), at(step + 1));
            }
            let adjoint = at(self.steps + 1);
            map::fill(4 * width, 0.0, adjoint);
            map::fill(self.steps * self.classes, 0.0, dlog_p);
            let share = self.end(at(self.steps), told).1;
            *adjoint.add(told) = -dy * share;
            if told > 0 {
                *adjoint.add(width + told - 1) = -dy * (1.0 - share);
            }
            for step in (0..self.steps).rev() {
                self.retreat(scratch, at(step), adjoint, dlog_p.add(step * self.classes));
            }
        }
    }

    /// Fills the first rows of the scratch: what is lost where a label is like the one after it, then room for the labels'
    /// log probabilities, then the state before the first step, `phi` and `emit`. Gives the number of labels that count,
    /// and where the state is.
    unsafe fn start(&self, scratch: *mut f32) -> (usize, *mut f32) {
        let width = Self::width(self.length);
        // SAFETY: the contract of `loss`; four rows.
        unsafe {
            map::fill(2 * width, 0.0, scratch);
            let mut told = 0;
            for i in 0..self.length {
                let label = *self.labels.add(i);
                told += usize::from(label != BLANK);
                if i + 1 < self.length && label == *self.labels.add(i + 1) {
                    *scratch.add(i) = NEVER;
                }
            }
            let state = scratch.add(2 * width);
            map::fill(2 * width, NEVER, state);
            *state = 0.0;
            (told, state)
        }
    }

    /// The class of a label, if there is one.
    unsafe fn class(&self, i: usize) -> Option<usize> {
        // SAFETY: i < length.
        usize::try_from(unsafe { *self.labels.add(i) }).ok().filter(|&class| class < self.classes)
    }

    /// The state after a step, of that before it.
    unsafe fn advance(&self, step: usize, scratch: *mut f32, from: *const f32, to: *mut f32) {
        let width = Self::width(self.length);
        // SAFETY: the contract of `loss`: rows of `width` words, of which vectors read and write those up to `length` and
        // at most four more.
        unsafe {
            let log_p = self.log_p.add(step * self.classes);
            let (lost, own) = (scratch, scratch.add(width));
            for i in 0..self.length {
                *own.add(i) = self.class(i).map_or(0.0, |class| *log_p.add(class));
            }
            let blank = *log_p.add(BLANK as usize);
            let (phi, emit) = (from, from.add(width));
            *to = *phi + blank;
            // phi'[i + 1], after the label was told and before a blank, becomes phi[i] of the next vector: one lane behind.
            let mut before = *phi;
            for i in (0..self.length).step_by(LANES) {
                let [lost, own, emit] = [lost, own, emit].map(|row| F32x4::load(row.add(i)));
                let after = add_exp(F32x4::load(phi.add(i + 1)), emit.add(lost));
                let [a, b, c, d] = after.to_array();
                let told = F32x4::new([before, a, b, c]);
                before = d;
                add_exp(told.add(own), emit.add(own)).store(to.add(width + i));
                let blank = F32x4::splat(blank);
                let other = emit.add(blank).add(F32x4::splat(NEVER).sub(lost));
                add_exp(after.add(blank), other).store(to.add(i + 1));
            }
        }
    }

    /// The gradient of the state before a step, of that after it, in its place; and that of the step's log probabilities.
    unsafe fn retreat(&self, scratch: *mut f32, from: *const f32, adjoint: *mut f32, dlog_p: *mut f32) {
        let width = Self::width(self.length);
        // SAFETY: as of `advance`; four rows of `adjoint`.
        unsafe {
            let (lost, phi, emit) = (scratch, from, from.add(width));
            let [dphi, demit, dafter, dtold] = [0, 1, 2, 3].map(|row| adjoint.add(row * width));
            let mut dblank = *dphi;
            // The gradients of phi', first those that come through the blank.
            *dafter = *dphi;
            let mut before = *phi;
            for i in (0..self.length).step_by(LANES) {
                let [lost, emit, demit_i, dphi_i] =
                    [lost.add(i), emit.add(i), demit.add(i), dphi.add(i + 1)].map(|p| F32x4::load(p));
                let after = add_exp(F32x4::load(phi.add(i + 1)), emit.add(lost));
                let [a, b, c, d] = after.to_array();
                let told = F32x4::new([before, a, b, c]);
                before = d;
                let one = F32x4::splat(1.0);
                let by_told = sigmoid(told.sub(emit));
                let by_blank = sigmoid(after.sub(emit).sub(F32x4::splat(NEVER).sub(lost)));
                demit_i.mul(by_told).store(dtold.add(i));
                dphi_i.mul(by_blank).store(dafter.add(i + 1));
                let stays = demit_i.mul(one.sub(by_told)).add(dphi_i.mul(one.sub(by_blank)));
                let lanes = self.length.min(i + LANES) - i;
                for (lane, (label, blank)) in
                    demit_i.to_array().into_iter().zip(dphi_i.to_array()).enumerate().take(lanes)
                {
                    if let Some(class) = self.class(i + lane) {
                        *dlog_p.add(class) += label;
                    }
                    dblank += blank;
                }
                stays.store(demit.add(i));
            }
            *dlog_p.add(BLANK as usize) += dblank;
            // Those that come through the labels, and on to phi and emit.
            *dphi = *dafter + if self.length > 0 { *dtold } else { 0.0 };
            for i in (0..self.length).step_by(LANES) {
                let [lost, emit, demit_i] = [lost.add(i), emit.add(i), demit.add(i)].map(|p| F32x4::load(p));
                let total = F32x4::load(dafter.add(i + 1)).add(F32x4::load(dtold.add(i + 1)));
                let stays = sigmoid(F32x4::load(phi.add(i + 1)).sub(emit.add(lost)));
                total.mul(stays).store(dphi.add(i + 1));
                demit_i.add(total.mul(F32x4::splat(1.0).sub(stays))).store(demit.add(i));
            }
        }
    }

    /// The logarithm of the probability of all labels that count, and the share of those whose last step is a blank.
    unsafe fn end(&self, state: *const f32, told: usize) -> (f32, f32) {
        // SAFETY: told <= length.
        unsafe {
            let phi = *state.add(told);
            if told == 0 {
                return (phi, 1.0);
            }
            let emit = *state.add(Self::width(self.length) + told - 1);
            let total = add_exp(F32x4::splat(phi), F32x4::splat(emit)).to_array()[0];
            (total, sigmoid(F32x4::splat(phi - emit)).to_array()[0])
        }
    }
}

/// ln(e^a + e^b)
#[inline(always)]
fn add_exp(a: F32x4, b: F32x4) -> F32x4 {
    let gap = a.max(b).sub(a.min(b));
    a.max(b).add(log1p(exp(F32x4::splat(0.0).sub(gap))))
}

#[cfg(test)]
mod tests;
