//! z = f(x, y): arithmetic, with NumPy's broadcasting.
//!
//! Derivatives at ties and poles are JAX's.

use super::compare::{EQUAL, GREATER, LESS};
use super::formula::{self, Term};
use super::kernel;
use super::row::{self, binary};
use super::unary::{LOG, SQUARE};
use crate::op::{Arity, Grad, Memory, Op};
use wasmgrad_kernels::lane::{F32x4, I32x4};
use wasmgrad_kernels::math;

binary! {
    /// x + y
    ADD = "add" in Core [] on (-3.0, 3.0) (-3.0, 3.0);
    forward |x, y| x.add(y);
    int on (-9, 9) (-9, 9) |x, y| x.add(y);
    reference |x, y| x + y;
    gradient (|x, y, z, dz| dz, dz);

    /// x - y
    SUB = "sub" in Core [] on (-3.0, 3.0) (-3.0, 3.0);
    forward |x, y| x.sub(y);
    int on (-9, 9) (-9, 9) |x, y| x.sub(y);
    reference |x, y| x - y;
    gradient (|x, y, z, dz| dz, -dz);

    /// x * y
    MUL = "mul" in Core [] on (-3.0, 3.0) (-3.0, 3.0);
    forward |x, y| x.mul(y);
    int on (-9, 9) (-9, 9) |x, y| x.mul(y);
    reference |x, y| x * y;
    gradient (|x, y, z, dz| dz * y, dz * x);

    /// x / y
    DIV = "div" in Core [] on (-3.0, 3.0) (0.5, 3.0);
    forward |x, y| x.div(y);
    reference |x, y| x / y;
    gradient (|x, y, z, dz| dz / y, -(dz / y * z));

    /// The larger of x and y, NaN where either is. Each gets half of the gradient where they are equal.
    MAXIMUM = "maximum" in Core [] on (-3.0, 3.0) (-3.0, 3.0);
    forward |x, y| x.max(y);
    int on (-9, 9) (-9, 9) |x, y| x.max(y);
    reference |x, y| x.max(y);
    gradient (|x, y, z, dz| share(&GREATER, x, y, dz), share(&LESS, x, y, dz));

    /// The smaller of x and y, NaN where either is. Each gets half of the gradient where they are equal.
    MINIMUM = "minimum" in Core [] on (-3.0, 3.0) (-3.0, 3.0);
    forward |x, y| x.min(y);
    int on (-9, 9) (-9, 9) |x, y| x.min(y);
    reference |x, y| x.min(y);
    gradient (|x, y, z, dz| share(&LESS, x, y, dz), share(&GREATER, x, y, dz));

    /// x^y. Of integers the low 32 bits, and of a negative power what is left of the fraction: its whole part.
    POW = "pow" in Extra [] on (0.2, 3.0) (-2.0, 3.0);
    forward |x, y| math::pow(x, y);
    int on (-4, 5) (-3, 6) |x, y| each_int(x, y, int_pow);
    reference |x, y| if x.fract() == 0.0 && y < 0.0 { int_pow(x as i32, y as i32) as f64 } else { x.powf(y) };
    gradient (|x, y, z, dz| {
        // y x^(y - 1); with y = 0 the power would be infinite at x = 0.
        let zero = x.scalar(0.0);
        let exponent = y.with(&EQUAL, zero).select(zero, y + -1.0);
        dz * (y * x.with(&POW, exponent))
    }, {
        // z log x; 0 at x = 0.
        let base = x.with(&EQUAL, x.scalar(0.0)).select(x.scalar(1.0), x);
        dz * (z * base.to(&LOG))
    });

    /// x - y * floor(x / y), exactly: it has the sign of y. An int32 0 where y is 0.
    MOD = "mod" in Extra [] on (-9.0, 9.0) (0.7, 3.0);
    forward |x, y| each(x, y, floor_mod);
    int on (-9, 10) (-3, 4) |x, y| each_int(x, y, |x, y| floor_div_mod(x, y).1);
    reference |x, y| if y == 0.0 { 0.0 } else { x - y * (x / y).floor() };
    gradient (|x, y, z, dz| dz, -dz * x.with(&FLOOR_DIV, y));

    /// floor(x / y) of the exact quotient. An int32 0 where y is 0.
    FLOOR_DIV = "floorDiv" in Extra [] on (-9.0, 9.0) (0.7, 3.0);
    forward |x, y| each(x, y, floor_div);
    int on (-9, 10) (-3, 4) |x, y| each_int(x, y, |x, y| floor_div_mod(x, y).0);
    reference |x, y| if y == 0.0 { 0.0 } else { (x / y).floor() };
    gradient (stop);

    /// (x - y)^2
    SQUARED_DIFFERENCE = "squaredDifference" in Core [] on (-3.0, 3.0) (-3.0, 3.0);
    forward |x, y| {
        let d = x.sub(y);
        d.mul(d)
    };
    int on (-9, 9) (-9, 9) |x, y| {
        let d = x.sub(y);
        d.mul(d)
    };
    reference |x, y| (x - y) * (x - y);
    gradient (|x, y, z, dz| dz * ((x - y) * 2.0), dz * ((y - x) * 2.0));

    /// The angle of the point (y, x), in -pi..pi: its operands are the ordinate and the abscissa.
    ATAN2 = "atan2" in Extra [] on (-3.0, 3.0) (-3.0, 3.0);
    forward |x, y| math::atan2(x, y);
    reference |x, y| x.atan2(y);
    gradient (|x, y, z, dz| dz * over_square_norm(y, x), -dz * over_square_norm(x, y));
}

