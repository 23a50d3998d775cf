pub(crate) const ABI_HASH: [u8; 64] = *b"f1ebd0d512d7edba7f37546969b58d679e4767a3aee9029585a7d2c5ca5cce8e";
