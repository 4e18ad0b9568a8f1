//! Whether a program runs in an image that has nothing but it.
//!
//! In: the bytes of a file. Out: the machine it is for, or why it will not do. Never: trusts a number
//! in the file, reads past its end.
//!
//! The format: <https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html>

use std::fmt;

use thiserror::Error;

/// Why a program cannot be the image's only file; said behind its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProgramError {
    /// No ELF file, or one of another operating system.
    #[error("is not a Linux program")]
    NotLinux,
    /// It asks for a loader, and libraries, that the image does not have.
    #[error("is dynamically linked")]
    Dynamic,
    /// A machine that there is no release for.
    #[error("is for neither x86_64 nor aarch64")]
    Machine,
    /// Its header speaks of more than there is.
    #[error("is cut short")]
    CutShort,
}

/// The machine that a program is for, as images spell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// x86_64.
    Amd64,
    /// aarch64.
    Arm64,
}

impl fmt::Display for Architecture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        })
    }
}

/// 64 bits, little-endian, ELF's first version.
const IDENTITY: &[u8] = b"\x7fELF\x02\x01\x01";
/// Where the operating system is named: System V, which is to say none in particular, or GNU/Linux.
const OS_OFFSET: usize = 7;
const LINUX: [u8; 2] = [0, 3];

/// `e_type`: a program at fixed addresses, or anywhere.
const TYPE_OFFSET: usize = 16;
const EXECUTABLE: u16 = 2;
const SHARED: u16 = 3;

const MACHINE_OFFSET: usize = 18;
const X86_64: u16 = 62;
const AARCH64: u16 = 183;

/// Where the program headers are, how long one is, and how many there are.
const HEADERS_OFFSET: usize = 32;
const HEADER_SIZE_OFFSET: usize = 54;
const HEADER_COUNT_OFFSET: usize = 56;

/// `p_type`: a part that is loaded, and the name of the loader.
const LOAD: u32 = 1;
const INTERPRETER: u32 = 3;
const PART_OFFSET: usize = 8;
const PART_SIZE_OFFSET: usize = 32;

/// Tells what machine a program is for.
///
/// # Errors
/// When it would not run alone.
pub(super) fn inspect(bytes: &[u8]) -> Result<Architecture, ProgramError> {
    let is_linux =
        bytes.starts_with(IDENTITY) && bytes.get(OS_OFFSET).is_some_and(|os| LINUX.contains(os));
    if !is_linux {
        return Err(ProgramError::NotLinux);
    }
    let kind = half(bytes, TYPE_OFFSET).ok_or(ProgramError::CutShort)?;
    if kind != EXECUTABLE && kind != SHARED {
        return Err(ProgramError::NotLinux);
    }
    let architecture = match half(bytes, MACHINE_OFFSET).ok_or(ProgramError::CutShort)? {
        X86_64 => Architecture::Amd64,
        AARCH64 => Architecture::Arm64,
        _ => return Err(ProgramError::Machine),
    };
    check_headers(bytes)?;
    Ok(architecture)
}

/// Goes through the program headers: all parts are there, and none names a loader.
fn check_headers(bytes: &[u8]) -> Result<(), ProgramError> {
    let first = wide(bytes, HEADERS_OFFSET).ok_or(ProgramError::CutShort)?;
    let size = half(bytes, HEADER_SIZE_OFFSET).ok_or(ProgramError::CutShort)?;
    let count = half(bytes, HEADER_COUNT_OFFSET).ok_or(ProgramError::CutShort)?;
    let mut is_loaded = false;
    for index in 0..usize::from(count) {
        let header = index
            .checked_mul(usize::from(size))
            .and_then(|offset| first.checked_add(offset))
            .and_then(|offset| bytes.get(offset..))
            .ok_or(ProgramError::CutShort)?;
        match word(header, 0).ok_or(ProgramError::CutShort)? {
            INTERPRETER => return Err(ProgramError::Dynamic),
            LOAD => {
                is_whole(bytes, header).ok_or(ProgramError::CutShort)?;
                is_loaded = true;
            }
            _ => {}
        }
    }
    if is_loaded {
        Ok(())
    } else {
        Err(ProgramError::NotLinux)
    }
}

/// Something, if the part that this header speaks of is in the file.
fn is_whole(bytes: &[u8], header: &[u8]) -> Option<()> {
    let start = wide(header, PART_OFFSET)?;
    let end = start.checked_add(wide(header, PART_SIZE_OFFSET)?)?;
    bytes.get(start..end).map(|_| ())
}

fn half(bytes: &[u8], offset: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(offset..)?.first_chunk()?))
}

fn word(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(offset..)?.first_chunk()?))
}

fn wide(bytes: &[u8], offset: usize) -> Option<usize> {
    let value = u64::from_le_bytes(*bytes.get(offset..)?.first_chunk()?);
    usize::try_from(value).ok()
}
