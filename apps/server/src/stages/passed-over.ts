/** Of a record that is no command, which no door of ours writes. */
export const PASSED_OVER =
  'a record among the commands is none and was passed over; the commands behind it are carried out: whoever writes to that topic must do so through the API';
