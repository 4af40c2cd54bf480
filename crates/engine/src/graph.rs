//! A program: typed values, the nodes that make them, and the slots of memory that it reads and writes.

use crate::decimal::Decimal;
use crate::error::{Error, Result};
use crate::op::{Arity, Attrs, Memory, Op};
use crate::ops::elementwise::chain::Links;
use crate::types::Type;
use std::fmt;

/// A value of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Value(pub u32);

impl Value {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Memory outside of the program: an input, a captured tensor or variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot(pub u32);

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    Slot(Slot),
    Node { node: u32, output: u32 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Def {
    pub ty: Type,
    pub source: Source,
    /// The slot in whose memory the value lies: a slot's first version or one written later.
    pub home: Option<Slot>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub op: &'static Op,
    pub attrs: Attrs,
    pub ins: Vec<Value>,
    pub outs: Vec<Value>,
    /// Who asked for it (a layer's number), for messages.
    pub scope: u32,
}

/// Nodes in program order. A write makes a new version of its variable; every reader names the version it reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    pub nodes: Vec<Node>,
    pub values: Vec<Def>,
    /// The newest version in each slot.
    slots: Vec<Value>,
    /// Stamped on the nodes that follow.
    pub scope: u32,
}

impl Graph {
    pub fn ty(&self, x: Value) -> &Type {
        &self.values[x.index()].ty
    }

    pub fn dims(&self, x: Value) -> &[usize] {
        &self.values[x.index()].ty.shape
    }

    pub fn source(&self, x: Value) -> Source {
        self.values[x.index()].source
    }

    /// The node that makes `x`, if one does.
    pub fn node_of(&self, x: Value) -> Option<&Node> {
        match self.source(x) {
            Source::Node { node, .. } => Some(&self.nodes[node as usize]),
            Source::Slot(_) => None,
        }
    }

    /// A new slot of memory; its first version is the value returned.
    pub fn slot(&mut self, ty: Type) -> Value {
        let slot = Slot(self.slots.len() as u32);
        let x = self.push(Def { ty, source: Source::Slot(slot), home: Some(slot) });
        self.slots.push(x);
        x
    }

    pub fn slot_count(&self) -> usize {
        self.slots.len()
    }

    /// The newest version in a slot.
    pub fn version(&self, slot: Slot) -> Value {
        self.slots[slot.0 as usize]
    }

    /// All versions in a slot, oldest first.
    pub fn versions(&self, slot: Slot) -> Vec<Value> {
        let is_version = |&x: &Value| {
            let view = self.node_of(x).is_some_and(|node| node.op.memory == Memory::View);
            self.values[x.index()].home == Some(slot) && !view
        };
        (0..self.values.len() as u32).map(Value).filter(is_version).collect()
    }

    fn push(&mut self, def: Def) -> Value {
        self.values.push(def);
        Value(self.values.len() as u32 - 1)
    }

    /// Appends a node and gives its outputs.
    ///
    /// # Errors
    /// If the op refuses the inputs, or writes to what is not a variable's newest version; the graph is unchanged then.
    pub fn apply(&mut self, op: &'static Op, ins: &[Value], attrs: Attrs) -> Result<Vec<Value>> {
        let types: Vec<Type> = ins.iter().map(|&x| *self.ty(x)).collect();
        let out_types = infer(op, &types, &attrs)?;
        check_writes(op, ins, out_types.len())?;
        for &x in &ins[op.memory.writes(out_types.len())] {
            if self.values[x.index()].home.is_none_or(|slot| self.version(slot) != x) {
                return Err(Error::invalid("only a variable's newest version can be written").at(op.name));
            }
        }
        let node = self.nodes.len() as u32;
        let mut outs = Vec::with_capacity(out_types.len());
        for (output, ty) in out_types.into_iter().enumerate() {
            let home = match op.memory {
                Memory::View => self.values[ins[0].index()].home,
                Memory::Writes { .. } => {
                    op.memory.written(output).and_then(|input| self.values[ins[input].index()].home)
                }
                _ => None,
            };
            let out = self.push(Def { ty, source: Source::Node { node, output: output as u32 }, home });
            if let (Memory::Writes { .. }, Some(slot)) = (op.memory, home) {
                self.slots[slot.0 as usize] = out;
            }
            outs.push(out);
        }
        self.nodes.push(Node { op, attrs, ins: ins.to_vec(), outs: outs.clone(), scope: self.scope });
        Ok(outs)
    }

    /// Appends a node with one output.
    pub fn op(&mut self, op: &'static Op, ins: &[Value], attrs: Attrs) -> Result<Value> {
        Ok(self.apply(op, ins, attrs)?[0])
    }
}

/// The output types of an op, which is there, with arity checked and the op's name on errors.
#[inline]
pub fn infer(op: &'static Op, ins: &[Type], attrs: &Attrs) -> Result<Vec<Type>> {
    let fits = match op.arity {
        Arity::Exactly(n) => ins.len() == n,
        Arity::AtLeast(n) => ins.len() >= n,
    };
    if !fits {
        return Err(Error::invalid(format!("takes {:?} inputs, got {}", op.arity, ins.len())).at(op.name));
    }
    op.family.check_loaded().map_err(|e| e.at(op.name))?;
    (op.infer)(ins, attrs).map_err(|e| e.at(op.name))
}

/// # Errors
/// If the op, which has so many outputs, would write one operand twice.
#[inline]
pub fn check_writes<T: PartialEq>(op: &'static Op, ins: &[T], outs: usize) -> Result<()> {
    let written = &ins[op.memory.writes(outs)];
    let twice = (1..written.len()).any(|i| written[i..].contains(&written[i - 1]));
    match twice {
        true => Err(Error::invalid("one variable cannot be written twice at once").at(op.name)),
        false => Ok(()),
    }
}

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (i, def) in self.values.iter().enumerate() {
            if let Source::Slot(slot) = def.source {
                writeln!(f, "%{i} {} = slot {}", def.ty, slot.0)?;
            }
        }
        for node in &self.nodes {
            for (k, out) in node.outs.iter().enumerate() {
                write!(f, "{}%{} {}", if k == 0 { "" } else { ", " }, out.0, self.ty(*out))?;
            }
            write!(f, " = {}(", node.op.name)?;
            for (k, x) in node.ins.iter().enumerate() {
                write!(f, "{}%{}", if k == 0 { "" } else { ", " }, x.0)?;
            }
            writeln!(f, "){}", PrintAttrs(node.op, &node.attrs))?;
        }
        Ok(())
    }
}

/// ` {axis: 0, keepDims: true}`, or nothing.
pub struct PrintAttrs<'a>(pub &'static Op, pub &'a Attrs);

impl fmt::Display for PrintAttrs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        use crate::op::AttrKind;
        let mut reader = self.1.read();
        for (i, attr) in self.0.attrs.iter().enumerate() {
            write!(f, "{}{}: ", if i == 0 { " {" } else { ", " }, attr.name)?;
            match attr.kind {
                AttrKind::Int => write!(f, "{}", reader.int())?,
                AttrKind::Float => write!(f, "{}", Decimal(reader.float()))?,
                AttrKind::Bool => write!(f, "{}", reader.bool())?,
                AttrKind::Ints => write!(f, "{:?}", reader.ints())?,
                AttrKind::Links => write!(f, "{}", Links::of(reader.words()))?,
                AttrKind::DType => write!(f, "{}", reader.dtype().map_err(|_| fmt::Error)?)?,
            }
        }
        if self.0.attrs.is_empty() { Ok(()) } else { f.write_str("}") }
    }
}
