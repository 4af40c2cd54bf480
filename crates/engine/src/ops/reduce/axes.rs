//! Which axes a reduction combines.

use crate::error::{Error, Result};
use crate::op::Attrs;
use crate::types::{MAX_RANK, Shape};
use wasmgrad_kernels::map::Loops;

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
    pub fn sizes<'a>(&'a self, shape: &'a Shape, gone: bool) -> impl Iterator<Item = usize> + 'a {
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
    pub fn block(&self, shape: &Shape) -> Option<[usize; 3]> {
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

    /// The loops that bring the axes that disappear behind the others.
    pub fn behind(&self, shape: &Shape) -> Loops<2> {
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
        Loops::strided(&dims[..at], [&from[..at], &to[..at]])
    }
}
