use super::*;
use proptest::prelude::*;

/// `n` words behind `lead` others, so that their address is no multiple of 16.
fn words(lead: usize, n: usize, seed: usize) -> Vec<f32> {
    (0..lead + n).map(|i| ((i * 37 + seed * 11) % 101) as f32 - 50.0).collect()
}

fn at(x: &[f32], lead: usize, i: usize, step: usize) -> f32 {
    x[lead + i * step]
}

proptest! {
    #[test]
    fn unary_is_elementwise(n in 0usize..40, lead in 0usize..4) {
        let x = words(lead, n, 1);
        let mut y = words(lead, n, 2);
        let expected: Vec<f32> = (0..lead + n).map(|i| if i < lead { y[i] } else { x[i] * 2.0 }).collect();
        // SAFETY: n words stand behind `lead`.
        unsafe { unary(n, x.as_ptr().add(lead), y.as_mut_ptr().add(lead), |x: F32x4| x.add(x)) };
        prop_assert_eq!(&y, &expected);
        let mut x = x;
        let p = x.as_mut_ptr();
        // SAFETY: as above, in place.
        unsafe { unary(n, p.add(lead), p.add(lead), |x: F32x4| x.add(x)) };
        prop_assert_eq!(&x[lead..], &expected[lead..]);
    }

    #[test]
    fn binary_is_elementwise(n in 0usize..40, lead in 0usize..4, xs in 0usize..2, ys in 0usize..2) {
        let (x, y) = (words(lead, n.max(1), 1), words(0, n.max(1), 2));
        let mut z = vec![0; n + 1];
        // SAFETY: n words, or at least one, stand behind each pointer.
        unsafe { binary(n, x.as_ptr().add(lead), xs, y.as_ptr(), ys, z.as_mut_ptr(), |x: F32x4, y| x.lt(y)) };
        let less = |i| -i32::from(at(&x, lead, i, xs) < at(&y, 0, i, ys));
        prop_assert_eq!(&z[..n], (0..n).map(less).collect::<Vec<_>>());
        prop_assert_eq!(z[n], 0);
    }

    #[test]
    fn binary_in_place(n in 0usize..40, second in any::<bool>(), step in 0usize..2) {
        let (x, y) = (words(0, n.max(1), 1), words(0, n.max(1), 2));
        let mut z = x.clone();
        let p = z.as_mut_ptr();
        // SAFETY: n words, or at least one, stand behind each pointer.
        unsafe {
            if second {
                binary(n, y.as_ptr(), step, p, 1, p, F32x4::sub);
            } else {
                binary(n, p, 1, y.as_ptr(), step, p, F32x4::sub);
            }
        }
        for i in 0..n {
            let difference = x[i] - at(&y, 0, i, step);
            prop_assert_eq!(z[i], if second { -difference } else { difference });
        }
    }
}

#[test]
fn fill_stops_at_the_end() {
    let mut y = [1, 1, 1];
    // SAFETY: two words.
    unsafe { fill(2, 7, y.as_mut_ptr()) };
    assert_eq!(y, [7, 7, 1]);
}
