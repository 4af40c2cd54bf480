//! Ten steps of each update, to Keras's numbers: one weight of test/reference/optimizers.json, whose other weights and
//! configurations the TypeScript tests go through.

use super::harness::*;
use crate::op::{Arity, Attrs, Op};
use crate::ops::optimizer::*;
use crate::session::Session;

const FIRST: f64 = -0.802836955;
const GRADIENTS: [f64; 10] = [
    0.189053386,
    0.625729382,
    1.81172037,
    -0.0261775721,
    0.216735482,
    0.118075833,
    0.382677883,
    -0.928546011,
    -0.61935699,
    0.249961048,
];

/// The weight after steps 1, 3 and 10, from slots that are all `slot`.
fn check(op: &'static Op, attrs: Attrs, lr: f64, slot: f64, expected: [f64; 3]) {
    let mut session = Session::default();
    let counted = [&ADAM, &ADAM_AMSGRAD].contains(&op);
    let Arity::AtLeast(operands) = op.arity else { unreachable!("updates take many weights") };
    let written = operands - 2 - counted as usize;
    let attrs = unclipped(attrs);
    let mut operands = vec![variable(&mut session, &[1], &[FIRST])];
    operands.resize_with(written, || variable(&mut session, &[1], &[slot]));
    operands.extend([floats(&mut session, &[1], &[0.0]), floats(&mut session, &[], &[lr])]);
    let mut weights = Vec::new();
    for (step, dw) in GRADIENTS.into_iter().enumerate() {
        operands.truncate(written + 2);
        operands[written] = floats(&mut session, &[1], &[dw]);
        if counted {
            operands.push(ints(&mut session, &[], &[step as i32]));
        }
        session.apply(op, &operands, attrs.clone()).unwrap();
        weights.extend(values(&session, operands[0]));
    }
    for (actual, expected) in [weights[0], weights[2], weights[9]].into_iter().zip(expected) {
        assert!((actual - expected).abs() <= 2e-7 * expected.abs(), "{} {attrs:?}: {weights:?}", op.name);
    }
}

#[test]
fn sgd_moves_as_in_keras() {
    let none = Attrs::none;
    check(&SGD, none().float(0.0), 0.01, 0.0, [-0.804727495, -0.82910198, -0.823035717]);
    check(&SGD, none().float(0.02), 0.1, 0.0, [-0.820136607, -1.06047916, -0.985045075]);
    let momentum = |momentum, nesterov, decay| none().float(momentum).bool(nesterov).float(decay);
    check(&SGD_MOMENTUM, momentum(0.9, false, 0.0), 0.05, 0.0, [-0.812289596, -0.978483915, -1.53374314]);
    check(&SGD_MOMENTUM, momentum(0.8, true, 0.0), 0.05, 0.0, [-0.819851756, -1.07013512, -1.31117201]);
    check(&SGD_MOMENTUM, momentum(0.9, true, 0.1), 0.05, 0.0, [-0.816782832, -1.07974732, -1.50235033]);
}

#[test]
fn adam_moves_as_in_keras() {
    let attrs =
        |beta1, beta2, epsilon, decay| Attrs::none().float(beta1).float(beta2).float(epsilon).float(decay);
    check(&ADAM, attrs(0.9, 0.999, 1e-7, 0.0), 0.001, 0.0, [-0.803836942, -0.80558151, -0.808537781]);
    check(&ADAM, attrs(0.8, 0.95, 1e-4, 0.0), 0.05, 0.0, [-0.852718949, -0.942741573, -1.06051385]);
    check(&ADAM, attrs(0.9, 0.99, 1e-7, 0.1), 0.02, 0.0, [-0.821231127, -0.852705061, -0.89958638]);
    check(&ADAM_AMSGRAD, attrs(0.9, 0.999, 1e-7, 0.0), 0.01, 0.0, [-0.812836707, -0.83028245, -0.859842062]);
    check(&ADAM_AMSGRAD, attrs(0.5, 0.7, 1e-7, 0.01), 0.03, 0.0, [-0.832596064, -0.890333474, -0.903559983]);
}

#[test]
fn rmsprop_moves_as_in_keras() {
    let attrs = |rho, epsilon| Attrs::none().float(rho).float(epsilon);
    check(&RMSPROP, attrs(0.9, 1e-7).float(0.0), 0.001, 0.0, [-0.80599916, -0.812032223, -0.811089575]);
    check(&RMSPROP, attrs(0.8, 1e-3).float(0.0), 0.02, 0.0, [-0.844724298, -0.930206716, -0.914359272]);
    let momentum = attrs(0.9, 1e-7).float(0.7).float(0.0);
    check(&RMSPROP_MOMENTUM, momentum, 0.01, 0.0, [-0.834459305, -0.95369941, -1.0822283]);
    let centered = attrs(0.9, 1e-7).float(0.0);
    check(&RMSPROP_CENTERED, centered, 0.01, 0.0, [-0.836169779, -0.902074635, -0.893764317]);
    let both = attrs(0.95, 1e-7).float(0.5).float(0.01);
    check(&RMSPROP_CENTERED_MOMENTUM, both, 0.01, 0.0, [-0.848638475, -0.994062066, -1.05301273]);
}

#[test]
fn adagrad_moves_as_in_keras() {
    let attrs = |epsilon, decay| Attrs::none().float(epsilon).float(decay);
    check(&ADAGRAD, attrs(1e-7, 0.0), 0.001, 0.1, [-0.803350091, -0.805140018, -0.804905891]);
    check(&ADAGRAD, attrs(1e-5, 0.0), 0.1, 0.0, [-0.902822971, -1.09261274, -1.0690558]);
    check(&ADAGRAD, attrs(1e-7, 0.02), 0.1, 0.5, [-0.827060223, -0.976907551, -0.940441012]);
}

#[test]
fn operands_that_do_not_fit_are_named() {
    let mut session = Session::default();
    let [w, m] = [2, 3].map(|n| floats(&mut session, &[n], &vec![1.0; n]));
    let (lr, count) = (floats(&mut session, &[], &[0.1]), ints(&mut session, &[], &[0]));
    let attrs = || unclipped(Attrs::none().float(0.9).bool(false).float(0.0));
    let mut message = |operands: &[u32]| session.apply(&SGD_MOMENTUM, operands, attrs()).unwrap_err().message;
    assert_eq!(message(&[w, m, w, lr]), "sgdMomentum: expected m of float32[2], got float32[3]");
    assert_eq!(message(&[m, w, w, lr]), "sgdMomentum: expected m of float32[3], got float32[2]");
    assert_eq!(message(&[w, w, m, lr]), "sgdMomentum: expected dw of float32[2], got float32[3]");
    assert_eq!(message(&[w, w, w, w]), "sgdMomentum: expected lr of float32[], got float32[2]");
    assert_eq!(message(&[w, w, m, m, w, w, lr]), "sgdMomentum: expected dw of float32[3], got float32[2]");
    assert_eq!(message(&[w, w, m, w, lr]), "sgdMomentum: expected 3 operands for each weight, got 5");
    assert_eq!(message(&[count, w, w, lr]), "sgdMomentum: expected a float32 weight, got int32[]");
}
