//! Tensors and their memory. A tensor is counted; its storage is shared by its views.

use crate::error::{Error, Result};
use crate::op::View;
use crate::types::Type;
use std::alloc::{Layout, alloc, dealloc};

/// A tensor's handle. Zero is no tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TensorId(pub u32);

/// Words of memory, owned.
#[derive(Debug)]
pub struct Block {
    ptr: *mut u32,
    words: usize,
}

impl Block {
    pub const EMPTY: Self = Self { ptr: std::ptr::null_mut(), words: 0 };

    /// Uninitialised memory of `words` words, 64-byte aligned.
    ///
    /// # Errors
    /// If the memory cannot grow.
    pub fn new(words: usize) -> Result<Self> {
        let layout = Self::layout(words)?;
        // SAFETY: the layout's size is not zero.
        let ptr: *mut u32 = unsafe { alloc(layout) }.cast();
        if ptr.is_null() { Err(Error::out_of_memory(layout.size())) } else { Ok(Self { ptr, words }) }
    }

    #[inline]
    fn layout(words: usize) -> Result<Layout> {
        let bytes = words.max(1).saturating_mul(4);
        Layout::from_size_align(bytes, 64).map_err(|_| Error::out_of_memory(bytes))
    }

    #[inline]
    pub fn ptr(&self) -> *mut u32 {
        self.ptr
    }

    /// Makes it at least `words` words long; the content is lost when it grows.
    ///
    /// # Errors
    /// If the memory cannot grow; the block is as it was then.
    #[inline]
    pub fn reserve(&mut self, words: usize) -> Result<()> {
        if self.ptr.is_null() || self.words < words {
            *self = Self::new(words)?;
        }
        Ok(())
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if !self.ptr.is_null()
            && let Ok(layout) = Self::layout(self.words)
        {
            // SAFETY: allocated by `new` with this layout.
            unsafe { dealloc(self.ptr.cast(), layout) };
        }
    }
}

/// Entries by number, with the numbers of removed ones used again. Number 0 is never given.
#[derive(Debug)]
pub struct Slab<T> {
    entries: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { entries: vec![None], free: Vec::new() }
    }
}

impl<T> Slab<T> {
    #[inline]
    pub fn insert(&mut self, entry: T) -> u32 {
        if let Some(index) = self.free.pop() {
            self.entries[index as usize] = Some(entry);
            return index;
        }
        self.entries.push(Some(entry));
        self.entries.len() as u32 - 1
    }

    pub fn len(&self) -> usize {
        self.entries.len() - 1 - self.free.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether there never was an entry.
    pub fn is_fresh(&self) -> bool {
        self.entries.len() == 1
    }

    #[inline]
    pub fn get(&self, index: u32) -> Option<&T> {
        self.entries.get(index as usize)?.as_ref()
    }

    #[inline]
    pub fn get_mut(&mut self, index: u32) -> Option<&mut T> {
        self.entries.get_mut(index as usize)?.as_mut()
    }

    #[inline]
    pub fn remove(&mut self, index: u32) -> Option<T> {
        let entry = self.entries.get_mut(index as usize)?.take()?;
        self.free.push(index);
        Some(entry)
    }
}

/// Something for each of some tensors: a list, for handles are small numbers.
#[derive(Debug)]
pub struct ByTensor<T>(Vec<Option<T>>);

impl<T> Default for ByTensor<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy> ByTensor<T> {
    #[inline]
    pub fn get(&self, id: TensorId) -> Option<T> {
        self.0.get(id.0 as usize).copied().flatten()
    }

    #[inline]
    pub fn insert(&mut self, id: TensorId, entry: T) {
        let index = id.0 as usize;
        if self.0.len() <= index {
            self.0.resize(index + 1, None);
        }
        self.0[index] = Some(entry);
    }

    #[inline]
    pub fn remove(&mut self, id: TensorId) -> Option<T> {
        self.0.get_mut(id.0 as usize)?.take()
    }
}

#[derive(Debug)]
struct Storage {
    block: Block,
    refs: u32,
}

#[derive(Debug)]
struct Tensor {
    ty: Type,
    storage: u32,
    refs: u32,
    variable: bool,
}

/// All tensors with values.
#[derive(Debug, Default)]
pub struct Heap {
    tensors: Slab<Tensor>,
    storages: Slab<Storage>,
    bytes: usize,
}

impl Heap {
    fn tensor(&self, id: TensorId) -> Result<&Tensor> {
        self.tensors.get(id.0).ok_or_else(Error::disposed)
    }

