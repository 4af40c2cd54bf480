//! The seam: functions of numbers between the engine and TypeScript, without logic of their own.
//!
//! Lists (handles, options, dimensions) are words in one argument block of the heap, which grows; a function that can fail gives
//! `FAILED` and leaves the reason for `error_kind` and `error_message`. No borrow of the session is held across calls.

use std::cell::UnsafeCell;
use std::sync::atomic::AtomicU32;
use wasm_bindgen::prelude::wasm_bindgen;
use wasmgrad_engine::error::{Error, Result};
use wasmgrad_engine::heap::TensorId;
use wasmgrad_engine::op::{Attrs, Family, Grad};
use wasmgrad_engine::ops;
use wasmgrad_engine::ops::elementwise::kernel::Choice;
use wasmgrad_engine::run::Outcome;
use wasmgrad_engine::session::{Argument, Crew, Handle, Session};
use wasmgrad_engine::team::{Host, Team};
use wasmgrad_engine::types::{DType, Shape, Type};

// What the host gives beside the memory: ts/core/.
#[link(wasm_import_module = "env")]
unsafe extern "C" {
    /// Milliseconds since some moment.
    #[link_name = "now"]
    safe fn host_now() -> f64;
    /// Sleeps at an address until it is woken or the milliseconds are over, unless another word stands there.
    #[link_name = "wait"]
    safe fn host_wait(address: u32, expected: u32, ms: f64);
    #[link_name = "wake"]
    safe fn host_wake(address: u32);
    /// Starts a worker that calls `thread_run`, with the stack that ends at the address.
    #[link_name = "start"]
    safe fn host_start(thread: u32, stack: u32);
}

fn now() -> f64 {
    host_now()
}

fn address(word: &AtomicU32) -> u32 {
    word.as_ptr() as u32
}

static TEAM: Team = Team::new(Host {
    now,
    wait: |word, expected, ms| host_wait(address(word), expected, ms),
    wake: |word| host_wake(address(word)),
});

/// What a function gives that failed.
const FAILED: u32 = u32::MAX;
/// Words of the argument block at first.
const BLOCK: usize = 1 << 10;

struct State {
    session: Session,
    error: Option<Error>,
    block: Vec<u32>,
    /// Kept, so that running a program allocates nothing.
    arguments: Vec<Argument>,
}

struct Global(UnsafeCell<Option<State>>);

// SAFETY: only the first thread calls the seam, but for `thread_run` and `thread_lost`, which leave the state alone.
unsafe impl Sync for Global {}

static STATE: Global = Global(UnsafeCell::new(None));

#[allow(clippy::mut_from_ref, reason = "each seam function takes it once and gives it up when it returns")]
fn state() -> &'static mut State {
    // SAFETY: one thread, and no seam function calls another.
    let state = unsafe { &mut *STATE.0.get() };
    state.get_or_insert_with(|| {
        let mut session = Session::default();
        session.set_clock(now);
        session.set_crew(Crew::new(&TEAM, |thread, stack| host_start(thread, stack as u32)));
        State { session, error: None, block: vec![0; BLOCK], arguments: Vec::new() }
    })
}

/// Runs `f` on the session and the argument block, and keeps its error.
fn with(f: impl FnOnce(&mut Session, &mut Vec<u32>) -> Result<u32>) -> u32 {
    let state = state();
    let result = f(&mut state.session, &mut state.block);
    state.code(result)
}

/// As `with`, for programs: with the `count` arguments that stand in the block.
fn with_arguments(
    count: usize,
    f: impl FnOnce(&mut Session, &[Argument], &mut Vec<u32>) -> Result<u32>,
) -> u32 {
    let state = state();
    let argument =
        |words: &[u32]| Argument { handle: words[0], offset: words[1] as usize, stride: words[2] as usize };
    state.arguments.clear();
    state.arguments.extend(state.block[..3 * count].chunks(3).map(argument));
    let result = f(&mut state.session, &state.arguments, &mut state.block);
    state.code(result)
}

