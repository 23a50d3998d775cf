pub(crate) const ABI_HASH: [u8; 64] = *b"1ede67354cd2d198e15629385750ebaa363ed0d2f1c7bfda13f781c5df565ac5";
