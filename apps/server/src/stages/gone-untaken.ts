/** Of records that are no more in the log, to whoever may still have them. */
export const GONE_UNTAKEN =
  'touchpoints were dropped by the log’s retention before any processor took them: their effect is lost; send those that you still have again';
