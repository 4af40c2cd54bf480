//! WebAssembly's vectors: strict simd128, and relaxed-simd where it is on.

use core::arch::wasm32::*;

/// Four f32.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F32x4(v128);

/// Four i32; as a mask, each lane is all ones or all zeros.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct I32x4(v128);

macro_rules! binary {
    ($($name:ident => $intrinsic:ident),* $(,)?) => { $(
        #[inline(always)]
        pub fn $name(self, other: Self) -> Self { Self($intrinsic(self.0, other.0)) }
    )* };
}
macro_rules! unary {
    ($($name:ident => $intrinsic:ident),* $(,)?) => { $(
        #[inline(always)]
        pub fn $name(self) -> Self { Self($intrinsic(self.0)) }
    )* };
}
macro_rules! compare {
    ($($name:ident => $intrinsic:ident),* $(,)?) => { $(
        #[inline(always)]
        pub fn $name(self, other: Self) -> I32x4 { I32x4($intrinsic(self.0, other.0)) }
    )* };
}

impl F32x4 {
    #[inline(always)]
    pub fn splat(x: f32) -> Self {
        Self(f32x4_splat(x))
    }
    #[inline(always)]
    pub fn new(lanes: [f32; 4]) -> Self {
        Self(f32x4(lanes[0], lanes[1], lanes[2], lanes[3]))
    }
    /// # Safety
    /// `p` is readable for four f32; no alignment is needed.
    #[inline(always)]
    pub unsafe fn load(p: *const f32) -> Self {
        // SAFETY: the caller's contract.
        Self(unsafe { v128_load(p.cast()) })
    }
    /// Four copies of `*p`.
    ///
    /// # Safety
    /// `p` is readable for one f32.
    #[inline(always)]
    pub unsafe fn load_splat(p: *const f32) -> Self {
        // SAFETY: the caller's contract.
        Self(unsafe { v128_load32_splat(p.cast()) })
    }
    /// # Safety
    /// `p` is writable for four f32; no alignment is needed.
    #[inline(always)]
    pub unsafe fn store(self, p: *mut f32) {
        // SAFETY: the caller's contract.
        unsafe { v128_store(p.cast(), self.0) }
    }
    #[inline(always)]
    pub fn to_array(self) -> [f32; 4] {
        [
            f32x4_extract_lane::<0>(self.0),
            f32x4_extract_lane::<1>(self.0),
            f32x4_extract_lane::<2>(self.0),
            f32x4_extract_lane::<3>(self.0),
        ]
    }
    binary! {
        add => f32x4_add, sub => f32x4_sub, mul => f32x4_mul, div => f32x4_div,
        // IEEE 754-2019 minimum and maximum: a NaN on either side wins, -0 < +0.
        min => f32x4_min, max => f32x4_max,
    }
    /// `b < self ? b : self`: `self` where a NaN stands.
    #[inline(always)]
    pub fn pmin(self, b: Self) -> Self {
        #[cfg(target_feature = "relaxed-simd")]
        return b.lt(self).choose(b, self);
        #[cfg(not(target_feature = "relaxed-simd"))]
        return Self(f32x4_pmin(self.0, b.0));
    }
    /// `self < b ? b : self`: `self` where a NaN stands.
    #[inline(always)]
    pub fn pmax(self, b: Self) -> Self {
        #[cfg(target_feature = "relaxed-simd")]
        return self.lt(b).choose(b, self);
        #[cfg(not(target_feature = "relaxed-simd"))]
        return Self(f32x4_pmax(self.0, b.0));
    }
    unary! {
        neg => f32x4_neg, abs => f32x4_abs, sqrt => f32x4_sqrt, floor => f32x4_floor, ceil => f32x4_ceil,
        trunc => f32x4_trunc,
        // To nearest, ties to even.
        round => f32x4_nearest,
    }
    compare! {
        eq => f32x4_eq, ne => f32x4_ne, lt => f32x4_lt, le => f32x4_le, gt => f32x4_gt, ge => f32x4_ge,
    }
    /// `self * b + c`: rounded once in the relaxed build, twice in the strict one.
    #[inline(always)]
    pub fn madd(self, b: Self, c: Self) -> Self {
        #[cfg(target_feature = "relaxed-simd")]
        return Self(f32x4_relaxed_madd(self.0, b.0, c.0));
        #[cfg(not(target_feature = "relaxed-simd"))]
        return self.mul(b).add(c);
    }
    /// The same bits, read as i32.
    #[inline(always)]
    pub fn bits(self) -> I32x4 {
        I32x4(self.0)
    }
    /// Truncates toward zero; out of range saturates, NaN gives 0.
    #[inline(always)]
    pub fn to_i32(self) -> I32x4 {
        I32x4(i32x4_trunc_sat_f32x4(self.0))
    }
    /// [a0 b0 a1 b1]
    #[inline(always)]
    pub fn interleave_low(self, b: Self) -> Self {
        Self(i32x4_shuffle::<0, 4, 1, 5>(self.0, b.0))
    }
    /// [a2 b2 a3 b3]
    #[inline(always)]
    pub fn interleave_high(self, b: Self) -> Self {
        Self(i32x4_shuffle::<2, 6, 3, 7>(self.0, b.0))
    }
    /// [a0 a1 b0 b1]
    #[inline(always)]
    pub fn low_halves(self, b: Self) -> Self {
        Self(i64x2_shuffle::<0, 2>(self.0, b.0))
    }
    /// [a2 a3 b2 b3]
    #[inline(always)]
    pub fn high_halves(self, b: Self) -> Self {
        Self(i64x2_shuffle::<1, 3>(self.0, b.0))
    }
}

