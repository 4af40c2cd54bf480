//! Triangles of matrices.

use crate::error::Error;
use crate::op::{Arity, Attr, Attrs, Family, Grad, Memory, Op, Work};
#[cfg(test)]
use crate::reference::{Arg, Array, Case};
use crate::share::Share;
use crate::types::Shape;

pub static OPS: &[&Op] = &[&BAND_PART];

/// x (..., rows, columns) with 0 more than `lower` places below or `upper` places above the diagonal; a negative number
/// keeps all on its side.
pub static BAND_PART: Op = Op {
    name: "bandPart",
    doc: Op::doc(
        "x (..., rows, columns) with 0 more than lower places below or upper places above the diagonal; a negative number keeps all on its side.",
    ),
    arity: Arity::Exactly(1),
    attrs: &[Attr::int("lower"), Attr::int("upper")],
    infer: |ins, _| match ins[0].shape.len() {
        0 | 1 => Err(Error::invalid(format!("expected matrices, got shape {}", ins[0].shape))),
        _ => Ok(vec![ins[0]]),
    },
    work: |ins, _, _| Work::chunks(share(&ins[0].shape).chunks()),
    run: |job| {
        let (x, y) = (job.ins[0], job.outs[0]);
        let shape = x.shape();
        let (rows, columns) = (shape[shape.len() - 2], shape[shape.len() - 1]);
        for row in share(shape).range(job.chunk) {
            let (start, end) = kept(job.attrs, row % rows, columns);
            // SAFETY: the row lies inside of both views, which are one memory or apart.
            unsafe {
                let (x, y) = (x.ptr.add(row * columns), y.ptr.add(row * columns));
                std::ptr::copy(x.add(start), y.add(start), end - start);
                std::slice::from_raw_parts_mut(y, start).fill(0);
                std::slice::from_raw_parts_mut(y.add(end), columns - end).fill(0);
            }
        }
    },
    grad: Grad::By(|g, back| Ok(vec![Some(g.op(&BAND_PART, &[back.dy()], back.attrs.clone())?)])),
    memory: Memory::InPlace(&[0]),
    family: Family::Extra,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| {
        let mut read = attrs.read();
        let (lower, upper) = (read.int() as usize, read.int() as usize);
        vec![Array::from_fn(&ins[0].shape, |at| {
            // A negative number is a large one.
            let [i, j] = [at[at.len() - 2], at[at.len() - 1]];
            if i.saturating_sub(j) <= lower && j.saturating_sub(i) <= upper { ins[0].at(at) } else { 0.0 }
        })]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[4, 5])], attrs: || Attrs::none().int(-1).int(0) },
        Case { ins: &[Arg::f32(&[5, 3])], attrs: || Attrs::none().int(0).int(-1) },
        Case { ins: &[Arg::f32(&[2, 4, 4])], attrs: || Attrs::none().int(1).int(2) },
        Case { ins: &[Arg::i32_in(&[6, 2], -9, 9)], attrs: || Attrs::none().int(1).int(9) },
        Case { ins: &[Arg::f32(&[3, 0])], attrs: || Attrs::none().int(1).int(1) },
    ],
};

/// The rows divide.
fn share(shape: &Shape) -> Share {
    let columns = shape[shape.len() - 1];
    Share::new(shape.size().checked_div(columns).unwrap_or(0), columns, columns)
}

/// The columns of a row that stay: from .. to.
fn kept(attrs: &Attrs, row: usize, columns: usize) -> (usize, usize) {
    let mut attrs = attrs.read();
    let (lower, upper) = (attrs.int(), attrs.int());
    let start = usize::try_from(lower).map_or(0, |lower| row.saturating_sub(lower).min(columns));
    let end = usize::try_from(upper).map_or(columns, |upper| (row + upper + 1).min(columns));
    (start, end.max(start))
}
