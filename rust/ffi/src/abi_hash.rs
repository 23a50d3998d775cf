pub(crate) const ABI_HASH: [u8; 64] = *b"5af268ef2279254a24020161a240c63ff4cb71404cd41cfeee3f3b6c399806d9";
