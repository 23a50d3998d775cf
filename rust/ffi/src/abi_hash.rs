pub(crate) const ABI_HASH: [u8; 64] = *b"2fef16e7bea7404ec4d4a54567470bbb21f9972bb1d24433468311cca6dc0049";
