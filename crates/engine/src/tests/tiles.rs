//! Tiles chosen by timing change no bit of a result.

use super::harness::*;
use crate::op::Attrs;
use crate::ops::matmul::MATMUL;
use crate::session::{Handle, Session};
use std::cell::Cell;
use wasmgrad_kernels::gemm::TILES;

thread_local! {
    static LOOKS: Cell<usize> = const { Cell::new(0) };
    static FASTEST: Cell<usize> = const { Cell::new(0) };
    static NOW: Cell<f64> = const { Cell::new(0.0) };
}

/// Two looks, before and after, make a sample; the tiles take turns, and one of them is the fastest.
fn now() -> f64 {
    let look = LOOKS.replace(LOOKS.get() + 1);
    if look % 2 == 1 {
        let tile = look / 2 % TILES.len();
        NOW.set(NOW.get() + if tile == FASTEST.get() { 2.0 } else { 3.0 });
    }
    NOW.get()
}

/// Large enough to be timed, and no multiple of any tile.
const N: usize = 83;

fn square(session: &mut Session) -> Handle {
    let values: Vec<f64> = (0..N * N).map(|i| (i as f64 * 0.7).sin()).collect();
    floats(session, &[N, N], &values)
}

fn product(session: &mut Session, x: Handle) -> Handle {
    apply(session, &MATMUL, &[x, x], Attrs::none().bool(false).bool(true))
}

/// The results of many runs, eager or planned, and what they settled on.
fn runs(planned: bool, clock: bool) -> (Vec<Vec<u32>>, Vec<&'static str>) {
    let mut session = Session::default();
    if clock {
        session.set_clock(now);
    }
    let x = square(&mut session);
    let program = planned.then(|| trace(&mut session, &[f32(&[N, N])], |s, xs| vec![product(s, xs[0])]));
    let results = (0..8 * TILES.len())
        .map(|_| match &program {
            Some(program) => call_words(&mut session, program, &[x]).remove(0),
            None => {
                let y = product(&mut session, x);
                let result = words(&session, y);
                drop_all(&mut session, &[y]);
                result
            }
        })
        .collect();
    (results, session.settled_tiles())
}

#[test]
fn every_choice_gives_the_bits_of_no_choice() {
    let expected = runs(false, false).0.remove(0);
    for planned in [false, true] {
        for (fastest, tile) in TILES.iter().enumerate() {
            LOOKS.set(0);
            FASTEST.set(fastest);
            let (results, settled) = runs(planned, true);
            assert!(results.iter().all(|result| *result == expected), "tile {}", tile.name);
            assert_eq!(settled, [tile.name]);
        }
    }
}
