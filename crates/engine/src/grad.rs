//! Gradients as nodes: reverse mode over a graph, written in the ops of the forward pass.

use crate::error::{Error, Result};
use crate::graph::{Graph, Value};
use crate::op::{Backward, Grad};
use crate::ops;
use crate::types::DType;

/// Appends the nodes of d(sum of `y * dy`)/dx for each of `xs`; `None` where `y` does not depend on it.
///
/// `dy` has the shape of `y`; without one, ones are taken. What the nodes before number `from` gave is constant.
///
/// # Errors
/// If an op on the way has no gradient of its own to give.
pub fn grad(
    graph: &mut Graph,
    from: usize,
    y: Value,
    dy: Option<Value>,
    xs: &[Value],
) -> Result<Vec<Option<Value>>> {
    let ty = *graph.ty(y);
    if ty.dtype != DType::F32 {
        return Err(Error::invalid(format!("a gradient of {ty} does not exist; only float32 has one")));
    }
    if let Some(given) = dy.map(|dy| *graph.ty(dy)).filter(|given| *given != ty) {
        return Err(Error::invalid(format!("expected dy of {ty} as the result, got {given}")));
    }
    let scope = graph.scope;
    let depends = depends_on(graph, from, xs);
    let mut dys: Vec<Option<Value>> = vec![None; graph.values.len()];
    dys[y.index()] = Some(match dy {
        Some(dy) => dy,
        None => ops::ones_like(graph, y)?,
    });
    for index in (from..graph.nodes.len()).rev() {
        let node = &graph.nodes[index];
        // Nodes appended by this very pass lie behind the values that `dys` knows.
        let Some(last) = node.outs.last().filter(|out| out.index() < dys.len()) else { continue };
        let first = last.index() + 1 - node.outs.len();
        let need: Vec<bool> = node.ins.iter().map(|x| depends[x.index()]).collect();
        let arrives = dys[first..=last.index()].iter().any(Option::is_some);
        if !arrives || !need.contains(&true) {
            continue;
        }
        let node = node.clone();
        let rule = match node.op.grad {
            Grad::By(rule) => rule,
            Grad::Stop => continue,
            Grad::Missing => {
                return Err(Error::invalid("its gradient cannot be differentiated again").at(node.op.name));
            }
        };
        graph.scope = node.scope;
        let back = Backward {
            ins: &node.ins,
            outs: &node.outs,
            dys: &dys[first..=last.index()],
            need: &need,
            attrs: &node.attrs,
        };
        let dxs = rule(graph, &back).map_err(|e| e.at("gradient").at(node.op.name))?;
        for ((&x, dx), &need) in node.ins.iter().zip(dxs).zip(&need) {
            let Some(dx) = dx.filter(|_| need) else { continue };
            debug_assert_eq!(graph.ty(dx), graph.ty(x), "{}: gradient of {x:?}", node.op.name);
            dys[x.index()] = Some(match dys[x.index()] {
                Some(sum) => ops::add(graph, sum, dx)?,
                None => dx,
            });
        }
    }
    graph.scope = scope;
    Ok(xs.iter().map(|x| dys[x.index()]).collect())
}

/// Of a variable's versions, oldest first, the newest on which `y` depends; the newest if it depends on none.
pub fn version_read(graph: &Graph, y: Value, versions: &[Value]) -> Option<Value> {
    if versions.len() < 2 {
        return versions.last().copied();
    }
    let mut reached = vec![false; graph.values.len()];
    reached[y.index()] = true;
    for node in graph.nodes.iter().rev() {
        if node.outs.iter().any(|out| reached[out.index()]) {
            node.ins.iter().for_each(|x| reached[x.index()] = true);
        }
    }
    versions.iter().rev().find(|x| reached[x.index()]).or(versions.last()).copied()
}

/// For each value, whether a gradient could pass from it to one of `xs`, through the nodes from number `from` on.
fn depends_on(graph: &Graph, from: usize, xs: &[Value]) -> Vec<bool> {
    let mut depends = vec![false; graph.values.len()];
    for x in xs {
        depends[x.index()] = true;
    }
    for node in &graph.nodes[from..] {
        if !matches!(node.op.grad, Grad::Stop) && node.ins.iter().any(|x| depends[x.index()]) {
            for out in &node.outs {
                depends[out.index()] = true;
            }
        }
    }
    depends
}
