//! How a reduction divides, and a chunk's part of it.
//!
//! Phases: the operand's axes brought beside one another, if they lie apart; then the lines (axis, inner) of x, whole or
//! in runs along the axis; then, of runs, their results together, in their order. Into how many runs a line divides
//! depends on its own size alone, so a line's bits do not depend on how many there are.

use super::axes::Axes;
use crate::op::{Attrs, Job, Work};
use crate::ops::data::chunks;
use crate::share::{self, Grid, Share};
use crate::types::{Shape, Type};
use std::ops::Range;
use wasmgrad_kernels::lane::F32x4;
use wasmgrad_kernels::map;

/// Columns from which a line divides across, not along its axis.
const WIDE: usize = 1024;

/// Columns that a reduction in two passes takes at a time.
const STRIP: usize = 256;

/// How a reduction goes over its operand, and the work on an element, in words copied, about.
#[derive(Clone, Copy)]
pub enum Passes {
    /// Once; the results of parts do not make up that of the whole.
    Whole(usize),
    /// Once; the results of parts are reduced as elements are.
    One(usize),
    /// Twice, each time as `One`, the second time by the result of the first.
    Two(usize),
}

impl Passes {
    fn cost(self) -> usize {
        let (Self::Whole(cost) | Self::One(cost) | Self::Two(cost)) = self;
        cost
    }
}

/// A reduction of x (outer, axis, inner) to y (outer, inner), words of any dtype; x has rows `stride` words apart.
pub type Kernel =
    unsafe fn(outer: usize, axis: usize, inner: usize, stride: usize, x: *const u32, y: *mut u32);

/// How an operand divides into (outer, axis, inner), where `axis` elements are combined into one.
struct Layout {
    sizes: [usize; 3],
    /// The axes lie apart: x is brought into this order in scratch memory.
    apart: bool,
    /// Runs into which each line divides along the axis.
    runs: usize,
    passes: Passes,
}

impl Layout {
    fn new(shape: &Shape, attrs: &Attrs, passes: Passes) -> Self {
        let axes = Axes::new(shape, attrs).expect("checked by infer");
        let block = axes.block(shape);
        let apart = || [axes.sizes(shape, false).product(), axes.count(shape), 1];
        let sizes @ [_, axis, inner] = block.unwrap_or_else(apart);
        let whole = matches!(passes, Passes::Whole(_)) || inner >= WIDE;
        let runs = if whole { 1 } else { share::chunks(passes.cost() * axis * inner) };
        Self { sizes, apart: block.is_none(), runs, passes }
    }

    /// How whole lines divide.
    fn lines(&self) -> Grid {
        let [outer, axis, inner] = self.sizes;
        Grid::new(outer, inner, self.passes.cost() * axis)
    }

    /// How the runs of all lines divide.
    fn units(&self) -> Share {
        let [outer, axis, inner] = self.sizes;
        Share::new(outer * self.runs, inner, self.passes.cost() * axis * inner / self.runs)
    }

    /// The run of a line: some of the axis.
    fn run(&self, run: usize) -> Range<usize> {
        let [_, axis, inner] = self.sizes;
        Share::among(axis, inner, self.runs).range(run)
    }

    /// How the results of runs divide.
    fn results(&self) -> Share {
        let [outer, _, inner] = self.sizes;
        Share::new(outer, inner, self.runs * inner)
    }

    /// Words of the results of all runs.
    fn partial(&self) -> usize {
        if self.runs == 1 { 0 } else { self.sizes[0] * self.runs * self.sizes[2] }
    }
}

pub fn work(ins: &[Type], attrs: &Attrs, passes: Passes) -> Work {
    let shape = &ins[0].shape;
    let layout = Layout::new(shape, attrs, passes);
    let [_, axis, inner] = layout.sizes;
    let two = matches!(passes, Passes::Two(_));
    let (first, rows, columns) = match layout.runs {
        1 => (layout.lines().chunks(), axis, inner.min(STRIP)),
        _ => (layout.units().chunks(), layout.run(0).len(), inner),
    };
    let (mut work, gathered) = match layout.apart {
        true => (chunks::work(2 * shape.size()).then(first), shape.size()),
        false => (Work::chunks(first), 0),
    };
    if layout.runs > 1 {
        work = if two { work.then(first) } else { work }.then(layout.results().chunks());
    }
    work.with_shared(gathered + layout.partial() * if two { 2 } else { 1 }).with_scratch(if two {
        (rows + 2) * columns
    } else {
        0
    })
}

