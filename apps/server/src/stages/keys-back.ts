/** Of a vault that was restored from before erasures. */
export const KEYS_BACK =
  'the vault was set back to an older state, in which keys of erased people were again: they are destroyed again, and so they must be in its backups';
