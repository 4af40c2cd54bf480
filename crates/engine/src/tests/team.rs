//! Threads that share the chunks of a phase.

use super::harness::*;
use crate::op::Attrs;
use crate::ops::matmul::MATMUL;
use crate::session::{Crew, Handle, Session};
use crate::team::{Host, Lost, Team};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::thread;
use std::time::{Duration, Instant};

fn now() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1e3
}

/// Looks again and again, since std has no sleep at an address.
fn wait(word: &AtomicU32, expected: u32, ms: f64) {
    let until = now() + ms;
    while word.load(SeqCst) == expected && now() < until {
        thread::sleep(Duration::from_micros(20));
    }
}

const HOST: Host = Host { now, wait, wake: |_| {} };

/// A team with helpers that live as long as the tests.
fn team_of(threads: usize) -> &'static Team {
    let team: &'static Team = Box::leak(Box::new(Team::new(HOST)));
    for me in 1..threads {
        thread::spawn(move || team.help(me));
    }
    team.resize(threads);
    team
}

#[test]
fn each_chunk_is_computed_once() {
    for threads in [1, 2, 4] {
        let team = team_of(threads);
        for phase in 0..2000 {
            let chunks = 1 + phase % 40;
            let counts: Vec<AtomicU32> = (0..chunks).map(|_| AtomicU32::new(0)).collect();
            let run = |chunk: usize, thread: usize| {
                assert!(thread < threads);
                counts[chunk].fetch_add(1, SeqCst);
            };
            assert_eq!(team.run(chunks, &run), Ok(()));
            assert!(counts.iter().all(|count| count.load(SeqCst) == 1), "phase {phase} of {chunks} chunks");
            if phase % 500 == 0 {
                // Long enough for the helpers to sleep.
                thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// Lays out two chunks, of which a helper takes one; `helper` is what happens to it there.
fn run_two(team: &Team, helper: impl Fn() + Sync) -> Result<(), Lost> {
    let taken = AtomicBool::new(false);
    team.run(2, &|_, thread| {
        if thread == 0 {
            while !taken.load(SeqCst) {
                thread::yield_now();
            }
        } else {
            taken.store(true, SeqCst);
            helper();
        }
    })
}

#[test]
fn helpers_take_part_and_come_back_from_sleep() {
    let team = team_of(2);
    for _ in 0..5 {
        team.call();
        assert_eq!(run_two(team, || thread::sleep(Duration::from_millis(2))), Ok(()));
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn helpers_beyond_the_size_rest_until_it_grows() {
    let team = team_of(3);
    team.resize(1);
    thread::sleep(Duration::from_millis(2));
    let alone = |_, thread| assert_eq!(thread, 0);
    (0..200).for_each(|_| assert_eq!(team.run(20, &alone), Ok(())));
    team.resize(3);
    assert_eq!(run_two(team, || {}), Ok(()));
}

#[test]
fn a_helper_that_dies_with_a_chunk_ends_the_phase() {
    let team: &'static Team = Box::leak(Box::new(Team::new(HOST)));
    thread::spawn(|| {
        let died = catch_unwind(AssertUnwindSafe(|| team.help(1)));
        assert!(died.is_err());
        team.bury(1);
    });
    team.resize(2);
    assert_eq!(run_two(team, || std::panic::resume_unwind(Box::new("died"))), Err(Lost));
    // It goes on without.
    team.disband();
    assert_eq!(team.run(20, &|_, thread| assert_eq!(thread, 0)), Ok(()));
}

#[test]
fn a_helper_that_never_comes_back_is_given_up() {
    // Time passes quickly: a minute of naps.
    fn hurried() -> f64 {
        static NOW: AtomicU32 = AtomicU32::new(0);
        f64::from(NOW.fetch_add(100, SeqCst))
    }
    let host = Host { now: hurried, wait: |_, _, _| thread::yield_now(), wake: |_| {} };
    let team: &'static Team = Box::leak(Box::new(Team::new(host)));
    thread::spawn(|| team.help(1));
    team.resize(2);
    assert_eq!(run_two(team, || thread::sleep(Duration::from_secs(3))), Err(Lost));
}

/// A product with its gradient, in a program and at once.
fn products(session: &mut Session) -> Vec<Vec<u32>> {
    const N: usize = 250;
    let values = |seed: usize| (0..N * N).map(|i| ((i * seed) % 17) as f64 / 7.0 - 1.0).collect::<Vec<_>>();
    let x = floats(session, &[N, N], &values(5));
    let y = variable(session, &[N, N], &values(11));
    let product = |session: &mut Session, x: Handle| {
        let z = apply(session, &MATMUL, &[x, y], Attrs::none().bool(false).bool(true));
        let z = mul(session, z, z);
        let loss = total(session, z);
        let dy = session.grad(loss, None, &[y]).unwrap()[0].unwrap();
        vec![z, loss, dy]
    };
    let program = trace(session, &[f32(&[N, N])], |session, xs| product(session, xs[0]));
    let mut results = (0..16).flat_map(|_| call_words(session, &program, &[x])).collect::<Vec<_>>();
    let z = apply(session, &MATMUL, &[x, y], Attrs::none().bool(true).bool(false));
    results.push(words(session, z));
    results
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    static TEAM: Team = Team::new(HOST);
    static STARTED: AtomicU32 = AtomicU32::new(0);
    let start = |thread: u32, _| {
        STARTED.fetch_add(1, SeqCst);
        thread::spawn(move || TEAM.help(thread as usize));
    };
    let alone = products(&mut Session::default());
    let mut session = Session::default();
    session.set_crew(Crew::new(&TEAM, start));
    for threads in [1, 3, 2, 4] {
        session.set_threads(threads).unwrap();
        assert!(products(&mut session) == alone, "{threads} threads");
    }
    // Each was started once, when there was work.
    assert_eq!(STARTED.load(SeqCst), 3);
    assert!(session.set_threads(0).is_err());
}

#[test]
fn helpers_are_started_again_after_they_were_forgotten() {
    static TEAM: Team = Team::new(HOST);
    static STARTED: AtomicU32 = AtomicU32::new(0);
    let mut session = Session::default();
    // None ever comes, and the first thread does all.
    session.set_crew(Crew::new(&TEAM, |_, _| {
        STARTED.fetch_add(1, SeqCst);
    }));
    session.set_threads(3).unwrap();
    let first = products(&mut session);
    session.disband();
    assert!(products(&mut session) == first);
    assert_eq!(STARTED.load(SeqCst), 4);
}
