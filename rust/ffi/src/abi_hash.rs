pub(crate) const ABI_HASH: [u8; 64] = *b"5c25f673de25843a9310f72996bf982d86fd550f0dffb3b664bf59cf9cd9f996";
