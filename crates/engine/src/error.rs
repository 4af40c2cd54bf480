//! What can go wrong, with the place and the reason in words.

use std::fmt;

/// The kind of an error; its number crosses the seam.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A shape, dtype or option that the op cannot take.
    Invalid = 1,
    /// The heap cannot grow any further; nothing was changed.
    OutOfMemory = 2,
    /// A tensor that was disposed, or never existed.
    Disposed = 3,
    /// The engine contradicts itself: a bug in wasmgrad.
    Internal = 4,
    /// A thread died; those that are left are to be stopped.
    LostThread = 5,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    pub kind: Kind,
    pub message: String,
}

pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub fn invalid(message: impl Into<String>) -> Self {
        Self { kind: Kind::Invalid, message: message.into() }
    }

    pub fn out_of_memory(bytes: usize) -> Self {
        Self {
            kind: Kind::OutOfMemory,
            message: format!("out of memory: {bytes} bytes could not be allocated"),
        }
    }

    pub fn disposed() -> Self {
        Self { kind: Kind::Disposed, message: "the tensor was disposed".into() }
    }

    /// `is_whole` if nothing was written that is to last.
    pub fn lost_thread(is_whole: bool) -> Self {
        let state = match is_whole {
            true => "nothing of it was applied, so it can be run again",
            false => {
                "it was partly applied, so variables may be half written: set them again, or load a saved model"
            }
        };
        Self { kind: Kind::LostThread, message: format!("a worker thread died during this step; {state}") }
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self { kind: Kind::Internal, message: message.into() }
    }

    /// The same error with the place in front: `matMul: …`.
    pub fn at(mut self, place: &str) -> Self {
        self.message.insert_str(0, ": ");
        self.message.insert_str(0, place);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// As it is displayed: the escaped text of a derived one costs kilobytes in a module.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}