/// A chunk of a reduction.
pub struct Part<'a> {
    job: &'a Job<'a>,
    layout: Layout,
    /// The phase, when the axes lie beside one another.
    phase: usize,
    x: *const u32,
    /// The results of the runs: (outer, runs, inner), for each pass.
    partial: *mut u32,
}

impl<'a> Part<'a> {
    /// `None` if the chunk was one of bringing the axes together.
    pub fn new(job: &'a Job, passes: Passes) -> Option<Self> {
        let x = job.ins[0];
        let layout = Layout::new(x.shape(), job.attrs, passes);
        if !layout.apart {
            return Some(Self { job, layout, phase: job.phase, x: x.ptr, partial: job.shared.cast() });
        }
        let gathered: *mut u32 = job.shared.cast();
        if job.phase == 0 {
            let loops = Axes::new(x.shape(), job.attrs).expect("checked by infer").behind(x.shape());
            // SAFETY: the shared memory begins with as many words as x has.
            unsafe { chunks::copy(job, &loops, x.ptr, gathered) };
            return None;
        }
        let partial = gathered.wrapping_add(x.size());
        Some(Self { job, layout, phase: job.phase - 1, x: gathered, partial })
    }

    /// Elements that are combined into one.
    pub fn count(&self) -> usize {
        self.layout.sizes[1]
    }

    /// Reduces whole lines.
    pub fn whole(&self, kernel: Kernel) {
        let [_, axis, inner] = self.layout.sizes;
        let y = self.job.outs[0].ptr;
        self.for_lines(|outer, start, width| {
            let x = self.x.wrapping_add(outer.start * axis * inner + start);
            // SAFETY: these lines of x and of y lie inside of them, and they are apart.
            unsafe { kernel(outer.len(), axis, width, inner, x, y.add(outer.start * inner + start)) };
        });
    }

    /// Reduces whole lines, or runs, or their results.
    pub fn fold(&self, kernel: Kernel) {
        if self.layout.runs == 1 {
            return self.whole(kernel);
        }
        let ([_, _, inner], runs) = (self.layout.sizes, self.layout.runs);
        if self.phase == 0 {
            return self.for_runs(|unit, rows, x| {
                // SAFETY: the run lies inside of x, and there is room for each one's results.
                unsafe { kernel(1, rows, inner, inner, x, self.partial.add(unit * inner)) };
            });
        }
        let outer = self.layout.results().range(self.job.chunk);
        let (x, y) = (self.partial.wrapping_add(outer.start * runs * inner), self.job.outs[0].ptr);
        // SAFETY: every run's results were written in the phase before.
        unsafe { kernel(outer.len(), runs, inner, inner, x, y.add(outer.start * inner)) };
    }

    /// y = f(y) for the results, where this phase gave them.
    pub fn finish(&self, f: impl Fn(F32x4) -> F32x4) {
        let inner = self.layout.sizes[2];
        let results = |outer: Range<usize>, start: usize, width: usize| {
            let y = self.job.outs[0].f32().wrapping_add(outer.start * inner + start);
            // SAFETY: the results of this chunk lie inside of y.
            unsafe { map::unary(outer.len() * width, y, y, &f) };
        };
        match (self.layout.runs, self.phase) {
            (1, _) => self.for_lines(results),
            (_, 0) => {}
            _ => results(self.layout.results().range(self.job.chunk), 0, inner),
        }
    }

    /// Calls `f(lines, first column, columns)` for this chunk's lines: for one after the other if it has a part of their
    /// columns, else once.
    fn for_lines(&self, mut f: impl FnMut(Range<usize>, usize, usize)) {
        let [outer, _, inner] = self.layout.sizes;
        if self.job.chunks == 1 {
            return f(0..outer, 0, inner);
        }
        let (outer, columns) = self.layout.lines().part(self.job.chunk);
        if columns.len() == inner {
            return f(outer, 0, inner);
        }
        outer.for_each(|o| f(o..o + 1, columns.start, columns.len()));
    }

    /// Calls `f(number of the run, rows, x)` for each run of this chunk.
    fn for_runs(&self, mut f: impl FnMut(usize, usize, *const u32)) {
        let ([_, axis, inner], runs) = (self.layout.sizes, self.layout.runs);
        for unit in self.layout.units().range(self.job.chunk) {
            let rows = self.layout.run(unit % runs);
            f(unit, rows.len(), self.x.wrapping_add((unit / runs * axis + rows.start) * inner));
        }
    }

