//! The system's allocator, which counts what a thread asks for and can run out of blocks for tensors.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// What a block of tensor memory is aligned to, and nothing else is.
const BLOCK_ALIGN: usize = 64;
/// Larger blocks fail always.
const LARGEST: usize = 1 << 30;

thread_local! {
    /// How many blocks this thread may still allocate.
    static BLOCKS_LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
    static REQUESTS: Cell<usize> = const { Cell::new(0) };
}

struct Limited;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

// SAFETY: what is not refused is the system's.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        REQUESTS.set(REQUESTS.get() + 1);
        if layout.align() == BLOCK_ALIGN {
            let left = BLOCKS_LEFT.get();
            if left == 0 || layout.size() > LARGEST {
                return std::ptr::null_mut();
            }
            BLOCKS_LEFT.set(left - 1);
        }
        // SAFETY: the caller's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract.
        unsafe { System.dealloc(ptr, layout) }
    }
}

/// Calls `f` with so many blocks of tensor memory, and no more.
pub fn with_blocks<T>(blocks: usize, f: impl FnOnce() -> T) -> T {
    let before = BLOCKS_LEFT.replace(blocks);
    let result = f();
    BLOCKS_LEFT.set(before);
    result
}

/// How often `f` asks for memory.
pub fn requests(f: impl FnOnce()) -> usize {
    let before = REQUESTS.get();
    f();
    REQUESTS.get() - before
}
