pub(crate) const ABI_HASH: [u8; 64] = *b"9871534e0a50cee1f040b61d284ab1c8fd5f033d661a465a5b5b2dece6e6d24e";
