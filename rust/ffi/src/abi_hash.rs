pub(crate) const ABI_HASH: [u8; 64] = *b"2f1cefa08745535b96bb91e1e34e1d5e576f73f56744f480f149e62fe0d2097e";
