//! Plain f64 arithmetic that judges the ops, and the inputs on which it does.

use crate::op::Attrs;
use crate::types::{DType, Shape, Type};

/// An n-dimensional array of f64.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    pub shape: Vec<usize>,
    pub data: Vec<f64>,
}

/// Inputs and options for one test of an op.
pub struct Case {
    pub ins: &'static [Arg],
    pub attrs: fn() -> Attrs,
}

/// A random input: uniform in [lo, hi), for int32 and bool whole numbers.
#[derive(Clone, Copy)]
pub struct Arg {
    pub dtype: DType,
    pub shape: &'static [usize],
    pub lo: f64,
    pub hi: f64,
}

impl Arg {
    pub const fn f32(shape: &'static [usize]) -> Self {
        Self::f32_in(shape, -2.0, 2.0)
    }

    pub const fn f32_in(shape: &'static [usize], lo: f64, hi: f64) -> Self {
        Self { dtype: DType::F32, shape, lo, hi }
    }

    pub const fn i32_in(shape: &'static [usize], lo: i32, hi: i32) -> Self {
        Self { dtype: DType::I32, shape, lo: lo as f64, hi: hi as f64 }
    }

    pub const fn bool(shape: &'static [usize]) -> Self {
        Self { dtype: DType::Bool, shape, lo: 0.0, hi: 2.0 }
    }

    pub fn ty(&self) -> Type {
        Type::new(self.dtype, Shape::new(self.shape).unwrap())
    }

    /// Its values, which a float32 or int32 holds exactly.
    pub fn values(&self, seed: u64) -> Array {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678_9abc_def1);
        let size = self.shape.iter().product();
        let data = (0..size).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let unit = (state >> 40) as f64 / (1u64 << 24) as f64;
            let x = self.lo + unit * (self.hi - self.lo);
            if self.dtype == DType::F32 { x as f32 as f64 } else { x.floor() }
        });
        Array::new(self.shape, data.collect())
    }
}

impl Array {
    pub fn new(shape: &[usize], data: Vec<f64>) -> Self {
        assert_eq!(shape.iter().product::<usize>(), data.len());
        Self { shape: shape.to_vec(), data }
    }

    pub fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        Self::new(&self.shape, self.data.iter().map(|&x| f(x)).collect())
    }

    /// Elementwise, with broadcasting.
    pub fn zip(&self, other: &Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let shape = Shape::new(&self.shape).unwrap().broadcast(&Shape::new(&other.shape).unwrap()).unwrap();
        Self::from_fn(&shape, |index| f(self.at_broadcast(index), other.at_broadcast(index)))
    }

    /// The array whose element at each index is given.
    pub fn from_fn(shape: &[usize], mut f: impl FnMut(&[usize]) -> f64) -> Self {
        let size: usize = shape.iter().product();
        let mut index = vec![0; shape.len()];
        let data = (0..size).map(|flat| {
            let mut rest = flat;
            for i in (0..shape.len()).rev() {
                index[i] = rest % shape[i];
                rest /= shape[i];
            }
            f(&index)
        });
        let data = data.collect();
        Self::new(shape, data)
    }

    pub fn at(&self, index: &[usize]) -> f64 {
        self.data[index.iter().zip(&self.shape).fold(0, |flat, (i, dim)| flat * dim + i)]
    }

    /// The element that an index of a larger shape means.
    pub fn at_broadcast(&self, index: &[usize]) -> f64 {
        let own = &index[index.len() - self.shape.len()..];
        let own: Vec<usize> =
            own.iter().zip(&self.shape).map(|(&i, &dim)| if dim == 1 { 0 } else { i }).collect();
        self.at(&own)
    }

    /// Each group of elements along `axes`, in row-major order, made one.
    pub fn reduce(&self, axes: &[i32], keep: bool, f: impl Fn(&[f64]) -> f64) -> Self {
        let rank = self.shape.len() as i32;
        let gone: Vec<bool> = (0..rank).map(|i| axes.iter().any(|a| a.rem_euclid(rank) == i)).collect();
        let kept: Vec<usize> =
            self.shape.iter().zip(&gone).map(|(&dim, &gone)| if gone { 1 } else { dim }).collect();
        let mut groups = vec![Vec::new(); kept.iter().product()];
        Self::from_fn(&self.shape, |index| {
            let flat =
                index.iter().zip(&kept).fold(0, |flat, (&i, &dim)| flat * dim + if dim == 1 { 0 } else { i });
            groups[flat].push(self.at(index));
            0.0
        });
        let left = self.shape.iter().zip(&gone).filter(|(_, gone)| !**gone).map(|(&dim, _)| dim).collect();
        let shape: Vec<usize> = if keep { kept } else { left };
        Self::new(&shape, groups.iter().map(|group| f(group)).collect())
    }

    /// The product of the last two dimensions, batches broadcast.
    pub fn mat_mul(&self, other: &Self, tx: bool, ty: bool) -> Self {
        let (rx, ry) = (self.shape.len(), other.shape.len());
        let (m, k) = if tx {
            (self.shape[rx - 1], self.shape[rx - 2])
        } else {
            (self.shape[rx - 2], self.shape[rx - 1])
        };
        let n = if ty { other.shape[ry - 2] } else { other.shape[ry - 1] };
        let batch = Shape::new(&self.shape[..rx - 2]).unwrap();
        let mut shape = batch.broadcast(&Shape::new(&other.shape[..ry - 2]).unwrap()).unwrap().to_vec();
        shape.extend([m, n]);
        Self::from_fn(&shape, |index| {
            let (batch, at) = index.split_at(index.len() - 2);
            let element = |array: &Self, i: usize, j: usize, transposed: bool| {
                let pair = if transposed { [j, i] } else { [i, j] };
                array.at_broadcast(&[batch, &pair].concat())
            };
            (0..k).map(|p| element(self, at[0], p, tx) * element(other, p, at[1], ty)).sum()
        })
    }
}

/// The error function, by a series of positive terms: exact to some units of f64 for |x| up to 6.
pub fn erf(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= 2.0 * x * x / (2 * n + 1) as f64;
        sum += term;
    }
    std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum
}
