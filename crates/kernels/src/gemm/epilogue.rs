//! What a product does to its sums in the store, after the bias.

use crate::lane::F32x4;

/// The activation in a product's store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Epilogue {
    #[default]
    None,
    /// x < 0 ? 0 : x
    Relu,
}

impl Epilogue {
    /// Applies the activation to each vector.
    #[inline(always)]
    pub(crate) fn apply(self, sums: &mut [F32x4]) {
        match self {
            Epilogue::None => {}
            Epilogue::Relu => sums.iter_mut().for_each(|x| *x = x.pmax(F32x4::splat(0.0))),
        }
    }
}
