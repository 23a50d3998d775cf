pub(crate) const ABI_HASH: [u8; 64] = *b"a745693f9e5d4403f6d95de02e3250fd0d90cb02f40caeb46cb222c9f68c57b5";
