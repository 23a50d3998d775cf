pub(crate) const ABI_HASH: [u8; 64] = *b"d7f388ec9867071efc5fae3f91ccee603edabd481707b66f44d4fbaf0b1d6be4";
