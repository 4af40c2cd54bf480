//! Ops whose results are bool: comparisons, tests of floats, and logic.

use super::{kernel, row};
use crate::op::{Arity, Grad, Memory, Op};
use crate::types::DType::{Bool, F32, I32};
use wasmgrad_kernels::lane::{F32x4, I32x4};

/// Rows of one kind, which says what the operands are: `any` dtype, `float` or `logic`. A row: name, formula over lanes
/// (a mask, or 0 and 1) and over f64.
macro_rules! predicate {
    ($kind:ident: $(
        $(#[doc = $doc:literal])+
        $id:ident = $name:literal in $family:ident; forward |$($x:ident),+| $forward:expr; reference |$($r:ident),+| $reference:expr;
    )*) => {
        $(
            $(#[doc = $doc])+
            pub static $id: Op = {
                const ARITY: usize = [$(stringify!($x)),+].len();
                const OPERANDS: &[usize] = &[0, 1];
                predicate!(@kernels $kind |$($x),+| $forward.and(I32x4::splat(1)));
                static KERNEL: kernel::Choice = predicate!(@choice $kind);
                Op {
                    name: $name,
                    doc: Op::doc(concat!($($doc),+)),
                    arity: Arity::Exactly(ARITY),
                    attrs: &[],
                    infer: |ins, _| Ok(vec![row::infer_one_of(ins, &predicate!(@dtypes $kind))?.with_dtype(Bool)]),
                    work: kernel::work::<ARITY>,
                    run: |job| kernel::run::<ARITY>(job, &KERNEL),
                    grad: Grad::Stop,
                    memory: Memory::InPlace(OPERANDS.split_at(ARITY).0),
                    family: crate::op::Family::$family,
                    elementwise: Some(&KERNEL),
                    #[cfg(test)]
                    reference: |ins, _| vec![predicate!(@reference ins |$($r),+| ($reference) as u8 as f64)],
                    #[cfg(test)]
                    cases: {
                        use crate::op::Attrs;
                        use crate::reference::{Arg, Case};
                        predicate!(@cases $kind $($x)+)
                    },
                }
            };
        )*
    };
    (@kernels any $($formula:tt)*) => {
        row::kernel! { floats: f32 -> i32 [] $($formula)* }
        row::kernel! { ints: i32 -> i32 [] $($formula)* }
    };
    (@kernels float $($formula:tt)*) => { row::kernel! { floats: f32 -> i32 [] $($formula)* } };
    (@kernels logic $($formula:tt)*) => { row::kernel! { ints: i32 -> i32 [] $($formula)* } };
    (@choice any) => { kernel::Choice::Floats(floats, ints) };
    (@choice float) => { kernel::Choice::Always(floats) };
    (@choice logic) => { kernel::Choice::Always(ints) };
    (@dtypes any) => { [F32, I32, Bool] };
    (@dtypes float) => { [F32] };
    (@dtypes logic) => { [Bool] };
    (@reference $ins:ident |$x:ident| $formula:expr) => { $ins[0].map(|$x| $formula) };
    (@reference $ins:ident |$x:ident, $y:ident| $formula:expr) => { $ins[0].zip(&$ins[1], |$x, $y| $formula) };
    (@cases any $x:ident $y:ident) => {
        &[
            Case { ins: &[Arg::f32(&[3, 5]), Arg::f32(&[3, 5])], attrs: Attrs::none },
            Case { ins: &[Arg::f32_in(&[5], 1.0, 1.0), Arg::f32_in(&[], 1.0, 1.0)], attrs: Attrs::none },
            Case { ins: &[Arg::i32_in(&[2, 1, 3], -2, 3), Arg::i32_in(&[4, 1], -2, 3)], attrs: Attrs::none },
            Case { ins: &[Arg::bool(&[7]), Arg::bool(&[7])], attrs: Attrs::none },
        ]
    };
    (@cases float $x:ident) => {
        &[
            Case { ins: &[Arg::f32(&[2, 5])], attrs: Attrs::none },
            // inf - inf: NaN.
            Case { ins: &[Arg::f32_in(&[5], f64::INFINITY, f64::INFINITY)], attrs: Attrs::none },
            // At most inf.
            Case { ins: &[Arg::f32_in(&[5], 1e39, 2e39)], attrs: Attrs::none },
        ]
    };
    (@cases logic $x:ident) => {
        &[
            Case { ins: &[Arg::bool(&[3, 5])], attrs: Attrs::none },
            Case { ins: &[Arg::bool(&[])], attrs: Attrs::none },
        ]
    };
    (@cases logic $x:ident $y:ident) => {
        &[
            Case { ins: &[Arg::bool(&[3, 7]), Arg::bool(&[3, 7])], attrs: Attrs::none },
            Case { ins: &[Arg::bool(&[3, 1]), Arg::bool(&[7])], attrs: Attrs::none },
        ]
    };
}

pub static OPS: &[&Op] = &[
    &EQUAL,
    &NOT_EQUAL,
    &LESS,
    &LESS_EQUAL,
    &GREATER,
    &GREATER_EQUAL,
    &IS_NAN,
    &IS_INF,
    &IS_FINITE,
    &LOGICAL_AND,
    &LOGICAL_OR,
    &LOGICAL_XOR,
    &LOGICAL_NOT,
];

predicate! { any:
    /// x == y
    EQUAL = "equal" in Core; forward |x, y| x.eq(y); reference |x, y| x == y;
    /// x != y
    NOT_EQUAL = "notEqual" in Core; forward |x, y| x.ne(y); reference |x, y| x != y;
    /// x < y
    LESS = "less" in Core; forward |x, y| x.lt(y); reference |x, y| x < y;
    /// x <= y
    LESS_EQUAL = "lessEqual" in Core; forward |x, y| x.le(y); reference |x, y| x <= y;
    /// x > y
    GREATER = "greater" in Core; forward |x, y| x.gt(y); reference |x, y| x > y;
    /// x >= y
    GREATER_EQUAL = "greaterEqual" in Core; forward |x, y| x.ge(y); reference |x, y| x >= y;
}

predicate! { float:
    /// Whether x is NaN.
    IS_NAN = "isNaN" in Extra; forward |x| x.ne(x); reference |x| x.is_nan();
    /// Whether x is inf or -inf.
    IS_INF = "isInf" in Extra; forward |x| x.abs().eq(F32x4::splat(f32::INFINITY)); reference |x| x.is_infinite();
    /// Whether x is neither infinite nor NaN.
    IS_FINITE = "isFinite" in Extra; forward |x| x.abs().lt(F32x4::splat(f32::INFINITY)); reference |x| x.is_finite();
}

predicate! { logic:
    /// Whether both x and y are true.
    LOGICAL_AND = "logicalAnd" in Core; forward |x, y| x.and(y); reference |x, y| x * y != 0.0;
    /// Whether x, y or both are true.
    LOGICAL_OR = "logicalOr" in Core; forward |x, y| x.or(y); reference |x, y| x + y != 0.0;
    /// Whether one of x and y is true.
    LOGICAL_XOR = "logicalXor" in Extra; forward |x, y| x.xor(y); reference |x, y| x + y == 1.0;
    /// Whether x is false.
    LOGICAL_NOT = "logicalNot" in Core; forward |x| x.eq(I32x4::splat(0)); reference |x| x == 0.0;
}
