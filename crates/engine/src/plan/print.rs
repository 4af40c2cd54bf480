//! A plan as text: a line for each step, then what it takes altogether.

use super::{External, Place, Plan, Step};
use crate::graph::PrintAttrs;
use std::fmt::{Display, Formatter, Result};
use std::ops::Range;

/// `flops | results <- op(operands) {options} #scope`: types with their places, and the number of who asked for it.
impl Display for Plan {
    fn fmt(&self, f: &mut Formatter) -> Result {
        let total: u64 = self.steps.iter().map(|step| step.work.flops).sum();
        let width = total.to_string().len();
        for step in &self.steps {
            let Step { op, attrs, ins, outs, scope, .. } = step;
            let (outs, ins) = (Operands(self, outs), Operands(self, ins));
            let flops = step.work.flops;
            write!(f, "{flops:width$} | {outs} <- {}({ins}){}", op.name, PrintAttrs(op, attrs))?;
            if *scope != 0 {
                write!(f, " #{scope}")?;
            }
            writeln!(f)?;
        }
        write!(
            f,
            "{total} flops in {} steps; bytes: arena {}, scratch {}, constants {}",
            self.steps.len(),
            4 * self.arena,
            4 * (self.shared + self.scratch),
            4 * self.constant_words
        )
    }
}

/// Views of a plan, in a list.
struct Operands<'a>(&'a Plan, &'a Range<usize>);

impl Display for Operands<'_> {
    fn fmt(&self, f: &mut Formatter) -> Result {
        let Self(plan, range) = *self;
        for i in range.clone() {
            let comma = if i == range.start { "" } else { ", " };
            write!(f, "{comma}{} ", plan.views[i].ty)?;
            match plan.places[i] {
                Place::Arena(offset) => write!(f, "@{offset}")?,
                Place::Constant(offset) => write!(f, "constant @{offset}")?,
                Place::External(index) => match plan.externals[index] {
                    External::Slot(slot) => write!(f, "slot {}", slot.0)?,
                    External::Given(x) => write!(f, "given {}", x.0)?,
                    External::Output(k) => write!(f, "output {k}")?,
                },
            }
        }
        Ok(())
    }
}
