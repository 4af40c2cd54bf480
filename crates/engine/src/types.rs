//! What a value is: a dtype and a shape. Elements are 4-byte words, row-major and contiguous.

use crate::error::{Error, Result};
use std::fmt;
use std::ops::Deref;
pub use wasmgrad_kernels::map::MAX_RANK;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DType {
    F32 = 0,
    I32 = 1,
    /// An i32 that is 0 or 1.
    Bool = 2,
}

impl DType {
    pub fn from_code(code: u32) -> Result<Self> {
        match code {
            0 => Ok(Self::F32),
            1 => Ok(Self::I32),
            2 => Ok(Self::Bool),
            _ => Err(Error::internal(format!("dtype {code} does not exist"))),
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "float32",
            Self::I32 => "int32",
            Self::Bool => "bool",
        })
    }
}

/// Up to eight dimensions, kept in place so that a shape is copied and never allocated.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    dims: [usize; MAX_RANK],
    rank: usize,
}

impl Shape {
    pub const SCALAR: Self = Self { dims: [0; MAX_RANK], rank: 0 };

    /// # Errors
    /// If there are more than eight dimensions, or more elements than a 32-bit address space holds.
    pub fn new(dims: &[usize]) -> Result<Self> {
        if dims.len() > MAX_RANK {
            return Err(Error::invalid(format!(
                "a tensor has at most {MAX_RANK} dimensions, got {}",
                dims.len()
            )));
        }
        let words =
            dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d).filter(|&n| n <= (u32::MAX / 4) as usize));
        if words.is_none() {
            return Err(Error::invalid(format!("the shape {dims:?} has more elements than 4 GB hold")));
        }
        let mut shape = Self { rank: dims.len(), ..Self::SCALAR };
        shape.dims[..dims.len()].copy_from_slice(dims);
        Ok(shape)
    }

    /// Number of elements.
    #[inline]
    pub fn size(&self) -> usize {
        self.iter().product()
    }

    /// `axis` counted from the end when negative.
    ///
    /// # Errors
    /// If there is no such axis.
    pub fn axis(&self, axis: i32) -> Result<usize> {
        let rank = self.rank as i32;
        if axis < -rank || axis >= rank {
            return Err(Error::invalid(format!("axis {axis} does not exist in shape {self}")));
        }
        Ok(axis.rem_euclid(rank) as usize)
    }

    /// The shape that both broadcast to, by NumPy's rule.
    ///
    /// # Errors
    /// If two dimensions differ and neither is 1.
    pub fn broadcast(&self, other: &Self) -> Result<Self> {
        let rank = self.rank.max(other.rank);
        let mut dims = [1; MAX_RANK];
        for (i, dim) in dims.iter_mut().take(rank).enumerate() {
            let of = |s: &Self| if i + s.rank >= rank { s.dims[i + s.rank - rank] } else { 1 };
            *dim = match (of(self), of(other)) {
                (a, b) if a == b => a,
                (1, b) => b,
                (a, 1) => a,
                _ => {
                    return Err(Error::invalid(format!(
                        "shapes {self} and {other} cannot be broadcast together"
                    )));
                }
            };
        }
        Self::new(&dims[..rank])
    }
}

impl Deref for Shape {
    type Target = [usize];

    #[inline]
    fn deref(&self) -> &[usize] {
        &self.dims[..self.rank]
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("[")?;
        for (i, dim) in self.iter().enumerate() {
            write!(f, "{}{dim}", if i == 0 { "" } else { ", " })?;
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Type {
    pub dtype: DType,
    pub shape: Shape,
}

impl Type {
    pub fn new(dtype: DType, shape: Shape) -> Self {
        Self { dtype, shape }
    }

    /// float32 of the given dimensions.
    pub fn f32(dims: &[usize]) -> Result<Self> {
        Ok(Self::new(DType::F32, Shape::new(dims)?))
    }

    /// The same dtype with another shape.
    pub fn with_shape(&self, shape: Shape) -> Self {
        Self { shape, ..*self }
    }

    /// The same shape with another dtype.
    pub fn with_dtype(&self, dtype: DType) -> Self {
        Self { dtype, ..*self }
    }

    /// Number of elements, which is the number of words.
    #[inline]
    pub fn size(&self) -> usize {
        self.shape.size()
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}{}", self.dtype, self.shape)
    }
}