impl State {
    /// The number that crosses the seam; an error is kept.
    fn code(&mut self, result: Result<u32>) -> u32 {
        result.unwrap_or_else(|error| {
            self.error = Some(error);
            FAILED
        })
    }
}

/// The op table's hash: both halves must be of one build.
#[wasm_bindgen]
pub fn abi() -> u32 {
    ops::table_hash()
}

/// Whether nothing was done with it yet.
#[wasm_bindgen]
pub fn is_fresh() -> bool {
    state().session.is_fresh()
}

/// The address of the argument block, after a call that may have made it larger.
#[wasm_bindgen]
pub fn block_address() -> u32 {
    state().block.as_ptr() as u32
}

/// The address of the argument block, made large enough for `words`.
#[wasm_bindgen]
pub fn block_for(words: usize) -> u32 {
    with(|_, block| reserve(block, words).map(|()| block.as_ptr() as u32))
}

/// The kind of the last error.
#[wasm_bindgen]
pub fn error_kind() -> u32 {
    state().error.as_ref().map_or(0, |error| error.kind as u32)
}

/// Puts the text of the last error into the block: its length in bytes.
#[wasm_bindgen]
pub fn error_message() -> u32 {
    let state = state();
    let message = state.error.take().map_or_else(String::new, |error| error.message);
    write_text(&mut state.block, &message)
}

/// A new tensor of `rank` dimensions that stand in the block: its handle.
#[wasm_bindgen]
pub fn tensor_new(dtype: u32, rank: usize) -> u32 {
    with(|session, block| Ok(session.heap.create(read_type(dtype, &block[..rank])?)?.0))
}

/// The address of a tensor's words.
#[wasm_bindgen]
pub fn tensor_address(x: Handle) -> u32 {
    with(|session, _| Ok(session.heap.view(TensorId(x))?.ptr as u32))
}

#[wasm_bindgen]
pub fn tensor_drop(x: Handle) {
    state().session.heap.release(TensorId(x));
}

/// Marks a tensor as one with respect to which gradients are taken without being asked for by name.
#[wasm_bindgen]
pub fn tensor_set_variable(x: Handle, variable: bool) -> u32 {
    with(|session, _| session.heap.set_variable(TensorId(x), variable).map(|()| 0))
}

/// Bytes that all tensors hold.
#[wasm_bindgen]
pub fn memory_bytes() -> usize {
    state().session.heap.bytes()
}

/// Number of blocks of memory that tensors hold; views share one.
#[wasm_bindgen]
pub fn memory_buffers() -> usize {
    state().session.heap.buffers()
}

/// Number of tensors, those that programs hold included.
#[wasm_bindgen]
pub fn memory_tensors() -> usize {
    state().session.heap.count()
}

/// Block: handles of the operands, then option words. Gives the number of results, and in the block for each: handle,
/// dtype, rank, dimensions.
#[wasm_bindgen]
pub fn apply(op: usize, operands: usize, words: usize) -> u32 {
    with(|session, block| {
        let op = *ops::table().get(op).ok_or_else(|| Error::internal("no such op"))?;
        let attrs = Attrs::parse(op, &block[operands..operands + words])?;
        let outs = session.apply(op, &block[..operands], attrs)?;
        write_results(session, block, outs.into_iter().map(Some))
    })
}

#[wasm_bindgen]
pub fn tape_begin() {
    state().session.tape_begin();
}

#[wasm_bindgen]
pub fn tape_end() {
    state().session.tape_end();
}

#[wasm_bindgen]
pub fn tape_watch(x: Handle) -> u32 {
    with(|session, _| session.tape_watch(x).map(|()| 0))
}

/// The number of variables that were read, and in the block their handles.
#[wasm_bindgen]
pub fn tape_touched() -> u32 {
    with(|session, block| {
        let touched = session.tape_touched();
        reserve(block, touched.len())?;
        block[..touched.len()].copy_from_slice(&touched);
        Ok(touched.len() as u32)
    })
}

