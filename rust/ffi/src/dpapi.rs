//! What Windows protects for an account (DPAPI). Compiled for Windows only; what was run of it: docs/platforms.md.

use std::io;
use std::ptr::null;
use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Cryptography::{CryptUnprotectData, CRYPTPROTECT_UI_FORBIDDEN, CRYPT_INTEGER_BLOB};
use zeroize::{Zeroize, Zeroizing};

/// Opens a blob of `CryptProtectData`, as `ConvertFrom-SecureString` makes it: of this account or of this machine, without entropy, never asking.
///
/// # Errors
/// What Windows says: most often that another account or another machine made it.
pub(crate) fn unprotect(blob: &[u8]) -> io::Result<Zeroizing<Vec<u8>>> {
    let length = u32::try_from(blob.len()).map_err(io::Error::other)?;
    let input = CRYPT_INTEGER_BLOB { cbData: length, pbData: blob.as_ptr().cast_mut() };
    let mut output = CRYPT_INTEGER_BLOB { cbData: 0, pbData: std::ptr::null_mut() };
    // SAFETY: both blobs live until the call returns, and Windows only reads the input; null is permitted for all that is null here.
    let done = unsafe {
        CryptUnprotectData(&input, std::ptr::null_mut(), null(), null(), null(), CRYPTPROTECT_UI_FORBIDDEN, &mut output)
    };
    if done == 0 || output.pbData.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: Windows gave so many bytes, which are ours until LocalFree.
    let plain = unsafe { std::slice::from_raw_parts_mut(output.pbData, output.cbData as usize) };
    let kept = Zeroizing::new(plain.to_vec());
    plain.zeroize();
    // SAFETY: CryptUnprotectData allocated it, and it is not used again.
    unsafe { LocalFree(output.pbData.cast()) };
    Ok(kept)
}
