//! An op's chunks give the same bits in any order and on several threads at once, and no two write the same word.

use super::ops::for_each_case;
use crate::op::{Attrs, Job, Memory, Op, View, Work};
use crate::ops::data::{band, index, join, layout, make, scan, top, variable, view, window};
use crate::ops::elementwise::{self, binary, select, unary};
use crate::ops::{self, crossentropy, ctc, loss, matmul, optimizer, random, reduce, softmax};
use crate::reference::{Arg, Case};
use crate::types::{DType, Type};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use wasmgrad_kernels::gemm::TILES;

/// What no op writes: a signalling NaN.
const POISON: u32 = 0x7fb1_2345;

/// Words that are compared at once.
const RUN: usize = 256;

/// An op with its operands and its memory.
#[derive(Clone)]
struct Run {
    op: &'static Op,
    attrs: Attrs,
    work: Work,
    /// Of each operand and each result, its memory among `memory`, whose last is the shared scratch memory.
    ins: Vec<(Type, usize)>,
    outs: Vec<(Type, usize)>,
    memory: Vec<Vec<u32>>,
}

/// The addresses of a `Run`. Its memory stays where it is, and the chunks of a phase write apart.
struct Views {
    ins: Vec<View>,
    outs: Vec<View>,
    shared: *mut f32,
}

// SAFETY: that the chunks of a phase may share the memory is what the tests are about.
unsafe impl Sync for Views {}

impl Run {
    /// Output 0 lies in the memory of the operand `taken`, if there is one.
    fn new(op: &'static Op, args: &[Arg], attrs: &Attrs, taken: Option<usize>) -> Self {
        let types: Vec<Type> = args.iter().map(Arg::ty).collect();
        let out_types = (op.infer)(&types, attrs).unwrap_or_else(|error| panic!("{}: {error}", op.name));
        let work = (op.work)(&types, &out_types, attrs);
        let word = |dtype, x: f64| if dtype == DType::F32 { (x as f32).to_bits() } else { x as i32 as u32 };
        let words = |(i, arg): (usize, &Arg)| {
            arg.values(i as u64 + 1).data.into_iter().map(|x| word(arg.dtype, x)).collect()
        };
        let mut memory: Vec<Vec<u32>> = args.iter().enumerate().map(words).collect();
        let place = |(k, &ty): (usize, &Type)| {
            let written = op.memory.written(k);
            let place = written.or(taken.filter(|_| k == 0)).unwrap_or_else(|| {
                memory.push(vec![POISON; ty.size()]);
                memory.len() - 1
            });
            (ty, place)
        };
        let outs = out_types.iter().enumerate().map(place).collect();
        memory.push(vec![POISON; work.shared]);
        let ins = types.into_iter().zip(0..).collect();
        Self { op, attrs: attrs.clone(), work, ins, outs, memory }
    }

    fn views(&mut self) -> Views {
        let pointers: Vec<*mut u32> = self.memory.iter_mut().map(|words| words.as_mut_ptr()).collect();
        let view = |&(ty, place): &(Type, usize)| View { ptr: pointers[place], ty };
        Views {
            ins: self.ins.iter().map(view).collect(),
            outs: self.outs.iter().map(view).collect(),
            shared: pointers[pointers.len() - 1].cast(),
        }
    }

    /// Runs a chunk, whose scratch memory holds what nobody shall read.
    fn chunk(&self, views: &Views, phase: usize, chunk: usize) {
        let mut scratch = vec![f32::from_bits(POISON); self.work.scratch];
        (self.op.run)(&Job {
            ins: &views.ins,
            outs: &views.outs,
            attrs: &self.attrs,
            phase,
            chunk,
            chunks: self.work.phases()[phase],
            shared: views.shared,
            scratch: scratch.as_mut_ptr(),
            work: &self.work,
            tile: &TILES[0],
        });
    }

