//! What an op is: every fact about it, in one place. Passes ask the op; nothing else knows ops by name.

use crate::chooser::Product;
use crate::error::{Error, Result};
use crate::graph::{Graph, Value};
use crate::ops::elementwise::kernel;
use crate::types::{DType, Shape, Type};
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use wasmgrad_kernels::gemm::Tile;

/// Every field is stated by every op; there are no defaults.
pub struct Op {
    /// Its name in graphs, errors and the TypeScript layer.
    pub name: &'static str,
    /// One line: the formula, or what it does; see [`Op::doc`].
    pub doc: &'static str,
    pub arity: Arity,
    /// The options, in the order in which their words are laid out.
    pub attrs: &'static [Attr],
    /// The types of the outputs, or what is wrong with the inputs.
    pub infer: fn(&[Type], &Attrs) -> Result<Vec<Type>>,
    /// How the work divides, by shape alone.
    pub work: fn(&[Type], &[Type], &Attrs) -> Work,
    /// Computes one chunk of one phase.
    pub run: fn(&Job),
    pub grad: Grad,
    pub memory: Memory,
    /// The kernel of an op that treats each element alone and has a result of
    /// the shape to which its operands broadcast, or one of its options says.
    pub elementwise: Option<&'static kernel::Choice>,
    pub family: Family,
    /// Plain f64 formula, for tests.
    #[cfg(test)]
    pub reference: fn(&[crate::reference::Array], &Attrs) -> Vec<crate::reference::Array>,
    /// Inputs and options that drive the tests of values, gradients and plans.
    #[cfg(test)]
    pub cases: &'static [crate::reference::Case],
}

impl Op {
    /// What stands in `doc`: ts/ops.gen.ts is made of it, and a module is not to carry it.
    pub const fn doc(text: &'static str) -> &'static str {
        if cfg!(target_family = "wasm") { "" } else { text }
    }
}

impl PartialEq for &'static Op {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(*self, *other)
    }
}

impl std::fmt::Debug for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    Exactly(usize),
    AtLeast(usize),
}

/// Which ops a page downloads together. The number is a family's place in lists and its bit in masks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// What layers, losses, metrics, optimizers and initializers are made of, and what gradients of these ops need.
    Core = 0,
    /// The other functions of tensors.
    Extra = 1,
}

impl Family {
    /// All, by their places.
    pub const ALL: [Self; 2] = [Self::Core, Self::Extra];

    /// As `core`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Extra => "extra",
        }
    }

    /// From now on ops of other families are refused, since their code is not there.
    pub fn load_only(mask: u32) {
        LOADED.store(mask, Ordering::Relaxed);
    }

    /// # Errors
    /// If the code of the family's ops is not there; says what is to be imported.
    #[inline]
    pub fn check_loaded(self) -> Result<()> {
        match LOADED.load(Ordering::Relaxed) & (1 << self as u32) {
            0 => Err(Error::invalid("it is no part of wasmgrad/core; import from wasmgrad instead")),
            _ => Ok(()),
        }
    }
}

/// A bit for each family whose code is there.
static LOADED: AtomicU32 = AtomicU32::new(u32::MAX);

/// How an op's outputs lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Every output has memory of its own.
    Fresh,
    /// Output 0 may take over the memory of one of these inputs, where it is the last reader.
    InPlace(&'static [usize]),
    /// Output 0 is input 0 under another type; nothing runs.
    View,
    /// The outputs from number `fresh` on are the next versions of the variables that the first inputs read, in their
    /// memory; those before have memory of their own.
    Writes { fresh: usize },
}

impl Memory {
    #[inline]
    pub fn is_write(self) -> bool {
        matches!(self, Self::Writes { .. })
    }

    /// The inputs that an op with so many outputs writes.
    #[inline]
    pub fn writes(self, outs: usize) -> Range<usize> {
        match self {
            Self::Writes { fresh } => 0..outs - fresh,
            _ => 0..0,
        }
    }

    /// The input whose next version an output is.
    #[inline]
    pub fn written(self, output: usize) -> Option<usize> {
        match self {
            Self::Writes { fresh } => output.checked_sub(fresh),
            _ => None,
        }
    }
}

/// How a gradient passes an op.
#[derive(Clone, Copy)]
pub enum Grad {
    /// Nodes for the gradients of the inputs.
    By(fn(&mut Graph, &Backward) -> Result<Vec<Option<Value>>>),
    /// None passes: the outputs do not change with the inputs, or not smoothly.
    Stop,
    /// It exists, but is not provided: asking for it is an error.
    Missing,
}

