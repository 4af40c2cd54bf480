//! Arrays, for native tests; `madd` is fused with the feature `relaxed`.

use core::array::from_fn;

/// Four f32.
#[derive(Clone, Copy, Debug)]
pub struct F32x4([f32; 4]);

/// Four i32; as a mask, each lane is all ones or all zeros.
#[derive(Clone, Copy, Debug)]
pub struct I32x4([i32; 4]);

macro_rules! binary {
    ($($name:ident => $f:expr),* $(,)?) => { $(
        #[inline(always)]
        pub fn $name(self, other: Self) -> Self { Self(from_fn(|i| ($f)(self.0[i], other.0[i]))) }
    )* };
}
macro_rules! unary {
    ($($name:ident => $f:expr),* $(,)?) => { $(
        #[inline(always)]
        pub fn $name(self) -> Self { Self(from_fn(|i| ($f)(self.0[i]))) }
    )* };
}
macro_rules! compare {
    ($($name:ident => $op:tt),* $(,)?) => { $(
        #[inline(always)]
        pub fn $name(self, other: Self) -> I32x4 { I32x4(from_fn(|i| -((self.0[i] $op other.0[i]) as i32))) }
    )* };
}

// IEEE 754-2019 minimum: a NaN on either side wins, -0 < +0.
fn minimum(a: f32, b: f32) -> f32 {
    if a.is_nan() || b.is_nan() {
        f32::NAN
    } else if a == b {
        f32::from_bits(a.to_bits() | b.to_bits())
    } else if a < b {
        a
    } else {
        b
    }
}

// `-minimum(-a, -b)`, with the NaN kept positive.
fn maximum(a: f32, b: f32) -> f32 {
    if a.is_nan() || b.is_nan() {
        f32::NAN
    } else if a == b {
        f32::from_bits(a.to_bits() & b.to_bits())
    } else if a > b {
        a
    } else {
        b
    }
}