    /// The results' words after all phases, each of which `run` carries out.
    fn results(mut self, run: impl Fn(&Self, &Views, usize)) -> Vec<Vec<u32>> {
        let views = self.views();
        (0..self.work.phases().len()).for_each(|phase| run(&self, &views, phase));
        self.outs.iter().map(|&(_, place)| self.memory[place].clone()).collect()
    }

    /// The chunks of a phase one after the other, as `order` puts their numbers.
    fn ordered(self, order: impl Fn(&mut [usize])) -> Vec<Vec<u32>> {
        self.results(|run, views, phase| {
            let mut chunks: Vec<usize> = (0..run.work.phases()[phase]).collect();
            order(&mut chunks);
            chunks.into_iter().for_each(|chunk| run.chunk(views, phase, chunk));
        })
    }

    /// The chunks of a phase on some threads, each of which takes the next one.
    fn concurrent(self) -> Vec<Vec<u32>> {
        self.results(|run, views, phase| {
            let (next, chunks) = (AtomicUsize::new(0), run.work.phases()[phase]);
            let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&chunk| chunk < chunks);
            thread::scope(|scope| {
                for _ in 0..chunks.min(4) {
                    scope.spawn(|| std::iter::from_fn(take).for_each(|chunk| run.chunk(views, phase, chunk)));
                }
            });
        })
    }

    /// Each chunk of a phase on the memory as the phase found it, whose words no two of them change.
    fn apart(mut self) -> Vec<Vec<u32>> {
        for phase in 0..self.work.phases().len() {
            let before = self.memory.clone();
            let mut after = before.clone();
            let mut owners: Vec<Vec<Option<usize>>> =
                before.iter().map(|words| vec![None; words.len()]).collect();
            for chunk in 0..self.work.phases()[phase] {
                self.memory.clone_from(&before);
                let views = self.views();
                self.chunk(&views, phase, chunk);
                for (i, at) in changes(&before, &self.memory) {
                    let other = owners[i][at].replace(chunk);
                    assert_eq!(other, None, "{self}: phase {phase}, chunk {chunk} writes where another does");
                    after[i][at] = self.memory[i][at];
                }
            }
            self.memory = after;
        }
        self.outs.iter().map(|&(_, place)| self.memory[place].clone()).collect()
    }
}

/// The places of the words that differ.
fn changes<'a>(
    before: &'a [Vec<u32>],
    after: &'a [Vec<u32>],
) -> impl Iterator<Item = (usize, usize)> + use<'a> {
    let both = before.iter().zip(after).enumerate();
    both.flat_map(|(i, (before, after))| {
        let runs = before.chunks(RUN).zip(after.chunks(RUN)).enumerate();
        // Most of the memory is as it was.
        runs.filter(|(_, (before, after))| before != after).flat_map(move |(run, (before, after))| {
            let differ = before.iter().zip(after).enumerate().filter(|(_, (before, after))| before != after);
            differ.map(move |(at, _)| (i, run * RUN + at))
        })
    })
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}", self.op.name)?;
        self.ins.iter().try_for_each(|(ty, _)| write!(f, " {ty}"))?;
        write!(f, " {:?} in chunks of {:?}", self.attrs.words(), self.work.phases())
    }
}

/// Any other order of the numbers.
fn shuffle(chunks: &mut [usize]) {
    chunks.sort_unstable_by_key(|&chunk| (chunk as u32 + 1).wrapping_mul(0x9e37_79b9));
}

fn check(op: &'static Op, args: &[Arg], attrs: &Attrs) {
    let run = Run::new(op, args, attrs, None);
    let same_size = |&i: &usize| run.ins.get(i).is_some_and(|x| x.0.size() == run.outs[0].0.size());
    let taken = match op.memory {
        Memory::InPlace(inputs) => inputs.iter().copied().filter(same_size).map(Some).collect(),
        Memory::View => return,
        Memory::Fresh | Memory::Writes { .. } => Vec::new(),
    };
    let expected = run.clone().ordered(|_| {});
    let unwritten = expected.iter().flatten().filter(|&&word| word == POISON).count();
    assert_eq!(unwritten, 0, "{run} leaves words as they were");
    assert!(run.clone().ordered(<[usize]>::reverse) == expected, "{run} differs backwards");
    for taken in [None].into_iter().chain(taken) {
        let run = Run::new(op, args, attrs, taken);
        let ways = [
            ("shuffled", run.clone().ordered(shuffle)),
            ("at once", run.clone().concurrent()),
            ("apart", run.clone().apart()),
        ];
        for (way, actual) in ways {
            assert!(actual == expected, "{run} differs {way}, in the memory of {taken:?}");
        }
    }
}

