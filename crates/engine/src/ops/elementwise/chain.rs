//! Several elementwise nodes as one: they run tile by tile, so that what is between them stays in the nearest cache.
//!
//! Each link runs its op's own kernel over whole vectors, so the bits are those of the nodes one by one.

use super::kernel::{COST, Kernel, Run};
use crate::error::Result;
use crate::graph::{Graph, PrintAttrs, Value, infer};
use crate::op::{Arity, Attr, Attrs, Family, Grad, Job, Memory, Op, View, Work};
use crate::ops::table;
#[cfg(test)]
use crate::reference::{Arg, Array, Case};
use crate::share::Share;
use crate::types::{DType, Type};
use std::fmt;
use std::ops::Range;
use wasmgrad_kernels::lane::LANES;
use wasmgrad_kernels::map::Loops;

pub static OPS: &[&Op] = &[&CHAIN];

/// Most operands and most links of a chain.
pub const OPERANDS: usize = 8;
pub const LINKS: usize = 24;
/// Where a link reads and writes: an operand, or a tile for what is between. The last link writes the result.
const RESULT: usize = OPERANDS + LINKS;
/// Words of a tile, and from one to the next: not a power of two, which would put all of them into the same cache sets.
const TILE: usize = 1024;
const STRIDE: usize = TILE + 16;
/// Operands of an elementwise op, at most.
const LINK_OPERANDS: usize = 3;

/// What the links, elementwise ops one after another, make of the operands.
pub static CHAIN: Op = Op {
    name: "chain",
    doc: Op::doc("What elementwise ops one after another make of the operands. Plans make it of its parts."),
    arity: Arity::AtLeast(1),
    attrs: &[Attr::links("links")],
    infer: |ins, attrs| {
        let value = |op, ins: &[Type], attrs: &Attrs| infer(op, ins, attrs).map(|outs| outs[0]);
        Ok(vec![evaluate(attrs, ins, value)?])
    },
    work: |ins, outs, attrs| {
        let (mut links, mut tiles) = (0, 0);
        for link in Links::of_chain(attrs) {
            links += 1;
            tiles = if link.to == RESULT { tiles } else { tiles.max(link.to + 1 - OPERANDS) };
        }
        let size = outs[0].size();
        // A tile for each operand that has to be spread, and one for what is left of the result.
        let scratch = HEAD + (ins.len() + 1 + tiles) * STRIDE;
        Work::chunks(share(size, links).chunks()).with_scratch(scratch).with_flops(links * size)
    },
    run,
    // Gradients are taken before a plan is made.
    grad: Grad::Missing,
    memory: Memory::InPlace(&[0, 1, 2, 3, 4, 5, 6, 7]),
    family: Family::Core,
    elementwise: None,
    #[cfg(test)]
    reference: |ins, attrs| {
        let value = |op: &'static Op, ins: &[Array], attrs: &Attrs| Ok((op.reference)(ins, attrs).remove(0));
        vec![evaluate(attrs, ins, value).unwrap()]
    },
    #[cfg(test)]
    cases: &[
        Case { ins: &[Arg::f32(&[3, 5]), Arg::f32(&[5])], attrs: tests::tanh_of_product },
        Case { ins: &[Arg::f32(&[]), Arg::f32(&[])], attrs: tests::tanh_of_product },
        Case { ins: &[Arg::f32(&[0, 3]), Arg::f32(&[3])], attrs: tests::tanh_of_product },
        Case { ins: &[Arg::f32(&[4, 8195]), Arg::f32(&[4, 1])], attrs: tests::tanh_of_product },
    ],
};

/// The links of a chain. In words: the op's place in the table, the dtypes of its first operand and of its result, where
/// the result goes, the number of operands, they, the number of option words, they.
#[derive(Clone, Copy)]
pub struct Links<'a>(&'a [u32]);

pub struct Link<'a> {
    op: &'static Op,
    kernel: Kernel,
    to: usize,
    operands: &'a [u32],
    options: &'a [u32],
}

impl<'a> Links<'a> {
    pub fn of(words: &'a [u32]) -> Self {
        Self(words)
    }

    fn of_chain(attrs: &'a Attrs) -> Self {
        Self(attrs.read().words())
    }
}

impl<'a> Iterator for Links<'a> {
    type Item = Link<'a>;

    #[inline]
    fn next(&mut self) -> Option<Link<'a>> {
        let &[op, x, y, to, ref rest @ ..] = self.0 else { return None };
        let list = |words: &'a [u32]| {
            let (&n, rest) = words.split_first().expect("a list begins with its length");
            rest.split_at(n as usize)
        };
        let (operands, rest) = list(rest);
        let (options, rest) = list(rest);
        self.0 = rest;
        let op = table()[op as usize];
        let dtype = |code: u32| [DType::F32, DType::I32, DType::Bool][code as usize];
        let kernel = op.elementwise.expect("an elementwise op was linked").kernel(dtype(x), dtype(y));
        Some(Link { op, kernel, to: to as usize, operands, options })
    }
}

