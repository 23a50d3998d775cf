pub(crate) const ABI_HASH: [u8; 64] = *b"44975450cf6b6a379463479199574d695f0c589bf2556ffd2a598b3bebd5cff1";
