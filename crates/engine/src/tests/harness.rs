//! What the tests of this crate share.

use crate::heap::TensorId;
use crate::op::{Attrs, Op};
use crate::ops::reduce::SUM;
use crate::reference::Array;
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

/// Traces `f` on inputs like the given tensors, runs the program once on them, and gives the outputs' words.
pub fn planned(
    session: &mut Session,
    ins: &[Handle],
    f: impl Fn(&mut Session, &[Handle]) -> Vec<Handle>,
) -> Vec<Vec<u32>> {
    let types: Vec<Type> = ins.iter().map(|&x| session.ty(x).unwrap()).collect();
    session.trace_begin().unwrap();
    let symbols: Vec<Handle> = types.iter().map(|&ty| session.trace_input(ty).unwrap()).collect();
    let outs = f(session, &symbols);
    let out_types: Vec<Type> = outs.iter().map(|&x| session.ty(x).unwrap()).collect();
    let program = session.trace_end(&outs, None).unwrap();
    let outs: Vec<Handle> = out_types.iter().map(|&ty| session.heap.create(ty).unwrap().0).collect();
    let arguments: Vec<Argument> = ins.iter().chain(&outs).map(|&x| x.into()).collect();
    session.run(program, &arguments, 0, 1, false).unwrap();
    let results = outs.iter().map(|&x| words(session, x)).collect();
    drop_all(session, &outs);
    session.drop_program(program);
    results
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
