//! Which axes a reduction combines, and how its operand lies.

use crate::error::{Error, Result};
use crate::op::{Attrs, Job, Work};
use crate::types::{MAX_RANK, Shape, Type};
use wasmgrad_kernels::map::{self, Loops};

/// Elements that a chunk combines, at least.
const CHUNK: usize = 1 << 14;

/// Which axes disappear.
pub struct Axes([bool; MAX_RANK]);

impl Axes {
    /// Reads the list that an op's options begin with.
    ///
    /// # Errors
    /// If an axis does not exist or comes twice.
    pub fn new(shape: &Shape, attrs: &Attrs) -> Result<Self> {
        let mut axes = [false; MAX_RANK];
        for &axis in attrs.read().ints() {
            if std::mem::replace(&mut axes[shape.axis(axis)?], true) {
                return Err(Error::invalid(format!("axis {axis} is given twice")));
            }
        }
        Ok(Self(axes))
    }

    /// The sizes of the dimensions that disappear, or of those that stay.
    fn sizes<'a>(&'a self, shape: &'a Shape, gone: bool) -> impl Iterator<Item = usize> + 'a {
        shape.iter().zip(self.0).filter(move |pair| pair.1 == gone).map(|(&dim, _)| dim)
    }

    /// Number of elements that are combined into one.
    pub fn count(&self, shape: &Shape) -> usize {
        self.sizes(shape, true).product()
    }

    /// The shape without the axes.
    pub fn left(&self, shape: &Shape) -> Shape {
        let dims: Vec<usize> = self.sizes(shape, false).collect();
        Shape::new(&dims).expect("a part of a shape is a shape")
    }

    /// The shape with 1 for each axis that disappears.
    pub fn kept(&self, shape: &Shape) -> Shape {
        let dims: Vec<usize> =
            shape.iter().zip(self.0).map(|(&dim, gone)| if gone { 1 } else { dim }).collect();
        Shape::new(&dims).expect("no dimension grows")
    }

    /// (outer, axis, inner) if the axes lie beside one another, dimensions of size 1 aside.
    fn block(&self, shape: &Shape) -> Option<[usize; 3]> {
        let [mut outer, mut axis, mut inner] = [1; 3];
        let mut seen = false;
        for (&dim, gone) in shape.iter().zip(self.0) {
            match (gone && dim != 1, seen) {
                (true, _) if inner != 1 => return None,
                (true, _) => {
                    axis *= dim;
                    seen = true;
                }
                (false, false) => outer *= dim,
                (false, true) => inner *= dim,
            }
        }
        Some([outer, axis, inner])
    }

    /// Copies x to y with the axes that disappear behind the others.
    ///
    /// # Safety
    /// `x` is readable for its shape, `y` writable for as many words; they are apart.
    unsafe fn gather(&self, shape: &Shape, x: *const u32, y: *mut u32) {
        let (mut dims, mut from, mut to) = ([0; MAX_RANK], [0; MAX_RANK], [0; MAX_RANK]);
        let mut at = 0;
        for gone in [false, true] {
            let mut stride = shape.size() as isize;
            for (&dim, is_gone) in shape.iter().zip(self.0) {
                stride /= dim.max(1) as isize;
                if is_gone == gone {
                    (dims[at], from[at]) = (dim, stride);
                    at += 1;
                }
            }
        }
        let mut stride = 1;
        for d in (0..at).rev() {
            to[d] = stride;
            stride *= dims[d] as isize;
        }
        // SAFETY: the caller's contract.
        unsafe { map::copy(&Loops::strided(&dims[..at], [&from[..at], &to[..at]]), x, y) };
    }
}

/// How an operand divides into (outer, axis, inner), where `axis` elements are combined into one.
struct Layout {
    sizes: [usize; 3],
    /// The axes lie apart: x is brought into this order in scratch memory.
    apart: bool,
    /// How many of `outer` make a chunk.
    per_chunk: usize,
}

impl Layout {
    fn new(shape: &Shape, axes: &Axes) -> Self {
        match axes.block(shape) {
            Some(sizes @ [_, axis, inner]) => {
                Self { sizes, apart: false, per_chunk: (CHUNK / (axis * inner).max(1)).max(1) }
            }
            None => {
                let outer = axes.sizes(shape, false).product();
                Self { sizes: [outer, axes.count(shape), 1], apart: true, per_chunk: usize::MAX }
            }
        }
    }
}

/// The work of a reduction that needs `extra(axis, inner)` words of scratch memory for one of `outer`.
pub fn work(ins: &[Type], attrs: &Attrs, extra: fn(usize, usize) -> usize) -> Work {
    let shape = &ins[0].shape;
    let layout = Layout::new(shape, &Axes::new(shape, attrs).expect("checked by infer"));
    let [outer, axis, inner] = layout.sizes;
    let gathered = if layout.apart { shape.size() } else { 0 };
    Work::chunks(outer.div_ceil(layout.per_chunk)).with_scratch(gathered + extra(axis, inner))
}

/// A chunk of a reduction of x (outer, axis, inner) to y (outer, inner).
pub struct Part {
    pub outer: usize,
    pub axis: usize,
    pub inner: usize,
    pub x: *const u32,
    pub y: *mut u32,
    /// The scratch memory that the op asked for itself.
    pub scratch: *mut f32,
}

/// A reduction of x (outer, axis, inner) to y (outer, inner).
pub type Kernel<X, Y> = unsafe fn(usize, usize, usize, *const X, *mut Y);

impl Part {
    pub fn new(job: &Job) -> Self {
        let (x, y) = (job.ins[0], job.outs[0]);
        let axes = Axes::new(x.shape(), job.attrs).expect("checked by infer");
        let layout = Layout::new(x.shape(), &axes);
        let [outer, axis, inner] = layout.sizes;
        if layout.apart {
            let (gathered, scratch) = (job.scratch.cast(), job.scratch.wrapping_add(x.size()));
            // SAFETY: the scratch memory begins with as many words as x has.
            unsafe { axes.gather(x.shape(), x.ptr, gathered) };
            return Self { outer, axis, inner, x: gathered, y: y.ptr, scratch };
        }
        let start = job.chunk * layout.per_chunk;
        Self {
            outer: layout.per_chunk.min(outer - start),
            axis,
            inner,
            x: x.ptr.wrapping_add(start * axis * inner),
            y: y.ptr.wrapping_add(start * inner),
            scratch: job.scratch,
        }
    }

    /// Runs a kernel over the part.
    pub fn run<X, Y>(&self, kernel: Kernel<X, Y>) {
        // SAFETY: x and y are parts of the op's operand and result, which are apart.
        unsafe { kernel(self.outer, self.axis, self.inner, self.x.cast(), self.y.cast()) };
    }
}
