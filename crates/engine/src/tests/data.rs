//! What the cases of the data ops cannot show: order among equals, high ranks, constants for gradients, refusals.

use super::harness::*;
use crate::graph::infer;
use crate::op::{Attrs, Op};
use crate::ops::data::{index, join, layout, make, top, variable, view, window};
use crate::ops::elementwise::binary::MUL;
use crate::reference::{Arg, Array};
use crate::session::Session;
use crate::types::{DType, Shape, Type};

#[test]
fn top_k_takes_nan_first_and_equal_elements_in_their_order() {
    let mut session = Session::default();
    let xs = vec![1.0, f64::NAN, 3.0, -0.0, 3.0, 0.0, f64::INFINITY, f64::NEG_INFINITY];
    let x = tensor(&mut session, Type::f32(&[8]).unwrap(), &Array::new(&[8], xs));
    let outs = session.apply(&top::TOP_K, &[x], Attrs::none().int(8)).unwrap();
    assert_eq!(values(&session, outs[1]), [1.0, 6.0, 2.0, 4.0, 0.0, 3.0, 5.0, 7.0]);
}

#[test]
fn a_tensor_of_eight_dimensions_is_tiled_along_all() {
    let mut session = Session::default();
    let x = Arg::f32(&[2, 1, 2, 2, 1, 2, 1, 2]);
    let attrs = Attrs::none().ints(&[2, 3, 2, 1, 2, 2, 1, 2]);
    let array = x.values(5);
    let x = tensor(&mut session, x.ty(), &array);
    let y = apply(&mut session, &layout::TILE, &[x], attrs.clone());
    assert_eq!(values(&session, y), (layout::TILE.reference)(&[array], &attrs)[0].data);
}

#[test]
fn a_stopped_gradient_counts_as_a_constant() {
    let mut session = Session::default();
    let x = tensor(&mut session, Type::f32(&[2]).unwrap(), &Array::new(&[2], vec![3.0, -5.0]));
    session.tape_begin();
    session.tape_watch(x).unwrap();
    let stopped = apply(&mut session, &view::STOP_GRADIENT, &[x], Attrs::none());
    let y = apply(&mut session, &MUL, &[x, stopped], Attrs::none());
    let dx = session.grad(y, None, &[x]).unwrap()[0].unwrap();
    let none = session.grad(stopped, None, &[x]).unwrap()[0];
    session.tape_end();
    assert_eq!(values(&session, dx), [3.0, -5.0]);
    assert_eq!(none, None);
}

#[test]
fn a_range_has_the_bits_of_jax() {
    let mut session = Session::default();
    let attrs = Attrs::none().float(0.3).float(0.3).int(6).dtype(DType::F32);
    let range = apply(&mut session, &make::RANGE, &[], attrs);
    // jnp.arange(0.3, 2, 0.3)
    let expected = [0x3e99999a, 0x3f19999a, 0x3f666667, 0x3f99999a, 0x3fc00000, 0x3fe66666];
    assert_eq!(words(&session, range), expected);
}

#[test]
fn linspace_ends_exactly() {
    let mut session = Session::default();
    let y = apply(&mut session, &make::LINSPACE, &[], Attrs::none().float(-0.7).float(2.3).int(7));
    let y = words(&session, y);
    assert_eq!((y[0], y[6]), ((-0.7f32).to_bits(), 2.3f32.to_bits()));
}

#[test]
fn wrong_operands_are_explained() {
    fn ty(dtype: DType, dims: &[usize]) -> Type {
        Type::new(dtype, Shape::new(dims).unwrap())
    }
    let (f32, i32) = (|dims: &[usize]| ty(DType::F32, dims), |dims: &[usize]| ty(DType::I32, dims));
    let list = |xs: &[i32]| Attrs::none().ints(xs);
    let refusals: &[(&'static Op, &[Type], Attrs, &str)] = &[
        (
            &layout::TRANSPOSE,
            &[f32(&[2, 3])],
            list(&[0, 0]),
            "transpose: perm [0, 0] names dimension 0 twice",
        ),
        (
            &layout::TILE,
            &[f32(&[2, 3])],
            list(&[2]),
            "tile: reps [2] has not one entry for each dimension of [2, 3]",
        ),
        (
            &window::SLICE,
            &[f32(&[2, 3])],
            list(&[0, 2]).ints(&[1, 2]),
            "slice: 2 elements from 2 on do not lie inside of dimension 1 of [2, 3]",
        ),
        (
            &window::PAD,
            &[f32(&[2])],
            list(&[1, -1]).float(0.0),
            "pad: expected two paddings of at least 0 for each dimension of [2], got [1, -1]",
        ),
        (
            &join::CONCAT,
            &[f32(&[2, 3]), f32(&[3, 3])],
            Attrs::none().int(1),
            "concat: operand 1 of float32[3, 3] does not fit operand 0 of float32[2, 3]: only dimension 1 may differ",
        ),
        (
            &join::SPLIT,
            &[f32(&[5])],
            list(&[2, 2]).int(0),
            "split: the sizes [2, 2] do not make up dimension 0 of [5]",
        ),
        (
            &index::GATHER,
            &[f32(&[5]), f32(&[2])],
            Attrs::none().int(0).float(0.0),
            "gather: expected int32 indices, got float32; cast them first",
        ),
        (
            &index::SCATTER_ADD,
            &[f32(&[5, 2]), i32(&[4])],
            Attrs::none().int(0).int(9),
            "scatterAdd: axis 0 of [5, 2] does not begin indices [4]",
        ),
        (
            &top::TOP_K,
            &[f32(&[2, 3])],
            Attrs::none().int(4),
            "topK: k = 4 elements cannot be taken from rows of 3",
        ),
        (
            &variable::ASSIGN,
            &[f32(&[2]), i32(&[2])],
            Attrs::none(),
            "assign: a variable of float32[2] cannot hold int32[2]",
        ),
        (
            &make::FILL,
            &[],
            Attrs::none().dims(&[2]).float(16_777_217.0).dtype(DType::I32),
            "fill: an int32 option stays below 2^24, got 16777216; use a tensor instead",
        ),
    ];
    for (op, ins, attrs, message) in refusals {
        assert_eq!(&infer(op, ins, attrs).unwrap_err().message, message);
    }
}
