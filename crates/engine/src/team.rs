//! Threads that share the chunks of a phase.
//!
//! The first thread runs programs. Where a phase has several chunks it lays them out, takes chunks itself, and waits at the
//! end for those that others have taken: nobody is waited for who took none, so a helper may come late, sleep, or be gone.
//! Which thread computes a chunk changes no bit of it.

use crate::chooser::Clock;
use std::hint::spin_loop;
use std::ops::Deref;
use std::ptr;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize};

/// At most so many threads, the first included.
pub const MOST_THREADS: usize = 32;
/// Looks at a word before a thread goes to sleep: some 50 microseconds, about what waking it costs.
const SPINS: u32 = 30_000;
/// A phase of fewer chunks is over before a sleeper has come.
const WORTH_WAKING: usize = 8;
/// A thread that holds a chunk for longer is given up.
const PATIENCE_MS: f64 = 10_000.0;
const NAP_MS: f64 = 100.0;

/// What threads need of the world outside.
pub struct Host {
    pub now: Clock,
    /// Sleeps until `wake`, or for so many milliseconds, unless the word is another already. It may return early.
    pub wait: fn(&AtomicU32, u32, f64),
    /// Wakes all who sleep at the word.
    pub wake: fn(&AtomicU32),
}

/// A thread that had taken a chunk is gone: the phase is not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

/// What a helper does.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
enum State {
    Absent,
    /// It holds no chunk.
    Free,
    /// It may hold one.
    Busy,
    /// It died while it may have held one.
    Dead,
}

/// On cache lines of its own: what one thread writes often shall not slow what another reads.
#[repr(align(128))]
struct Line<T>(T);

impl<T> Deref for Line<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// The chunks of a phase: `run(chunk, thread)`.
struct Task<'a> {
    chunks: usize,
    run: &'a (dyn Fn(usize, usize) + Sync),
}

pub struct Team {
    host: Host,
    /// Threads that take part, the first included; helpers with a number from this on sleep.
    size: AtomicUsize,
    /// The number of the phase in the upper half, how many of its chunks nobody has taken in the lower one.
    ticket: Line<AtomicU64>,
    /// Written before the ticket, and valid as long as a chunk is held.
    task: AtomicPtr<Task<'static>>,
    /// Chunks that helpers have finished.
    done: Line<AtomicU32>,
    /// The first thread sleeps at `done`.
    waits: AtomicBool,
    /// Where helpers sleep; another number with each call.
    calls: Line<AtomicU32>,
    sleepers: AtomicU32,
    states: [Line<AtomicU32>; MOST_THREADS],
}

impl Team {
    pub const fn new(host: Host) -> Self {
        Self {
            host,
            size: AtomicUsize::new(1),
            ticket: Line(AtomicU64::new(0)),
            task: AtomicPtr::new(ptr::null_mut()),
            done: Line(AtomicU32::new(0)),
            waits: AtomicBool::new(false),
            calls: Line(AtomicU32::new(0)),
            sleepers: AtomicU32::new(0),
            states: [const { Line(AtomicU32::new(State::Absent as u32)) }; MOST_THREADS],
        }
    }

    /// Threads that take part, the first included.
    #[inline]
    pub fn size(&self) -> usize {
        self.size.load(Relaxed)
    }

    /// From now on `size` threads take part; helpers beyond them sleep.
    pub fn resize(&self, size: usize) {
        debug_assert!((1..=MOST_THREADS).contains(&size));
        self.size.store(size, SeqCst);
        self.wake_all();
    }

    /// Forgets all helpers: those that are left are stopped by whoever started them.
    pub fn disband(&self) {
        self.resize(1);
        self.states.iter().for_each(|state| state.store(State::Absent as u32, SeqCst));
        self.sleepers.store(0, SeqCst);
    }

    /// Wakes the helpers that sleep, before there is work.
    #[inline]
    pub fn call(&self) {
        if self.sleepers.load(SeqCst) > 0 {
            self.wake_all();
        }
    }

    fn wake_all(&self) {
        self.calls.fetch_add(1, SeqCst);
        (self.host.wake)(&self.calls);
    }