/// `t0 = exp(x0), add(t0, x1)`: operands are x, tiles t; the last is the result.
impl fmt::Display for Links<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (i, link) in self.enumerate() {
            f.write_str(if i == 0 { "" } else { ", " })?;
            if link.to != RESULT {
                write!(f, "t{} = ", link.to - OPERANDS)?;
            }
            write!(f, "{}(", link.op.name)?;
            for (k, &x) in link.operands.iter().enumerate() {
                let (letter, number) =
                    (x as usize).checked_sub(OPERANDS).map_or(('x', x as usize), |t| ('t', t));
                write!(f, "{}{letter}{number}", if k == 0 { "" } else { ", " })?;
            }
            let attrs = Attrs::parse(link.op, link.options).map_err(|_| fmt::Error)?;
            write!(f, "){}", PrintAttrs(link.op, &attrs))?;
        }
        Ok(())
    }
}

/// The result of the last link, where `value` gives that of each.
fn evaluate<T: Clone>(
    attrs: &Attrs,
    ins: &[T],
    value: impl Fn(&'static Op, &[T], &Attrs) -> Result<T>,
) -> Result<T> {
    let mut places: Vec<Option<T>> = ins.iter().cloned().map(Some).collect();
    places.resize(RESULT + 1, None);
    for link in Links::of_chain(attrs) {
        let ins: Vec<T> = link.operands.iter().filter_map(|&x| places[x as usize].clone()).collect();
        places[link.to] = Some(value(link.op, &ins, &Attrs::parse(link.op, link.options)?)?);
    }
    Ok(places[RESULT].take().expect("the last link gives the result"))
}

/// Nodes of a graph, given in their order, as the option of a chain with these operands. Each but the last is read by
/// others of them alone.
pub fn link(graph: &Graph, nodes: &[usize], operands: &[Value]) -> Attrs {
    let mut words = Vec::new();
    let mut tiles: Vec<Option<Value>> = Vec::new();
    for (i, &index) in nodes.iter().enumerate() {
        let node = &graph.nodes[index];
        let place = |x: &Value| {
            let operand = operands.iter().position(|operand| operand == x);
            let tile = || tiles.iter().position(|tile| *tile == Some(*x)).map(|tile| OPERANDS + tile);
            operand.or_else(tile).expect("it is an operand, or a link before made it") as u32
        };
        let ins: Vec<u32> = node.ins.iter().map(place).collect();
        let later = &nodes[i + 1..];
        let is_read = |x: &Value| later.iter().any(|&reader| graph.nodes[reader].ins.contains(x));
        // A kernel may write where it reads.
        tiles.iter_mut().for_each(|tile| *tile = tile.filter(is_read));
        let to = if later.is_empty() {
            RESULT
        } else {
            let free = tiles.iter().position(Option::is_none).unwrap_or_else(|| {
                tiles.push(None);
                tiles.len() - 1
            });
            tiles[free] = Some(node.outs[0]);
            OPERANDS + free
        };
        let [x, y] = [node.ins[0], node.outs[0]].map(|x| graph.ty(x).dtype);
        push(&mut words, node.op, [x, y], to, &ins, &node.attrs);
    }
    Attrs::none().list(&words)
}

fn push(words: &mut Vec<u32>, op: &'static Op, dtypes: [DType; 2], to: usize, ins: &[u32], attrs: &Attrs) {
    let place = table().iter().position(|other| *other == op).expect("every op is in the table");
    let [x, y] = dtypes.map(|dtype| dtype as u32);
    words.extend([place as u32, x, y, to as u32, ins.len() as u32]);
    words.extend(ins);
    words.push(attrs.words().len() as u32);
    words.extend(attrs.words());
}

/// A link that was found in the words, ready to run.
#[derive(Clone, Copy)]
struct Step {
    kernel: Kernel,
    operands: [usize; LINK_OPERANDS],
    to: usize,
    options: *const u32,
}

/// Words at the beginning of the scratch memory for what a run knows of its links and places.
const HEAD: usize = (size_of::<[Step; LINKS]>() + size_of::<[Run; RESULT + 1]>()) / 4;

fn run(job: &Job) {
    let out = job.outs[0];
    let steps: *mut Step = job.scratch.cast();
    let places: *mut Run = steps.wrapping_add(LINKS).cast();
    let tile = |k: usize| job.scratch.cast::<u32>().wrapping_add(HEAD + k * STRIDE);
    let mut links = 0;
    for link in Links::of_chain(job.attrs) {
        let mut operands = [0; LINK_OPERANDS];
        operands.iter_mut().zip(link.operands).for_each(|(place, &x)| *place = x as usize);
        let step = Step { kernel: link.kernel, operands, to: link.to, options: link.options.as_ptr() };
        // SAFETY: the scratch memory begins with room for as many steps and places as there can be.
        unsafe {
            steps.add(links).write(step);
            places.add(link.to).write(Run { at: tile(job.ins.len() + 1 + link.to - OPERANDS), step: LANES });
        }
        links += 1;
    }
    let (size, operands) = (out.size(), job.ins.len());
    let Range { start, end } = if job.chunks == 1 { 0..size } else { share(size, links).range(job.chunk) };
    // Operands of the result's shape are read where they lie, others from a tile.
    let mut rows = [false; OPERANDS];
    for (k, x) in job.ins.iter().enumerate() {
        let words = x.size();
        rows[k] = words == size && size > 1;
        // SAFETY: there is a place and a tile for each operand.
        unsafe {
            let scalar = words == 1;
            if scalar {
                repeat(LANES, x.ptr, 0, tile(k));
            }
            places.add(k).write(Run { at: tile(k), step: if scalar { 0 } else { LANES } });
        }
    }
    for at in (start..end).step_by(TILE) {
        let n = TILE.min(end - at);
        // Kernels run over whole vectors: what does not fill its last one is treated aside.
        let whole = n.is_multiple_of(LANES);
        for (k, &is_row) in rows.iter().take(operands).enumerate() {
            // SAFETY: the tile has room for `n` words, and there is a place for each operand.
            unsafe {
                let (x, place) = (&job.ins[k], &mut *places.add(k));
                if is_row && whole {
                    place.at = x.ptr.add(at);
                } else if is_row {
                    place.at = tile(k);
                    repeat(n, x.ptr.add(at), 1, tile(k));
                } else if place.step > 0 {
                    spread_operand(x, &out, at, n, tile(k));
                }
            }
        }
        // SAFETY: every place that a link reads was written, is readable and, if it is a result's, writable for as many
        // vectors: an operand in the result's memory has its shape, and is read for this tile by the last link at the
        // latest.
        unsafe {
            let result = if whole { out.ptr.add(at) } else { tile(operands) };
            (*places.add(RESULT)).at = result;
            for step in std::slice::from_raw_parts(steps, links) {
                let ins = step.operands.map(|x| *places.add(x));
                let to = (*places.add(step.to)).at.cast_mut();
                (step.kernel)(n.div_ceil(LANES), ins.as_ptr(), to, step.options);
            }
            if !whole {
                repeat(n, result, 1, out.ptr.add(at));
            }
        }
    }
}

/// `n` words, each at `step` behind the last.
///
/// # Safety
/// They are readable, and `to` is writable for as many.
#[inline(never)]
unsafe fn repeat(n: usize, from: *const u32, step: usize, to: *mut u32) {
    // SAFETY: the caller's contract.
    (0..n).for_each(|i| unsafe { *to.add(i) = *from.add(i * step) });
}

/// Whole vectors, but for the last chunk.
fn share(size: usize, links: usize) -> Share {
    Share::new(size, 1, COST * links)
}

/// What stands at the elements `at..at + n` of `out`, to which the operand broadcasts.
///
/// # Safety
/// `to` is writable for `n` words.
unsafe fn spread_operand(x: &View, out: &View, at: usize, n: usize, to: *mut u32) {
    let loops = Loops::broadcast(out.shape(), [x.shape()]);
    let (inner, [step]) = loops.inner();
    let (mut skip, mut done) = (at % inner, 0);
    loops.for_rows(at / inner..(at + n).div_ceil(inner), |[offset]| {
        let count = (inner - skip).min(n - done);
        // SAFETY: the row lies inside of the operand, and `count` words are left.
        unsafe {
            let step = step as usize;
            repeat(count, x.ptr.offset(offset).add(skip * step), step, to.add(done));
        }
        done += count;
        skip = 0;
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::elementwise::{binary::MUL, unary};

    pub fn tanh_of_product() -> Attrs {
        let (mut words, none, f32) = (Vec::new(), Attrs::none(), [DType::F32; 2]);
        push(&mut words, &MUL, f32, OPERANDS, &[0, 1], &none);
        push(&mut words, &unary::TANH, f32, RESULT, &[OPERANDS as u32], &none);
        Attrs::none().list(&words)
    }

    #[test]
    fn links_print() {
        let attrs = tanh_of_product();
        assert_eq!(PrintAttrs(&CHAIN, &attrs).to_string(), " {links: t0 = mul(x0, x1), tanh(t0)}");
    }
}