#[test]
fn the_cases_give_the_same_bits_in_any_order() {
    for_each_case(|op, case| check(op, case.ins, &(case.attrs)()));
}

/// Operands and options whose work divides.
type Large = (&'static Op, Vec<Arg>, Attrs);

/// Operands like those of the op's first case, of other shapes, with its options.
fn reshaped(op: &'static Op, shapes: &[&'static [usize]]) -> Large {
    let Case { ins, attrs } = &op.cases[0];
    let shapes = shapes.iter().chain(std::iter::repeat(shapes.last().unwrap()));
    (op, ins.iter().zip(shapes).map(|(&arg, shape)| Arg { shape, ..arg }).collect(), attrs())
}

fn large() -> Vec<Large> {
    let none = Attrs::none;
    let ints = |xs: &[i32]| none().ints(xs);
    let (f32, i32) = (Arg::f32, Arg::i32_in);
    let mut large: Vec<Large> = vec![
        (&view::IDENTITY, vec![f32(&[900, 301])], none()),
        (&make::FILL, vec![], none().dims(&[900, 301]).float(1.5).dtype(DType::F32)),
        (&make::RANGE, vec![], none().float(0.5).float(0.25).int(270_001).dtype(DType::F32)),
        (&make::RANGE, vec![], none().float(-5.0).float(3.0).int(270_001).dtype(DType::I32)),
        (&make::LINSPACE, vec![], none().float(-0.5).float(2.5).int(270_001)),
        (&make::EYE, vec![], none().int(530).int(520).dtype(DType::F32)),
        (&make::EYE, vec![], none().int(7).int(39_999).dtype(DType::I32)),
        (&make::EYE, vec![], none().int(39_999).int(7).dtype(DType::Bool)),
        (&variable::ASSIGN, vec![f32(&[270_001]), f32(&[270_001])], none()),
        (&variable::ASSIGN_ADD, vec![f32(&[270_001]), f32(&[270_001])], none()),
        (&layout::BROADCAST_TO, vec![f32(&[301, 1])], none().dims(&[9, 301, 100])),
        (&layout::BROADCAST_TO, vec![f32(&[301])], none().dims(&[900, 301])),
        (&layout::BROADCAST_TO, vec![f32(&[])], none().dims(&[270_001])),
        (&layout::TRANSPOSE, vec![f32(&[430, 310])], ints(&[1, 0])),
        (&layout::TRANSPOSE, vec![f32(&[150, 3, 310])], ints(&[1, 2, 0])),
        (&layout::TRANSPOSE, vec![f32(&[10, 50, 60, 5])], ints(&[0, 2, 1, 3])),
        (&layout::TRANSPOSE, vec![f32(&[3, 5, 10, 1000])], ints(&[2, 0, 1, 3])),
        (&layout::REVERSE, vec![f32(&[270_001])], ints(&[0])),
        (&layout::REVERSE, vec![f32(&[9, 100, 301])], ints(&[0, 2])),
        (&layout::TILE, vec![f32(&[500, 301])], ints(&[3, 1])),
        (&layout::TILE, vec![f32(&[100, 31])], ints(&[3, 50])),
        (&layout::TILE, vec![f32(&[7, 100, 9])], ints(&[1, 20, 3])),
        (&layout::TILE, vec![f32(&[270_001, 1])], ints(&[1, 2])),
        (&layout::TILE, vec![f32(&[1, 301])], ints(&[900, 1])),
        (&layout::TILE, vec![f32(&[900, 301])], ints(&[1, 1])),
        (&window::SLICE, vec![f32(&[910, 320])], ints(&[3, 5]).ints(&[900, 301])),
        (&window::SLICE, vec![f32(&[280_000])], ints(&[7]).ints(&[270_001])),
        (&window::PAD, vec![f32(&[24, 90, 38, 3])], ints(&[0, 0, 2, 1, 1, 2, 0, 0]).float(0.5)),
        (&window::PAD, vec![f32(&[270_001])], ints(&[3, 5]).float(0.5)),
        (&window::PAD, vec![f32(&[301, 300])], ints(&[600, 1, 0, 0]).float(0.5)),
        (&window::PAD, vec![f32(&[2, 3])], ints(&[400, 200, 200, 300]).float(0.5)),
        (&window::PAD, vec![f32(&[901, 300])], ints(&[0, 0, 0, 0]).float(0.5)),
        (&join::CONCAT, vec![f32(&[27_001, 3]), f32(&[27_001, 7])], none().int(1)),
        (&join::CONCAT, vec![f32(&[2, 60_001]), f32(&[2, 3]), f32(&[2, 75_000])], none().int(1)),
        (&join::CONCAT, vec![f32(&[1, 1000]); 270], none().int(0)),
        (&join::SPLIT, vec![f32(&[27_001, 10])], ints(&[3, 7]).int(1)),
        (&join::SPLIT, vec![f32(&[270_001])], ints(&[5, 269_000, 996]).int(0)),
        (&band::BAND_PART, vec![f32(&[3, 500, 200])], none().int(3).int(-1)),
        (&index::GATHER, vec![f32(&[500, 30]), i32(&[9_001], -510, 510)], none().int(0).float(0.5)),
        (&index::GATHER, vec![f32(&[3, 500]), i32(&[30_001], 0, 500)], none().int(1).float(0.5)),
        (&index::GATHER, vec![f32(&[3, 270_001]), i32(&[], 0, 3)], none().int(0).float(0.5)),
        (&index::SCATTER_ADD, vec![f32(&[1_001, 256]), i32(&[1_001], -60, 60)], none().int(0).int(50)),
        (&index::SCATTER_ADD, vec![f32(&[90, 1_001, 3]), i32(&[1_001], 0, 70)], none().int(1).int(60)),
        (&index::SCATTER_ADD, vec![f32(&[9_001, 3]), i32(&[9_001], 0, 90_000)], none().int(0).int(90_000)),
        (
            &index::ONE_HOT,
            vec![i32(&[9_001], -3, 40)],
            none().int(33).float(2.0).float(0.5).dtype(DType::F32),
        ),
        (
            &index::ONE_HOT,
            vec![i32(&[7], 0, 40_000)],
            none().int(40_000).float(1.0).float(0.0).dtype(DType::I32),
        ),
        (&top::TOP_K, vec![f32(&[301, 300])], none().int(5)),
        (&scan::CUM_SUM, vec![f32(&[301, 300])], none().int(1).bool(true).bool(false)),
        (&scan::CUM_SUM, vec![f32(&[301, 300])], none().int(0).bool(false).bool(true)),
        (&scan::CUM_PROD, vec![f32(&[3, 100, 301])], none().int(1).bool(false).bool(false)),
        (&scan::RECURRENCE, vec![f32(&[301, 300]), f32(&[301, 300])], none().int(-1).bool(true)),
        (&matmul::MATMUL, vec![f32(&[300, 40]), f32(&[40, 1500])], none().bool(false).bool(false)),
        (&matmul::MATMUL, vec![f32(&[5, 64, 16]), f32(&[5, 64, 16])], none().bool(false).bool(true)),
        (
            &matmul::DENSE,
            vec![f32(&[300, 40]), f32(&[40, 1500]), f32(&[1500])],
            none().bool(false).bool(false).bool(true),
        ),
        (&random::MULTINOMIAL, vec![i32(&[2], 0, 99), f32(&[301, 30])], none().int(9)),
    ];
    for op in elementwise::OPS.concat() {
        large.push(reshaped(op, &[&[70_001]]));
        if op.cases[0].ins.len() > 1 {
            large.push(reshaped(op, &[&[3, 23_001], &[3, 1]]));
            large.push(reshaped(op, &[&[7, 1, 2_000], &[5, 1]]));
        }
    }
    for op in reduce::OPS.concat() {
        let over = |axes: &[i32]| ints(axes).bool(false);
        type Shapes = [&'static [usize]; 4];
        let little: Shapes = [&[2_701, 100], &[67, 4_001], &[4, 901, 100], &[60, 50, 100]];
        let much: Shapes = [&[901, 100], &[23, 4_001], &[4, 301, 100], &[20, 50, 100]];
        let [long, wide, several, apart] = if reduce::two_pass::OPS.contains(&op) { much } else { little };
        let shapes = [
            (long, over(&[1])),
            (long, over(&[0])),
            (long, over(&[0, 1])),
            (wide, over(&[0])),
            (several, over(&[1])),
            (apart, over(&[0, 2])),
        ];
        let one_chain = [&reduce::extremes::ARG_MAX, &reduce::extremes::ARG_MIN].contains(&op);
        for (shape, attrs) in shapes {
            // Where the first extreme stands in one long line, or in a hundred, is found in one go.
            if !one_chain || shape != long || attrs == over(&[1]) {
                large.push((op, vec![Arg { shape, ..op.cases[0].ins[0] }], attrs));
            }
        }
    }
    let sequences = || vec![f32(&[37, 50, 9]), i32(&[37, 12], 0, 9)];
    large.push((&ctc::CTC, sequences(), none()));
    large.push((&ctc::CTC_GRADIENT, [sequences(), vec![f32(&[37])]].concat(), none()));
    for op in [softmax::OPS, loss::OPS, crossentropy::OPS].concat() {
        let lead =
            op.cases[0].ins.iter().map(|arg| if arg.shape.len() == 1 { &[351][..] } else { &[351, 100] });
        large.push(reshaped(op, &lead.collect::<Vec<_>>()));
    }
    for op in optimizer::OPS {
        let shapes = op.cases[0].ins.iter().map(|arg| if arg.shape.is_empty() { &[][..] } else { &[70_001] });
        large.push(reshaped(op, &shapes.collect::<Vec<_>>()));
    }
    for op in random::OPS.iter().filter(|&&op| op != &random::MULTINOMIAL) {
        let mut words = (op.cases[0].attrs)().words().to_vec();
        (words[1], words[2]) = (7, 2_501);
        large.push((op, op.cases[0].ins.to_vec(), Attrs::parse(op, &words).unwrap()));
    }
    large
}

#[test]
fn large_work_gives_the_same_bits_in_any_order() {
    // These differ from others in their formulas alone.
    let [sums, extremes, logic, _] = reduce::OPS else { panic!("four families") };
    let reductions = [&sums[2..], &extremes[1..2], &extremes[3..], logic].concat();
    let firsts = [unary::OPS[0], binary::OPS[0], select::OPS[0]];
    let alike =
        |op| reductions.contains(&op) || elementwise::OPS.concat().contains(&op) && !firsts.contains(&op);
    for (op, args, attrs) in large().into_iter().filter(|entry| !alike(entry.0)) {
        check(op, &args, &attrs);
    }
}

#[test]
fn large_work_divides() {
    let large = large();
    for op in ops::table().iter().filter(|op| op.memory != Memory::View) {
        assert!(large.iter().any(|entry| entry.0 == *op), "{} has no large operands", op.name);
    }
    for (op, args, attrs) in large {
        let run = Run::new(op, &args, &attrs, None);
        assert!(run.work.phases().iter().any(|&chunks| chunks >= 4), "{run}");
    }
}