/// What a gradient rule is given.
pub struct Backward<'a> {
    pub ins: &'a [Value],
    pub outs: &'a [Value],
    /// Gradient of each output; `None` where none arrives.
    pub dys: &'a [Option<Value>],
    /// Which inputs' gradients are wanted.
    pub need: &'a [bool],
    pub attrs: &'a Attrs,
}

impl Backward<'_> {
    /// The gradient of the only differentiable output, which is known to arrive.
    pub fn dy(&self) -> Value {
        self.dys[0].expect("a rule is called only when a gradient arrives")
    }
}

/// How an op's work divides. Phases run one after another with a barrier between; the chunks of a phase are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    chunks: [usize; Self::MAX_PHASES],
    phases: usize,
    /// Scratch words that all chunks share, from phase to phase.
    pub shared: usize,
    /// Scratch words that each running chunk has for itself.
    pub scratch: usize,
    /// The matrix product that most of the work is.
    pub product: Option<Product>,
    /// What all chunks calculate, about: a multiply-add is two, a function of an element one, to move elements none.
    pub flops: u64,
}

impl Work {
    pub const MAX_PHASES: usize = 4;
    /// One chunk, no scratch.
    pub const ONE: Self =
        Self { chunks: [1, 0, 0, 0], phases: 1, shared: 0, scratch: 0, product: None, flops: 0 };

    /// One phase of `n` chunks.
    pub fn chunks(n: usize) -> Self {
        Self { chunks: [n, 0, 0, 0], ..Self::ONE }
    }

    /// One more phase, of `n` chunks.
    pub fn then(mut self, n: usize) -> Self {
        self.chunks[self.phases] = n;
        self.phases += 1;
        self
    }

    pub fn with_shared(self, words: usize) -> Self {
        Self { shared: words, ..self }
    }

    pub fn with_scratch(self, words: usize) -> Self {
        Self { scratch: words, ..self }
    }

    pub fn with_flops(self, flops: usize) -> Self {
        Self { flops: flops as u64, ..self }
    }

    /// A matrix product, batch by batch, with its scratch memory.
    pub fn product(product: Product) -> Self {
        let Product { gemm, batches } = product;
        let flops = [batches, gemm.m, gemm.n, gemm.k].iter().fold(2, |flops, &size| flops * size as u64);
        let scratch = gemm.scratch();
        Self { scratch, product: Some(product), flops, ..Self::chunks(batches * gemm.chunks()) }
    }

    /// Chunks of the phases that threads can share.
    #[inline]
    pub fn shared_chunks(&self) -> usize {
        self.phases().iter().filter(|&&chunks| chunks > 1).sum()
    }

    /// The number of chunks of each phase.
    #[inline]
    pub fn phases(&self) -> &[usize] {
        &self.chunks[..self.phases]
    }
}

/// An address with the type of what lies there.
#[derive(Clone, Copy, Debug)]
pub struct View {
    pub ptr: *mut u32,
    pub ty: Type,
}

impl View {
    #[inline]
    pub fn f32(&self) -> *mut f32 {
        debug_assert_eq!(self.ty.dtype, DType::F32);
        self.ptr.cast()
    }

    /// int32, or bool as 0 and 1.
    #[inline]
    pub fn i32(&self) -> *mut i32 {
        debug_assert_ne!(self.ty.dtype, DType::F32);
        self.ptr.cast()
    }

    #[inline]
    pub fn shape(&self) -> &Shape {
        &self.ty.shape
    }

    #[inline]
    pub fn size(&self) -> usize {
        self.ty.size()
    }
}

/// One chunk of one phase of an op, with its memory.
///
/// Contract for `Op::run`: every view is valid for its type, the outputs are not aliased by anything that the chunk
/// reads except as `Memory` allows, and the scratch areas have the sizes that `Op::work` asked for. Other threads may run
/// other chunks of the phase meanwhile; nothing is allocated, since the allocator knows one thread.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    pub ins: &'a [View],
    pub outs: &'a [View],
    pub attrs: &'a Attrs,
    pub phase: usize,
    pub chunk: usize,
    pub chunks: usize,
    pub shared: *mut f32,
    pub scratch: *mut f32,
    /// What `Op::work` said.
    pub work: &'a Work,
    /// For matrix products.
    pub tile: &'static Tile,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttrKind {
    Int,
    Float,
    Bool,
    /// A list of integers: its length, then its items.
    Ints,
    /// A list of words that stand for nodes: see ops/elementwise/chain.rs.
    Links,
    DType,
}

