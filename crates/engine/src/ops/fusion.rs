//! Which nodes together are one node of another op. The pass that asks knows no op by name.

use super::data::variable::{ASSIGN, ASSIGN_ADD};
use super::elementwise::{activation::RELU, binary::ADD};
use super::matmul::{DENSE, MATMUL};
use crate::graph::{Graph, Node, Value};
use crate::op::{Attrs, Op};
use crate::types::Type;

/// An op on other inputs that gives what a node gives, to the bit.
pub type Fused = (&'static Op, Vec<Value>, Attrs);

/// `only(x)` is the node that makes x, if nobody else needs x.
pub fn fuse<'a>(graph: &Graph, node: &Node, only: impl Fn(Value) -> Option<&'a Node>) -> Option<Fused> {
    if node.op == &ADD {
        let (x, bias) = (node.ins[0], node.ins[1]);
        let columns = *graph.dims(x).last()?;
        let product = only(x).filter(|made| made.op == &MATMUL)?;
        let fits = graph.ty(x) == graph.ty(node.outs[0])
            && Type::f32(&[columns]).is_ok_and(|ty| ty == *graph.ty(bias));
        return fits
            .then(|| (&DENSE, [&product.ins[..], &[bias]].concat(), product.attrs.clone().bool(false)));
    }
    if node.op == &ASSIGN {
        let (variable, sum) = (node.ins[0], node.ins[1]);
        let sum = only(sum).filter(|made| made.op == &ADD && made.ins[0] == variable)?;
        return Some((&ASSIGN_ADD, sum.ins.clone(), Attrs::none()));
    }
    if node.op == &RELU {
        let dense = only(node.ins[0]).filter(|made| made.op == &DENSE)?;
        let mut read = dense.attrs.read();
        let (tx, ty) = (read.bool(), read.bool());
        return Some((&DENSE, dense.ins.clone(), Attrs::none().bool(tx).bool(ty).bool(true)));
    }
    None
}
