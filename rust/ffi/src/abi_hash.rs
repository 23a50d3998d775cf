pub(crate) const ABI_HASH: [u8; 64] = *b"24d5e4a4a0625808f4a1e6683d99d156f3e77b40682a0c80ffc5a0ed9e7ba8fa";