    /// Calls `run(chunk, thread)` once for each chunk, on any thread, and returns when all are finished. For the first
    /// thread alone.
    ///
    /// # Errors
    /// If a thread died with a chunk in its hands.
    pub fn run(&self, chunks: usize, run: &(dyn Fn(usize, usize) + Sync)) -> Result<(), Lost> {
        let task = Task { chunks, run };
        self.done.store(0, Relaxed);
        self.task.store(ptr::from_ref(&task).cast_mut().cast(), Relaxed);
        let number = (self.ticket.load(Relaxed) >> 32) + 1;
        self.ticket.store(number << 32 | chunks as u64, SeqCst);
        if chunks >= WORTH_WAKING {
            self.call();
        }
        let mut own = 0;
        while let Some(left) = self.take() {
            run(chunks - 1 - left, 0);
            own += 1;
        }
        self.wait_for((chunks - own) as u32)
    }

    /// One chunk of the phase, by how many are left then.
    #[inline]
    fn take(&self) -> Option<usize> {
        let mut ticket = self.ticket.load(Acquire);
        while ticket as u32 > 0 {
            match self.ticket.compare_exchange_weak(ticket, ticket - 1, AcqRel, Acquire) {
                Ok(_) => return Some(ticket as u32 as usize - 1),
                Err(now) => ticket = now,
            }
        }
        None
    }

    fn wait_for(&self, chunks: u32) -> Result<(), Lost> {
        for _ in 0..SPINS {
            if self.done.load(Acquire) == chunks {
                return Ok(());
            }
            spin_loop();
        }
        self.waits.store(true, SeqCst);
        let any = |state: State| self.states.iter().any(|of| of.load(SeqCst) == state as u32);
        let all = self.patiently(|| self.done.load(SeqCst) == chunks, || any(State::Dead));
        if !all {
            // Nobody is to take more of it, and `task` must outlive those who work on it.
            self.ticket.fetch_and(!0 << 32, SeqCst);
            self.patiently(|| !any(State::Busy), || false);
        }
        self.waits.store(false, SeqCst);
        all.then_some(()).ok_or(Lost)
    }

    /// Waits for something that helpers bring about. Gives up where there is no hope, or none has finished a chunk for long.
    fn patiently(&self, is_so: impl Fn() -> bool, is_hopeless: impl Fn() -> bool) -> bool {
        let (mut left, mut last) = (PATIENCE_MS, (self.host.now)());
        loop {
            let done = self.done.load(SeqCst);
            if is_so() {
                return true;
            }
            if left < 0.0 || is_hopeless() {
                return false;
            }
            (self.host.wait)(&self.done, done, NAP_MS);
            let now = (self.host.now)();
            // A machine that slept for an hour has not waited for an hour.
            left -= (now - last).min(NAP_MS);
            last = now;
            if self.done.load(SeqCst) != done {
                left = PATIENCE_MS;
            }
        }
    }

    /// What thread number `me` does, from 1 on, for ever.
    pub fn help(&self, me: usize) -> ! {
        let state = |state: State| self.states[me].store(state as u32, SeqCst);
        state(State::Free);
        let mut looks = 0;
        loop {
            if me >= self.size() {
                self.park(me);
            } else if self.ticket.load(Relaxed) as u32 > 0 {
                state(State::Busy);
                self.work(me);
                state(State::Free);
                looks = 0;
            } else if looks < SPINS {
                looks += 1;
                spin_loop();
            } else {
                self.sleep();
                looks = 0;
            }
        }
    }

    fn work(&self, me: usize) {
        while let Some(left) = self.take() {
            // SAFETY: the task lives until each chunk that was taken is done.
            let task = unsafe { &*self.task.load(Acquire) };
            (task.run)(task.chunks - 1 - left, me);
            self.done.fetch_add(1, SeqCst);
            if self.waits.load(SeqCst) {
                (self.host.wake)(&self.done);
            }
        }
    }

    fn sleep(&self) {
        let seen = self.calls.load(SeqCst);
        // Counted first: whoever lays out work after the look below sees it.
        self.sleepers.fetch_add(1, SeqCst);
        if self.ticket.load(SeqCst) as u32 == 0 {
            (self.host.wait)(&self.calls, seen, f64::INFINITY);
        }
        self.sleepers.fetch_sub(1, SeqCst);
    }

    /// Sleeps until the team is larger; nobody calls it for work.
    fn park(&self, me: usize) {
        let seen = self.calls.load(SeqCst);
        if me >= self.size.load(SeqCst) {
            (self.host.wait)(&self.calls, seen, f64::INFINITY);
        }
    }

    /// Tells that helper `thread` died. Any thread may call it.
    pub fn bury(&self, thread: usize) {
        let died = |state| if state == State::Busy as u32 { State::Dead } else { State::Absent } as u32;
        let _ = self.states[thread].fetch_update(SeqCst, SeqCst, |state| Some(died(state)));
        (self.host.wake)(&self.done);
    }
}
