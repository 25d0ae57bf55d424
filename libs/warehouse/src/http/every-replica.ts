import { EngineError } from '@tributary/kernel';
import { rowsOfText } from '../rows-of-text.js';

const ENGINE = 'clickhouse';

/** What a server says of each replica that was to carry out a statement ON CLUSTER. */
interface ReplicaStatus {
  readonly host: string;
  readonly port: number;
  /** `null`: it has not answered. */
  readonly status: number | null;
}

/**
 * Of a statement ON CLUSTER. The server waits for all replicas, by itself for 180 s; a client that waits less is told nothing by
 * it. Here it gives up long before the client does, and by this mode says then which replicas have not answered: in the others
 * it says how many.
 */
export const everyReplicaSettingsOf = (cluster: string | undefined, requestTimeout_ms: number) =>
  cluster === undefined
    ? {}
    : ({
        distributed_ddl_task_timeout: String(Math.max(1, Math.floor(requestTimeout_ms / 2_000))),
        distributed_ddl_output_mode: 'null_status_on_timeout',
        // What fails says so by its status, and never after some rows.
        wait_end_of_query: 1,
        default_format: 'JSONEachRow',
      } as const);

/** @throws EngineError (retriable) that names the replicas which have not answered */
export const requireEveryReplica = (answer: string): void => {
  const silent = rowsOfText<Partial<ReplicaStatus>>(answer).filter(
    ({ host, status }) => host !== undefined && status === null,
  );
  if (silent.length === 0) return;
  const named = silent.map(({ host, port }) => `${host}:${port}`).join(', ');
  throw new EngineError(
    ENGINE,
    'retriable',
    `these replicas have not answered a statement for the whole cluster: ${named}. Start them, or take them out of the cluster’s configuration; the others have carried it out`,
  );
};
