use super::*;
use proptest::prelude::*;

/// The offset of each element of `dims`, row by row, by its index alone.
fn offsets(dims: &[usize], strides: &[isize]) -> Vec<isize> {
    (0..dims.iter().product())
        .map(|mut flat: usize| {
            (0..dims.len()).rev().fold(0, |at, d| {
                let i = flat % dims[d];
                flat /= dims[d];
                at + i as isize * strides[d]
            })
        })
        .collect()
}

/// The offsets of one operand in the order of the loops, split at a row.
fn visited<const N: usize>(loops: &Loops<N>, operand: usize, split: usize) -> Vec<isize> {
    let (n, steps) = loops.inner();
    let mut visited = Vec::new();
    for range in [0..split, split..loops.rows()] {
        loops.for_rows(range, |at| visited.extend((0..n as isize).map(|i| at[operand] + i * steps[operand])));
    }
    visited
}

fn dims() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![1usize..5, 0usize..3], 0..6)
}

proptest! {
    #[test]
    fn strided_visits_every_element(dims in dims(), seed in any::<u64>(), split in any::<prop::sample::Index>()) {
        // Strides of every kind: contiguous runs (which merge), repeated, reversed, and gaps.
        let strides: Vec<Vec<isize>> = (0..2)
            .map(|operand| {
                let mut stride = 1;
                let mut strides: Vec<isize> = dims.iter().rev().enumerate().map(|(d, &dim)| {
                    let own = [stride, stride, stride, 0, -stride, stride + 3][(seed >> (8 * operand + 5 * d)) as usize % 6];
                    stride *= dim.max(1) as isize;
                    own
                }).collect();
                strides.reverse();
                strides
            })
            .collect();
        let loops = Loops::strided(&dims, [&strides[0], &strides[1]]);
        let split = split.index(loops.rows() + 1);
        for (operand, strides) in strides.iter().enumerate() {
            prop_assert_eq!(visited(&loops, operand, split), offsets(&dims, strides));
        }
    }

    #[test]
    fn parts_of_a_loop_visit_what_the_whole_does(dims in dims(), which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>()) {
        // Gaps between the elements of each dimension, so that no loops merge.
        let strides: Vec<isize> = (0..dims.len()).map(|d| 7isize.pow((dims.len() - d) as u32)).collect();
        let loops = Loops::strided(&dims, [&strides]);
        let d = which.index(loops.rank());
        let split = at.index(loops.dim(d).0 + 1);
        let mut parts: Vec<isize> = [0..split, split..loops.dim(d).0].into_iter().flat_map(|range| {
            let (part, [start]) = loops.part(d, range);
            visited(&part, 0, 0).into_iter().map(move |at| at + start)
        }).collect();
        parts.sort_unstable();
        prop_assert_eq!(parts, offsets(&dims, &strides));
    }

    #[test]
    fn broadcast_visits_as_numpy_does(dims in dims(), drop in 0usize..6, ones in any::<u8>()) {
        let shape: Vec<usize> = dims.iter().enumerate().skip(drop.min(dims.len()))
            .map(|(d, &dim)| if ones >> d & 1 == 1 { 1 } else { dim }).collect();
        let mut strides = vec![0; dims.len()];
        let mut stride = 1;
        for d in (0..shape.len()).rev() {
            strides[dims.len() - shape.len() + d] = if shape[d] == 1 { 0 } else { stride };
            stride *= shape[d] as isize;
        }
        let loops = Loops::broadcast(&dims, [&shape, &dims]);
        prop_assert_eq!(visited(&loops, 0, 0), offsets(&dims, &strides));
        prop_assert!(loops.inner().1.iter().all(|step| [0, 1].contains(step)));
        let flat: Vec<isize> = (0..dims.iter().product::<usize>() as isize).collect();
        prop_assert_eq!(visited(&loops, 1, 0), flat);
    }
}

#[test]
fn equal_shapes_are_one_row() {
    let loops = Loops::broadcast(&[3, 1, 4, 5], [&[3, 1, 4, 5], &[]]);
    assert_eq!((loops.rows(), loops.inner()), (1, (60, [1, 0])));
}

#[test]
fn a_bias_is_a_row_per_sample() {
    let loops = Loops::broadcast(&[32, 7, 10], [&[32, 7, 10], &[10]]);
    assert_eq!((loops.rows(), loops.inner()), (224, (10, [1, 1])));
}

#[test]
fn a_scalar_is_one_element() {
    let loops = Loops::broadcast(&[], [&[]]);
    assert_eq!((loops.rows(), loops.inner()), (1, (1, [0])));
}

#[test]
#[should_panic = "does not broadcast"]
fn shapes_must_broadcast() {
    Loops::broadcast(&[2, 3], [&[2]]);
}