    fn block(&self, tensor: &Tensor) -> &Block {
        &self.storages.get(tensor.storage).expect("a tensor's storage lives as long as it").block
    }

    /// A tensor with memory of its own, uninitialised.
    ///
    /// # Errors
    /// If the memory cannot grow.
    #[inline]
    pub fn create(&mut self, ty: Type) -> Result<TensorId> {
        let block = Block::new(ty.size())?;
        self.bytes += 4 * ty.size();
        let storage = self.storages.insert(Storage { block, refs: 1 });
        Ok(self.insert(ty, storage))
    }

    #[inline]
    fn insert(&mut self, ty: Type, storage: u32) -> TensorId {
        TensorId(self.tensors.insert(Tensor { ty, storage, refs: 1, variable: false }))
    }

    /// A tensor that shows the memory of `id` under a type of the same size.
    ///
    /// # Errors
    /// If `id` was disposed.
    pub fn share(&mut self, id: TensorId, ty: Type) -> Result<TensorId> {
        let storage = self.tensor(id)?.storage;
        self.storages.get_mut(storage).expect("a tensor's storage lives as long as it").refs += 1;
        Ok(self.insert(ty, storage))
    }

    /// One more owner of the tensor.
    ///
    /// # Errors
    /// If it was disposed.
    pub fn retain(&mut self, id: TensorId) -> Result<()> {
        self.tensors.get_mut(id.0).ok_or_else(Error::disposed)?.refs += 1;
        Ok(())
    }

    /// One owner less; the last one frees it.
    #[inline]
    pub fn release(&mut self, id: TensorId) {
        let Some(tensor) = self.tensors.get_mut(id.0) else { return };
        tensor.refs -= 1;
        if tensor.refs == 0
            && let Some(tensor) = self.tensors.remove(id.0)
        {
            self.release_storage(tensor.storage);
        }
    }

    fn release_storage(&mut self, index: u32) {
        let storage = self.storages.get_mut(index).expect("a tensor's storage lives as long as it");
        storage.refs -= 1;
        if storage.refs == 0 {
            self.bytes -= 4 * storage.block.words;
            self.storages.remove(index);
        }
    }

    /// Gives the tensor memory that no view shares, with the same content, so that it can be written.
    ///
    /// # Errors
    /// If the memory cannot grow.
    pub fn make_unique(&mut self, id: TensorId) -> Result<()> {
        let tensor = self.tensor(id)?;
        let (ty, old) = (tensor.ty, tensor.storage);
        if self.storages.get(old).is_some_and(|storage| storage.refs == 1) {
            return Ok(());
        }
        let block = Block::new(ty.size())?;
        // SAFETY: both blocks hold `ty.size()` words, and the new one is apart from the old.
        unsafe { std::ptr::copy_nonoverlapping(self.block(self.tensor(id)?).ptr, block.ptr, ty.size()) };
        self.bytes += 4 * ty.size();
        let storage = self.storages.insert(Storage { block, refs: 1 });
        self.release_storage(old);
        self.tensors.get_mut(id.0).expect("it was there above").storage = storage;
        Ok(())
    }

    /// # Errors
    /// If the tensor was disposed.
    #[inline]
    pub fn ty(&self, id: TensorId) -> Result<Type> {
        Ok(self.tensor(id)?.ty)
    }

    /// # Errors
    /// If the tensor was disposed.
    #[inline]
    pub fn view(&self, id: TensorId) -> Result<View> {
        let tensor = self.tensor(id)?;
        Ok(View { ptr: self.block(tensor).ptr, ty: tensor.ty })
    }

    /// Whether gradients are taken with respect to it without being asked for by name.
    pub fn is_variable(&self, id: TensorId) -> bool {
        self.tensors.get(id.0).is_some_and(|tensor| tensor.variable)
    }

    /// # Errors
    /// If the tensor was disposed.
    pub fn set_variable(&mut self, id: TensorId, variable: bool) -> Result<()> {
        self.tensors.get_mut(id.0).ok_or_else(Error::disposed)?.variable = variable;
        Ok(())
    }

    /// Bytes of all storages.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Number of storages.
    pub fn buffers(&self) -> usize {
        self.storages.len()
    }

    /// Whether there never was a tensor.
    pub fn is_fresh(&self) -> bool {
        self.tensors.is_fresh()
    }

    /// Number of tensors.
    pub fn count(&self) -> usize {
        self.tensors.len()
    }
}