/// Gradients of `y` (times `dy`, unless it is 0) with respect to the `count` handles in the block; results as of
/// `apply`, with handle 0 where `y` does not depend on one.
#[wasm_bindgen]
pub fn grad(y: Handle, dy: Handle, count: usize) -> u32 {
    with(|session, block| {
        let dxs = session.grad(y, (dy != 0).then_some(dy), &block[..count])?;
        write_results(session, block, dxs.into_iter())
    })
}

#[wasm_bindgen]
pub fn trace_begin() -> u32 {
    with(|session, _| session.trace_begin().map(|()| 0))
}

/// A symbolic input of the program, of `rank` dimensions that stand in the block: its handle.
#[wasm_bindgen]
pub fn trace_input(dtype: u32, rank: usize) -> u32 {
    with(|session, block| session.trace_input(read_type(dtype, &block[..rank])?))
}

/// Whose nodes follow: a number that `program_locate` gives back.
#[wasm_bindgen]
pub fn trace_scope(scope: u32) {
    state().session.trace_scope(scope);
}

/// Interrupts tracing: ops run at once until `trace_resume`.
#[wasm_bindgen]
pub fn trace_suspend() {
    state().session.trace_suspend();
}

#[wasm_bindgen]
pub fn trace_resume() {
    state().session.trace_resume();
}

/// Plans the program with the `outputs` handles in the block as results: its number. `guard`, unless it is 0, is the
/// value that guarded runs watch.
#[wasm_bindgen]
pub fn trace_end(outputs: usize, guard: Handle) -> u32 {
    with(|session, block| session.trace_end(&block[..outputs], (guard != 0).then_some(guard)))
}

#[wasm_bindgen]
pub fn trace_abort() {
    state().session.trace_abort();
}

/// Runs a program `count` times, the first as number `from`. Block: for each argument (inputs, then outputs) its
/// handle, from which word on, and by how many words it moves on from one time to the next. Gives the number of times that were finished:
/// fewer than `count` if the guard stopped the one that follows them.
#[wasm_bindgen]
pub fn program_run(program: u32, arguments: usize, from: usize, count: usize, guarded: bool) -> u32 {
    with_arguments(arguments, |session, arguments, _| {
        let outcome = session.run(program, arguments, from, count, guarded)?;
        Ok(match outcome {
            Outcome::Done => count as u32,
            Outcome::NotFinite { step } => (step - from) as u32,
        })
    })
}

/// Finishes the time at which a guarded run stopped.
#[wasm_bindgen]
pub fn program_resume(program: u32, arguments: usize, step: usize) -> u32 {
    with_arguments(arguments, |session, arguments, _| session.resume(program, arguments, step).map(|()| 0))
}

/// Which op first gave a value that is not finite, at the time at which a guarded run stopped: 0 if none did, else 1
/// and in the block its scope, its place in the op table.
#[wasm_bindgen]
pub fn program_locate(program: u32, arguments: usize, step: usize) -> u32 {
    with_arguments(arguments, |session, arguments, block| {
        let Some((scope, name)) = session.locate(program, arguments, step)? else {
            return Ok(0);
        };
        block[0] = scope;
        block[1] = ops::table().iter().position(|op| op.name == name).map_or(FAILED, |i| i as u32);
        Ok(1)
    })
}

/// Puts an op's name into the block: its length in bytes.
#[wasm_bindgen]
pub fn op_name(op: usize) -> u32 {
    write_text(&mut state().block, ops::table().get(op).map_or("", |op| op.name))
}

/// Of which families of ops the code is there, a bit for each; all, unless this says otherwise.
#[wasm_bindgen]
pub fn families_set(mask: u32) {
    Family::load_only(mask);
}

/// For the build, which parts the module by families: puts an op's family and the places of its functions in the
/// function table into the block. Gives the number of these words, 0 after the last op.
#[wasm_bindgen]
pub fn op_functions(op: usize) -> u32 {
    let Some(op) = ops::table().get(op) else { return 0 };
    let mut words = vec![op.family as usize, op.infer as usize, op.work as usize, op.run as usize];
    if let Grad::By(grad) = op.grad {
        words.push(grad as usize);
    }
    match op.elementwise {
        Some(Choice::Always(kernel)) => words.push(*kernel as usize),
        Some(Choice::Floats(floats, others)) => words.extend([*floats as usize, *others as usize]),
        Some(Choice::Dtypes(choose)) => words.push(*choose as usize),
        None => {}
    }
    for (word, value) in state().block.iter_mut().zip(&words) {
        *word = *value as u32;
    }
    words.len() as u32
}