#[derive(Clone, Copy, Debug)]
pub struct Attr {
    pub name: &'static str,
    pub kind: AttrKind,
}

impl Attr {
    #[inline]
    pub const fn int(name: &'static str) -> Self {
        Self { name, kind: AttrKind::Int }
    }
    #[inline]
    pub const fn float(name: &'static str) -> Self {
        Self { name, kind: AttrKind::Float }
    }
    #[inline]
    pub const fn bool(name: &'static str) -> Self {
        Self { name, kind: AttrKind::Bool }
    }
    #[inline]
    pub const fn ints(name: &'static str) -> Self {
        Self { name, kind: AttrKind::Ints }
    }
    pub const fn dtype(name: &'static str) -> Self {
        Self { name, kind: AttrKind::DType }
    }
    pub const fn links(name: &'static str) -> Self {
        Self { name, kind: AttrKind::Links }
    }
}

/// The options of one node as words, in the order of `Op::attrs`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attrs(Vec<u32>);

impl Attrs {
    pub fn none() -> Self {
        Self::default()
    }

    /// # Errors
    /// If the words do not follow the op's layout.
    pub fn parse(op: &Op, words: &[u32]) -> Result<Self> {
        let mut at = 0;
        for attr in op.attrs {
            at += match attr.kind {
                AttrKind::Ints | AttrKind::Links => 1 + *words.get(at).unwrap_or(&0) as usize,
                _ => 1,
            };
        }
        if at != words.len() {
            return Err(Error::internal(format!("{}: {} option words, {at} expected", op.name, words.len())));
        }
        Ok(Self(words.to_vec()))
    }

    #[inline]
    pub fn words(&self) -> &[u32] {
        &self.0
    }

    /// Reads the options in their order.
    #[inline]
    pub fn read(&self) -> Reader<'_> {
        Reader(&self.0)
    }

    #[inline]
    pub fn int(mut self, x: i32) -> Self {
        self.0.push(x as u32);
        self
    }
    #[inline]
    pub fn float(mut self, x: f32) -> Self {
        self.0.push(x.to_bits());
        self
    }
    #[inline]
    pub fn bool(mut self, x: bool) -> Self {
        self.0.push(x as u32);
        self
    }
    #[inline]
    pub fn ints(mut self, xs: &[i32]) -> Self {
        self.0.push(xs.len() as u32);
        self.0.extend(xs.iter().map(|&x| x as u32));
        self
    }
    /// A list of words.
    pub fn list(mut self, words: &[u32]) -> Self {
        self.0.push(words.len() as u32);
        self.0.extend(words);
        self
    }
    pub fn dims(mut self, dims: &[usize]) -> Self {
        self.0.push(dims.len() as u32);
        self.0.extend(dims.iter().map(|&x| x as u32));
        self
    }
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.0.push(dtype as u32);
        self
    }
}

/// Takes one option after another; the layout was checked by `Attrs::parse`.
pub struct Reader<'a>(&'a [u32]);

impl<'a> Reader<'a> {
    #[inline]
    fn word(&mut self) -> u32 {
        let (&word, rest) = self.0.split_first().expect("an option for each attribute");
        self.0 = rest;
        word
    }
    #[inline]
    pub fn int(&mut self) -> i32 {
        self.word() as i32
    }
    #[inline]
    pub fn float(&mut self) -> f32 {
        f32::from_bits(self.word())
    }
    #[inline]
    pub fn bool(&mut self) -> bool {
        self.word() != 0
    }
    #[inline]
    pub fn words(&mut self) -> &'a [u32] {
        let n = self.word() as usize;
        let (items, rest) = self.0.split_at(n);
        self.0 = rest;
        items
    }
    #[inline]
    pub fn ints(&mut self) -> &'a [i32] {
        let items = self.words();
        // SAFETY: u32 and i32 have the same layout, and every bit pattern is valid for both.
        unsafe { std::slice::from_raw_parts(items.as_ptr().cast(), items.len()) }
    }
    /// A list of sizes.
    ///
    /// # Errors
    /// If one is negative, or the shape is too large.
    #[inline]
    pub fn shape(&mut self) -> Result<Shape> {
        let ints = self.ints();
        if let Some(x) = ints.iter().find(|&&x| x < 0) {
            return Err(Error::invalid(format!("a dimension cannot be negative, got {x}")));
        }
        let dims: Vec<usize> = ints.iter().map(|&x| x as usize).collect();
        Shape::new(&dims)
    }
    pub fn dtype(&mut self) -> Result<DType> {
        DType::from_code(self.word())
    }
}
