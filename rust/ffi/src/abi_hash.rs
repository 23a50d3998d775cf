pub(crate) const ABI_HASH: [u8; 64] = *b"ff7967bb9309b4d42774fcdb7a0bc9de6bb048db6a90bbdbd33e81e2e3f804c3";
