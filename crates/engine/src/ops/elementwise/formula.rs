//! Gradient rules as formulas over nodes: `dy * x.to(&COS)`.

use crate::error::{Error, Result};
use crate::graph::{Graph, Value};
use crate::op::{Attrs, Backward, Op};
use crate::ops::elementwise::{backward, binary, select, unary};
use crate::ops::words;
use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// The graph to which a formula adds its nodes. The first error is kept to the end, so that a formula needs no `?`.
struct Formula {
    graph: RefCell<Graph>,
    error: RefCell<Option<Error>>,
}

/// A value in a formula.
#[derive(Clone, Copy)]
pub struct Term<'f> {
    formula: &'f Formula,
    value: Value,
}

/// The gradient of one operand by operands, output and the output's gradient. Given the op's options.
pub type Rule<const K: usize> = for<'f> fn([Term<'f>; K], &Attrs) -> Term<'f>;

/// The gradients of all operands, each summed to the operand's shape; `None` where there is no rule or no need.
///
/// # Errors
/// If an op in a rule refuses its operands.
pub fn gradient<const K: usize>(
    g: &mut Graph,
    back: &Backward,
    rules: &[Option<Rule<K>>],
) -> Result<Vec<Option<Value>>> {
    let formula = Formula { graph: RefCell::new(std::mem::take(g)), error: RefCell::default() };
    let values: Vec<Value> = back.ins.iter().copied().chain([back.outs[0], back.dy()]).collect();
    let terms = std::array::from_fn(|k| Term { formula: &formula, value: values[k] });
    let apply = |(rule, &need): (&Option<Rule<K>>, &bool)| {
        let rule = rule.filter(|_| need)?;
        Some(rule(terms, back.attrs).value)
    };
    let dxs: Vec<Option<Value>> = rules.iter().zip(back.need).map(apply).collect();
    *g = formula.graph.into_inner();
    if let Some(error) = formula.error.into_inner() {
        return Err(error);
    }
    let sum = |(dx, &x): (Option<Value>, &Value)| {
        let shape = g.ty(x).shape;
        dx.map(|dx| words::sum_to(g, dx, shape)).transpose()
    };
    dxs.into_iter().zip(back.ins).map(sum).collect()
}

impl Term<'_> {
    #[inline(never)]
    fn node(self, op: &'static Op, others: &[Self], attrs: Attrs) -> Self {
        let ins: Vec<Value> = std::iter::once(self.value).chain(others.iter().map(|x| x.value)).collect();
        self.keep(self.formula.graph.borrow_mut().op(op, &ins, attrs))
    }

    fn keep(self, result: Result<Value>) -> Self {
        match result {
            Ok(value) => Self { value, ..self },
            Err(error) => {
                self.formula.error.borrow_mut().get_or_insert(error);
                self
            }
        }
    }

    /// `op(self)`, without options.
    #[inline(never)]
    pub fn to(self, op: &'static Op) -> Self {
        self.node(op, &[], Attrs::none())
    }

    /// `op(self, y)`, without options.
    #[inline(never)]
    pub fn with(self, op: &'static Op, y: Self) -> Self {
        self.node(op, &[y], Attrs::none())
    }

    /// `self * factor + shift`
    #[inline(never)]
    pub fn affine(self, factor: f32, shift: f32) -> Self {
        self.node(&unary::AFFINE, &[], Attrs::none().float(factor).float(shift))
    }

    /// `dy` times `inside` where low <= self <= high, times `outside` elsewhere.
    #[inline(never)]
    pub fn within(self, dy: Self, low: f32, high: f32, [inside, outside]: [f32; 2]) -> Self {
        let attrs = Attrs::none().float(low).float(high).float(inside).float(outside);
        self.node(&backward::SCALE_WITHIN, &[dy], attrs)
    }

    /// `yes` where self is true, `no` elsewhere.
    #[inline(never)]
    pub fn select(self, yes: Self, no: Self) -> Self {
        self.node(&select::SELECT, &[yes, no], Attrs::none())
    }

    /// A constant for the same formula.
    #[inline(never)]
    pub fn scalar(self, x: f32) -> Self {
        self.keep(words::scalar(&mut self.formula.graph.borrow_mut(), x))
    }
}

macro_rules! operator {
    ($($trait:ident $method:ident $op:path;)*) => { $(
        impl $trait for Term<'_> {
            type Output = Self;
            fn $method(self, y: Self) -> Self {
                self.with(&$op, y)
            }
        }
    )* };
}
operator! {
    Add add binary::ADD;
    Sub sub binary::SUB;
    Mul mul binary::MUL;
    Div div binary::DIV;
}

impl Neg for Term<'_> {
    type Output = Self;
    fn neg(self) -> Self {
        self.to(&unary::NEG)
    }
}

impl Mul<f32> for Term<'_> {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        self.affine(factor, 0.0)
    }
}

impl Add<f32> for Term<'_> {
    type Output = Self;
    fn add(self, shift: f32) -> Self {
        self.affine(1.0, shift)
    }
}
