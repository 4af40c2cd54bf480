//! What the tests of this crate share.

use crate::heap::TensorId;
use crate::op::{Attrs, Op};
use crate::ops::data::{variable::ASSIGN, view::RESHAPE};
use crate::ops::elementwise::binary::{ADD, MUL};
use crate::ops::reduce::SUM;
use crate::reference::Array;
use crate::run::Outcome;
use crate::session::{Argument, Handle, Session};
use crate::types::{DType, Shape, Type};

/// A tensor with these values.
pub fn tensor(session: &mut Session, ty: Type, values: &Array) -> Handle {
    let id = session.heap.create(ty).unwrap();
    let view = session.heap.view(id).unwrap();
    for (i, &x) in values.data.iter().enumerate() {
        let word = if ty.dtype == DType::F32 { (x as f32).to_bits() } else { x as i32 as u32 };
        // SAFETY: the view holds as many words as the array.
        unsafe { *view.ptr.add(i) = word };
    }
    id.0
}

/// A tensor's words.
pub fn words(session: &Session, handle: Handle) -> Vec<u32> {
    let view = session.heap.view(TensorId(handle)).unwrap();
    // SAFETY: a view is valid for its type.
    unsafe { std::slice::from_raw_parts(view.ptr, view.size()) }.to_vec()
}

/// A tensor's values.
pub fn values(session: &Session, handle: Handle) -> Vec<f64> {
    let f32 = session.ty(handle).unwrap().dtype == DType::F32;
    words(session, handle)
        .iter()
        .map(|&w| if f32 { f32::from_bits(w) as f64 } else { w as i32 as f64 })
        .collect()
}

pub fn drop_all(session: &mut Session, handles: &[Handle]) {
    handles.iter().for_each(|&x| session.heap.release(TensorId(x)));
}

/// One op with one output.
pub fn apply(session: &mut Session, op: &'static Op, ins: &[Handle], attrs: Attrs) -> Handle {
    session.apply(op, ins, attrs).unwrap()[0]
}

/// A float32 tensor with these values.
pub fn floats(session: &mut Session, dims: &[usize], values: &[f64]) -> Handle {
    tensor(session, Type::f32(dims).unwrap(), &Array::new(dims, values.to_vec()))
}

/// A float32 variable with these values.
pub fn variable(session: &mut Session, dims: &[usize], values: &[f64]) -> Handle {
    let w = floats(session, dims, values);
    session.heap.set_variable(TensorId(w), true).unwrap();
    w
}

/// An int32 tensor with these values.
pub fn ints(session: &mut Session, dims: &[usize], values: &[i32]) -> Handle {
    let ty = Type::new(DType::I32, Shape::new(dims).unwrap());
    let values = values.iter().map(|&x| x as f64).collect();
    tensor(session, ty, &Array::new(dims, values))
}

/// The sum of all elements.
pub fn total(session: &mut Session, x: Handle) -> Handle {
    let axes: Vec<i32> = (0..session.ty(x).unwrap().shape.len() as i32).collect();
    apply(session, &SUM, &[x], Attrs::none().ints(&axes).bool(false))
}

/// float32 of these dimensions.
pub fn f32(dims: &[usize]) -> Type {
    Type::f32(dims).unwrap()
}

pub fn add(session: &mut Session, x: Handle, y: Handle) -> Handle {
    apply(session, &ADD, &[x, y], Attrs::none())
}

pub fn mul(session: &mut Session, x: Handle, y: Handle) -> Handle {
    apply(session, &MUL, &[x, y], Attrs::none())
}

/// The variable's next version.
pub fn assign(session: &mut Session, variable: Handle, value: Handle) -> Handle {
    apply(session, &ASSIGN, &[variable, value], Attrs::none())
}

/// The options of an update that clips no gradient, of its own ones.
pub fn unclipped(attrs: Attrs) -> Attrs {
    attrs.float(0.0).bool(false).float(0.0)
}

/// x with one dimension: a view.
pub fn flat(session: &mut Session, x: Handle) -> Handle {
    let n = session.ty(x).unwrap().size();
    apply(session, &RESHAPE, &[x], Attrs::none().dims(&[n]))
}

/// Traces `f` on inputs like the given tensors, runs the program once on them, and gives the outputs' words.
pub fn planned(
    session: &mut Session,
    ins: &[Handle],
    f: impl FnOnce(&mut Session, &[Handle]) -> Vec<Handle>,
) -> Vec<Vec<u32>> {
    let types: Vec<Type> = ins.iter().map(|&x| session.ty(x).unwrap()).collect();
    let program = trace(session, &types, f);
    let results = call_words(session, &program, ins);
    session.drop_program(program.0);
    results
}

/// A program's number and the types of its outputs.
pub type Traced = (u32, Vec<Type>);

/// Traces `f` on inputs of the given types.
pub fn trace(
    session: &mut Session,
    inputs: &[Type],
    f: impl FnOnce(&mut Session, &[Handle]) -> Vec<Handle>,
) -> Traced {
    session.trace_begin().unwrap();
    let symbols: Vec<Handle> = inputs.iter().map(|&ty| session.trace_input(ty).unwrap()).collect();
    let outs = f(session, &symbols);
    let types = outs.iter().map(|&x| session.ty(x).unwrap()).collect();
    (session.trace_end(&outs, None).unwrap(), types)
}

/// The words that a program gives for inputs.
pub fn call_words(session: &mut Session, (program, types): &Traced, inputs: &[Handle]) -> Vec<Vec<u32>> {
    let outs: Vec<Handle> = types.iter().map(|&ty| session.heap.create(ty).unwrap().0).collect();
    let arguments: Vec<Argument> = inputs.iter().chain(&outs).map(|&x| x.into()).collect();
    assert_eq!(session.run(*program, &arguments, 0, 1, false).unwrap(), Outcome::Done);
    let results = outs.iter().map(|&x| words(session, x)).collect();
    drop_all(session, &outs);
    results
}

/// The float32 values that a program gives for inputs.
pub fn call(session: &mut Session, program: &Traced, inputs: &[Handle]) -> Vec<Vec<f64>> {
    let float = |word: u32| f32::from_bits(word) as f64;
    call_words(session, program, inputs).into_iter().map(|out| out.into_iter().map(float).collect()).collect()
}

/// Nothing was left behind.
pub fn assert_empty(session: &Session) {
    assert_eq!((session.heap.count(), session.heap.buffers(), session.heap.bytes()), (0, 0, 0));
}
