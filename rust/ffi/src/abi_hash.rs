pub(crate) const ABI_HASH: [u8; 64] = *b"c8c2355c3657b52e8089795af72a0468a5fbacd45ee4e79b2841aed4524ae515";
