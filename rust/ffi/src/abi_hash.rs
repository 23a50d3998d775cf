pub(crate) const ABI_HASH: [u8; 64] = *b"5545ede8a795c36b1a4453253c95a4816333a9ba27fcfe7df9236ae795120223";