impl F32x4 {
    #[inline(always)]
    pub fn splat(x: f32) -> Self {
        Self([x; 4])
    }
    #[inline(always)]
    pub fn new(lanes: [f32; 4]) -> Self {
        Self(lanes)
    }
    /// # Safety
    /// `p` is readable for four f32; no alignment is needed.
    #[inline(always)]
    pub unsafe fn load(p: *const f32) -> Self {
        // SAFETY: the caller's contract.
        Self(unsafe { p.cast::<[f32; 4]>().read_unaligned() })
    }
    /// Four copies of `*p`.
    ///
    /// # Safety
    /// `p` is readable for one f32.
    #[inline(always)]
    pub unsafe fn load_splat(p: *const f32) -> Self {
        // SAFETY: the caller's contract.
        Self([unsafe { p.read() }; 4])
    }
    /// # Safety
    /// `p` is writable for four f32; no alignment is needed.
    #[inline(always)]
    pub unsafe fn store(self, p: *mut f32) {
        // SAFETY: the caller's contract.
        unsafe { p.cast::<[f32; 4]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    pub fn to_array(self) -> [f32; 4] {
        self.0
    }
    binary! {
        add => |a: f32, b: f32| a + b, sub => |a: f32, b: f32| a - b,
        mul => |a: f32, b: f32| a * b, div => |a: f32, b: f32| a / b,
        pmin => |a: f32, b: f32| if b < a { b } else { a },
        pmax => |a: f32, b: f32| if a < b { b } else { a },
        min => minimum, max => maximum,
    }
    unary! {
        neg => |a: f32| -a, abs => f32::abs, sqrt => f32::sqrt, floor => f32::floor, ceil => f32::ceil,
        trunc => f32::trunc, round => f32::round_ties_even,
    }
    compare! { eq => ==, ne => !=, lt => <, le => <=, gt => >, ge => >= }
    /// `self * b + c`: rounded once in the relaxed build, twice in the strict one.
    #[inline(always)]
    pub fn madd(self, b: Self, c: Self) -> Self {
        if super::FUSED { Self(from_fn(|i| self.0[i].mul_add(b.0[i], c.0[i]))) } else { self.mul(b).add(c) }
    }
    /// The same bits, read as i32.
    #[inline(always)]
    pub fn bits(self) -> I32x4 {
        I32x4(from_fn(|i| self.0[i].to_bits() as i32))
    }
    /// Truncates toward zero; out of range saturates, NaN gives 0.
    #[inline(always)]
    pub fn to_i32(self) -> I32x4 {
        I32x4(from_fn(|i| self.0[i] as i32))
    }
    /// [a0 b0 a1 b1]
    #[inline(always)]
    pub fn interleave_low(self, b: Self) -> Self {
        Self([self.0[0], b.0[0], self.0[1], b.0[1]])
    }
    /// [a2 b2 a3 b3]
    #[inline(always)]
    pub fn interleave_high(self, b: Self) -> Self {
        Self([self.0[2], b.0[2], self.0[3], b.0[3]])
    }
    /// [a0 a1 b0 b1]
    #[inline(always)]
    pub fn low_halves(self, b: Self) -> Self {
        Self([self.0[0], self.0[1], b.0[0], b.0[1]])
    }
    /// [a2 a3 b2 b3]
    #[inline(always)]
    pub fn high_halves(self, b: Self) -> Self {
        Self([self.0[2], self.0[3], b.0[2], b.0[3]])
    }
}

impl I32x4 {
    #[inline(always)]
    pub fn splat(x: i32) -> Self {
        Self([x; 4])
    }
    #[inline(always)]
    pub fn new(lanes: [i32; 4]) -> Self {
        Self(lanes)
    }
    /// # Safety
    /// `p` is readable for four i32; no alignment is needed.
    #[inline(always)]
    pub unsafe fn load(p: *const i32) -> Self {
        // SAFETY: the caller's contract.
        Self(unsafe { p.cast::<[i32; 4]>().read_unaligned() })
    }
    /// # Safety
    /// `p` is writable for four i32; no alignment is needed.
    #[inline(always)]
    pub unsafe fn store(self, p: *mut i32) {
        // SAFETY: the caller's contract.
        unsafe { p.cast::<[i32; 4]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    pub fn to_array(self) -> [i32; 4] {
        self.0
    }
    binary! {
        add => i32::wrapping_add, sub => i32::wrapping_sub, mul => i32::wrapping_mul, min => i32::min, max => i32::max,
        and => |a: i32, b: i32| a & b, or => |a: i32, b: i32| a | b, xor => |a: i32, b: i32| a ^ b,
        // a & !b
        andnot => |a: i32, b: i32| a & !b,
    }
    unary! { neg => i32::wrapping_neg, abs => i32::wrapping_abs, not => |a: i32| !a }
    compare! { eq => ==, ne => !=, lt => <, le => <=, gt => >, ge => >= }
    #[inline(always)]
    pub fn shl(self, n: u32) -> Self {
        Self(self.0.map(|a| a << n))
    }
    /// Arithmetic shift.
    #[inline(always)]
    pub fn shr(self, n: u32) -> Self {
        Self(self.0.map(|a| a >> n))
    }
    /// Logical shift.
    #[inline(always)]
    pub fn shr_unsigned(self, n: u32) -> Self {
        Self(self.0.map(|a| ((a as u32) >> n) as i32))
    }
    /// The same bits, read as f32.
    #[inline(always)]
    pub fn float_bits(self) -> F32x4 {
        F32x4(self.0.map(|a| f32::from_bits(a as u32)))
    }
    /// Each i32 as the nearest f32.
    #[inline(always)]
    pub fn to_f32(self) -> F32x4 {
        F32x4(self.0.map(|a| a as f32))
    }
    /// Where `self` (a mask) is set `yes`, else `no`.
    #[inline(always)]
    pub fn select(self, yes: F32x4, no: F32x4) -> F32x4 {
        F32x4(from_fn(|i| if self.0[i] != 0 { yes.0[i] } else { no.0[i] }))
    }
    /// Where `self` (a mask) is set `yes`, else `no`.
    #[inline(always)]
    pub fn select_i32(self, yes: I32x4, no: I32x4) -> I32x4 {
        I32x4(from_fn(|i| if self.0[i] != 0 { yes.0[i] } else { no.0[i] }))
    }
    /// True if any lane has a bit set.
    #[inline(always)]
    pub fn any(self) -> bool {
        self.0.iter().any(|&a| a != 0)
    }
    /// True if every lane is nonzero.
    #[inline(always)]
    pub fn all(self) -> bool {
        self.0.iter().all(|&a| a != 0)
    }
}