/// `dz` where the operand wins, half of it where x = y.
fn share<'f>(wins: &'static Op, x: Term<'f>, y: Term<'f>, dz: Term<'f>) -> Term<'f> {
    let rest = x.with(&EQUAL, y).select(dz * 0.5, x.scalar(0.0));
    x.with(wins, y).select(dz, rest)
}

/// x / (x^2 + y^2)
fn over_square_norm<'f>(x: Term<'f>, y: Term<'f>) -> Term<'f> {
    x / (x.to(&SQUARE) + y.to(&SQUARE))
}

fn each(x: F32x4, y: F32x4, f: impl Fn(f32, f32) -> f32) -> F32x4 {
    let (x, y) = (x.to_array(), y.to_array());
    F32x4::new(std::array::from_fn(|i| f(x[i], y[i])))
}

fn each_int(x: I32x4, y: I32x4, f: impl Fn(i32, i32) -> i32) -> I32x4 {
    let (x, y) = (x.to_array(), y.to_array());
    I32x4::new(std::array::from_fn(|i| f(x[i], y[i])))
}

fn floor_mod(x: f32, y: f32) -> f32 {
    let rest = x % y;
    if rest != 0.0 && (rest < 0.0) != (y < 0.0) { rest + y } else { rest }
}

/// The rounded quotient can lie above an integer that the exact one does not reach; the rest tells. (As in NumPy.)
fn floor_div(x: f32, y: f32) -> f32 {
    let rest = x % y;
    if y == 0.0 || rest.is_nan() {
        return x / y;
    }
    let whole = ((x - rest) / y).round_ties_even();
    if rest != 0.0 && (rest < 0.0) != (y < 0.0) { whole - 1.0 } else { whole }
}

fn floor_div_mod(x: i32, y: i32) -> (i32, i32) {
    if y == 0 {
        return (0, 0);
    }
    let (whole, rest) = (x.wrapping_div(y), x.wrapping_rem(y));
    if rest != 0 && (rest < 0) != (y < 0) {
        (whole.wrapping_sub(1), rest.wrapping_add(y))
    } else {
        (whole, rest)
    }
}

fn int_pow(x: i32, y: i32) -> i32 {
    match (x, y) {
        (_, 0..) => x.wrapping_pow(y as u32),
        (1, _) => 1,
        (-1, _) => 1 - 2 * (y & 1),
        _ => 0,
    }
}
