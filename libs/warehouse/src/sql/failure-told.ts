import { StatementFailed } from '../warehouse-errors.js';
import { Refused } from './refused.js';

/** A failure as whoever asked is told it: ClickHouse's code, and its text in ClickHouse's form. */
export const failureTold = (error: unknown): { readonly code: number; readonly exception: string } => {
  if (error instanceof Refused)
    return { code: error.code, exception: `Code: ${error.code}. DB::Exception: ${error.message} (${error.type})` };
  if (error instanceof StatementFailed) return { code: error.code, exception: error.exception };
  return { code: 1002, exception: `Code: 1002. DB::Exception: The warehouse cannot answer now. (UNKNOWN_EXCEPTION)` };
};