/// For the build: puts a family's name into the block, and gives its length in bytes.
#[wasm_bindgen]
pub fn family_name(family: usize) -> u32 {
    write_text(&mut state().block, Family::ALL[family].name())
}

/// Puts the program's steps with their memory into the block, as text: its length in bytes.
#[wasm_bindgen]
pub fn program_print(program: u32) -> u32 {
    with(|session, block| Ok(write_text(block, &session.program(program)?.to_string())))
}

#[wasm_bindgen]
pub fn program_drop(program: u32) {
    state().session.drop_program(program);
}

/// Starts the streams of seeds and shuffles.
#[wasm_bindgen]
pub fn random_set_seed(seed: u32) {
    state().session.set_seed(seed);
}

/// The next seed for what is given none, from 1 to 10^9.
#[wasm_bindgen]
pub fn random_next_seed() -> u32 {
    with(|session, _| session.next_seed())
}

/// Fills an int32 tensor (n) with the numbers 0..n in random order.
#[wasm_bindgen]
pub fn random_permutation(x: Handle) -> u32 {
    with(|session, _| session.permutation(x).map(|()| 0))
}

/// How many threads programs may use; they are started when there is work for them.
#[wasm_bindgen]
pub fn threads_set(threads: usize) -> u32 {
    with(|session, _| session.set_threads(threads).map(|()| 0))
}

/// Forgets all helpers, after they were stopped.
#[wasm_bindgen]
pub fn threads_disband() {
    state().session.disband();
}

/// What a helper does for ever.
#[wasm_bindgen]
pub fn thread_run(thread: usize) {
    TEAM.help(thread);
}

/// A helper died: any thread may tell.
#[wasm_bindgen]
pub fn thread_lost(thread: usize) {
    TEAM.bury(thread);
}

fn read_type(dtype: u32, dims: &[u32]) -> Result<Type> {
    let dims: Vec<usize> = dims.iter().map(|&dim| dim as usize).collect();
    Ok(Type::new(DType::from_code(dtype)?, Shape::new(&dims)?))
}

fn write_results(
    session: &Session,
    block: &mut Vec<u32>,
    handles: impl Iterator<Item = Option<Handle>>,
) -> Result<u32> {
    let (mut at, mut count) = (0, 0);
    for handle in handles {
        let ty = handle.map(|handle| session.ty(handle)).transpose()?;
        let rank = ty.map_or(0, |ty| ty.shape.len());
        reserve(block, at + 3 + rank)?;
        let room = &mut block[at..at + 3 + rank];
        room[0] = handle.unwrap_or(0);
        room[1] = ty.map_or(0, |ty| ty.dtype as u32);
        room[2] = rank as u32;
        for (word, &dim) in room[3..].iter_mut().zip(ty.iter().flat_map(|ty| ty.shape.iter())) {
            *word = dim as u32;
        }
        at += 3 + rank;
        count += 1;
    }
    Ok(count)
}

/// Puts a text into the block: its length in bytes, or 0 where there is no room for it.
fn write_text(block: &mut Vec<u32>, text: &str) -> u32 {
    if reserve(block, text.len().div_ceil(4)).is_err() {
        return 0;
    }
    for (word, bytes) in block.iter_mut().zip(text.as_bytes().chunks(4)) {
        let mut four = [0; 4];
        four[..bytes.len()].copy_from_slice(bytes);
        *word = u32::from_le_bytes(four);
    }
    text.len() as u32
}

/// Makes the argument block large enough.
fn reserve(block: &mut Vec<u32>, words: usize) -> Result<()> {
    let more = words.saturating_sub(block.len());
    if more > 0 {
        block.try_reserve(more).map_err(|_| Error::out_of_memory(4 * words))?;
        block.resize(words, 0);
    }
    Ok(())
}
