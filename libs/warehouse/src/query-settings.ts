import { type QueryOptions } from '@tributary/kernel';

/** Within what a statement has to stay, in the engine's words; 64-bit numbers as its HTTP interface takes them. */
export const limitsOf = ({ timeout_ms, maxMemory_bytes, readonly }: QueryOptions) => ({
  // The engine counts whole seconds.
  ...(timeout_ms === undefined ? {} : { max_execution_time: Math.max(1, Math.ceil(timeout_ms / 1000)) }),
  ...(maxMemory_bytes === undefined ? {} : { max_memory_usage: String(maxMemory_bytes) }),
  ...(readonly ? { readonly: '1' } : {}),
});

/** The same for a question: its answer has 64-bit integers as numbers and decimals as texts (see `rowsOfText`). */
export const answerSettingsOf = (options: QueryOptions) => ({
  output_format_json_quote_64bit_integers: 0 as const,
  output_format_json_quote_decimals: 1 as const,
  ...limitsOf(options),
});