    /// A reduction in two passes.
    pub fn two_passes<T: TwoPasses>(&self) {
        let ([_, axis, inner], runs) = (self.layout.sizes, self.layout.runs);
        let (y, scratch) = (self.job.outs[0].ptr, self.job.scratch.cast::<u32>());
        let (first, second) = (self.partial, self.partial.wrapping_add(self.layout.partial()));
        // The results of all runs of a line together.
        let together = |kernel: Kernel, partial: *mut u32, line: usize, to: *mut u32| {
            // SAFETY: every run's results were written in a phase before.
            unsafe { kernel(1, runs, inner, inner, partial.add(line * runs * inner), to) };
        };
        // SAFETY: runs and lines lie inside of their operands; scratch memory has room for the mapped elements of one, and
        // the results of both passes.
        unsafe {
            match (runs, self.phase) {
                (1, _) => self.for_lines(|outer, start, width| {
                    for o in outer {
                        for column in (start..start + width).step_by(STRIP) {
                            let n = STRIP.min(start + width - column);
                            // One column is no row: its elements have the order of the others.
                            let stride = if inner == 1 { 1 } else { n.max(2) };
                            let x = self.x.add(o * axis * inner + column);
                            let (y, sums) = (y.add(o * inner + column), scratch.add(axis * stride));
                            T::FIRST(1, axis, n, inner, x, y);
                            settle::<T>(n, axis, y);
                            map_rows::<T>(axis, n, (inner, stride), x, y, scratch);
                            T::SECOND(1, axis, n, stride, scratch, sums);
                            finish::<T>(n, axis, sums, y);
                        }
                    }
                }),
                (_, 0) => self.for_runs(|unit, rows, x| {
                    T::FIRST(1, rows, inner, inner, x, first.add(unit * inner));
                }),
                (_, 1) => self.for_runs(|unit, rows, x| {
                    let results = scratch.add(rows * inner);
                    together(T::FIRST, first, unit / runs, results);
                    settle::<T>(inner, axis, results);
                    map_rows::<T>(rows, inner, (inner, inner), x, results, scratch);
                    T::SECOND(1, rows, inner, inner, scratch, second.add(unit * inner));
                }),
                _ => {
                    for line in self.layout.results().range(self.job.chunk) {
                        let y = y.add(line * inner);
                        together(T::FIRST, first, line, y);
                        settle::<T>(inner, axis, y);
                        together(T::SECOND, second, line, scratch);
                        finish::<T>(inner, axis, scratch, y);
                    }
                }
            }
        }
    }
}

/// Reductions of x, and of what `each` makes of x by the result of the first one.
pub trait TwoPasses {
    const FIRST: Kernel;
    const SECOND: Kernel;
    /// What the second pass takes of the first one's result over n elements.
    fn settle(first: F32x4, n: usize) -> F32x4;
    fn each(x: F32x4, first: F32x4) -> F32x4;
    fn finish(second: F32x4, first: F32x4, n: usize) -> F32x4;
}

/// first (inner) = settle(first).
///
/// # Safety
/// `first` is readable and writable for `inner` words.
#[inline(never)]
unsafe fn settle<T: TwoPasses>(inner: usize, n: usize, first: *mut u32) {
    let first: *mut f32 = first.cast();
    // SAFETY: the caller's contract.
    unsafe { map::unary(inner, first, first, |first| T::settle(first, n)) };
}

/// first (inner) = finish(second, first).
///
/// # Safety
/// Both are readable for `inner` words, `first` writable; they are apart.
#[inline(never)]
unsafe fn finish<T: TwoPasses>(inner: usize, n: usize, second: *const u32, first: *mut u32) {
    let (second, first): (*const f32, *mut f32) = (second.cast(), first.cast());
    // SAFETY: the caller's contract.
    unsafe { map::binary(inner, second, 1, first, 1, first, |second, first| T::finish(second, first, n)) };
}

/// z (axis, inner) = each(x, y) for x (axis, inner) and y (inner); the rows of x and of z lie `strides` apart.
///
/// # Safety
/// `x` and `y` are readable and `z` writable there; `z` is apart from them.
#[inline(never)]
unsafe fn map_rows<T: TwoPasses>(
    axis: usize,
    inner: usize,
    strides: (usize, usize),
    x: *const u32,
    y: *const u32,
    z: *mut u32,
) {
    let (x, y, z): (*const f32, *const f32, *mut f32) = (x.cast(), y.cast(), z.cast());
    // One long run where y is one number.
    let (rows, n, step) = if strides.0 == 1 { (1, axis, 0) } else { (axis, inner, 1) };
    for row in 0..rows {
        // SAFETY: the caller's contract.
        unsafe { map::binary(n, x.add(row * strides.0), 1, y, step, z.add(row * strides.1), T::each) };
    }
}
