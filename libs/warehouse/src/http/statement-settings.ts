/** One insert, one part, on the disk before it is answered: what resuming by position rests on. */
const insertSettings = {
  async_insert: 0,
  max_insert_threads: '1',
  min_insert_block_size_rows: '4000000',
  min_insert_block_size_bytes: '0',
  max_insert_block_size: '4000000',
} as const;

/** On a cluster an insert is answered when most replicas have it, and each of them tells all of it when asked. */
const clusterInsertSettings = {
  distributed_foreground_insert: 1,
  insert_quorum: 'auto',
  insert_quorum_parallel: 0,
} as const;
const clusterReadSettings = { select_sequential_consistency: '1', distributed_product_mode: 'global' } as const;

export const insertSettingsOf = (cluster: string | undefined) =>
  cluster === undefined ? insertSettings : { ...insertSettings, ...clusterInsertSettings };

/**
 * An answer is begun when it is whole, so that what fails half-way says so by its status and never by a row; meanwhile a
 * header now and then keeps the connection from being taken for dead.
 */
export const wholeAnswer = {
  wait_end_of_query: 1,
  http_write_exception_in_output_format: 0,
  send_progress_in_http_headers: 1,
  http_headers_progress_interval_ms: '30000',
} as const;

/**
 * Of a statement that may write a few rows of its own: they are in the table when it is answered. Servers from 26.2 on gather
 * inserts unless told otherwise, and a profile may say that nobody waits for it.
 */
export const commandSettings = { async_insert: 0 } as const;

/** Of any other statement. */
export const clusterSettingsOf = (cluster: string | undefined) => (cluster === undefined ? {} : clusterReadSettings);
