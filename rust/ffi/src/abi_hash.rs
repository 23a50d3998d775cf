pub(crate) const ABI_HASH: [u8; 64] = *b"8090e91559662fb44e326f38638b29b7fe4e866bc5a114a1e1b9dec82e1b4d15";