impl I32x4 {
    #[inline(always)]
    pub fn splat(x: i32) -> Self {
        Self(i32x4_splat(x))
    }
    #[inline(always)]
    pub fn new(lanes: [i32; 4]) -> Self {
        Self(i32x4(lanes[0], lanes[1], lanes[2], lanes[3]))
    }
    /// # Safety
    /// `p` is readable for four i32; no alignment is needed.
    #[inline(always)]
    pub unsafe fn load(p: *const i32) -> Self {
        // SAFETY: the caller's contract.
        Self(unsafe { v128_load(p.cast()) })
    }
    /// # Safety
    /// `p` is writable for four i32; no alignment is needed.
    #[inline(always)]
    pub unsafe fn store(self, p: *mut i32) {
        // SAFETY: the caller's contract.
        unsafe { v128_store(p.cast(), self.0) }
    }
    #[inline(always)]
    pub fn to_array(self) -> [i32; 4] {
        [
            i32x4_extract_lane::<0>(self.0),
            i32x4_extract_lane::<1>(self.0),
            i32x4_extract_lane::<2>(self.0),
            i32x4_extract_lane::<3>(self.0),
        ]
    }
    binary! {
        add => i32x4_add, sub => i32x4_sub, mul => i32x4_mul, min => i32x4_min, max => i32x4_max,
        and => v128_and, or => v128_or, xor => v128_xor,
        // a & !b
        andnot => v128_andnot,
    }
    unary! { neg => i32x4_neg, abs => i32x4_abs, not => v128_not }
    compare! {
        eq => i32x4_eq, ne => i32x4_ne, lt => i32x4_lt, le => i32x4_le, gt => i32x4_gt, ge => i32x4_ge,
    }
    #[inline(always)]
    pub fn shl(self, n: u32) -> Self {
        Self(i32x4_shl(self.0, n))
    }
    /// Arithmetic shift.
    #[inline(always)]
    pub fn shr(self, n: u32) -> Self {
        Self(i32x4_shr(self.0, n))
    }
    /// Logical shift.
    #[inline(always)]
    pub fn shr_unsigned(self, n: u32) -> Self {
        Self(u32x4_shr(self.0, n))
    }
    /// The same bits, read as f32.
    #[inline(always)]
    pub fn float_bits(self) -> F32x4 {
        F32x4(self.0)
    }
    /// Each i32 as the nearest f32.
    #[inline(always)]
    pub fn to_f32(self) -> F32x4 {
        F32x4(f32x4_convert_i32x4(self.0))
    }
    /// Where `self` (a mask) is set `yes`, else `no`.
    #[inline(always)]
    pub fn select(self, yes: F32x4, no: F32x4) -> F32x4 {
        F32x4(v128_bitselect(yes.0, no.0, self.0))
    }
    /// Where `self` (a mask) is set `yes`, else `no`.
    #[inline(always)]
    pub fn select_i32(self, yes: I32x4, no: I32x4) -> I32x4 {
        I32x4(v128_bitselect(yes.0, no.0, self.0))
    }
    /// As `select`, in one instruction on x86. For minima and maxima: LLVM makes `relaxed_min` of `f32x4_pmin`, and
    /// that one may drop a NaN.
    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    fn choose(self, yes: F32x4, no: F32x4) -> F32x4 {
        F32x4(i32x4_relaxed_laneselect(yes.0, no.0, self.0))
    }
    /// True if any lane has a bit set.
    #[inline(always)]
    pub fn any(self) -> bool {
        v128_any_true(self.0)
    }
    /// True if every lane is nonzero.
    #[inline(always)]
    pub fn all(self) -> bool {
        i32x4_all_true(self.0)
    }
}
