import { createServer } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import { refuseUnreadable } from './refuse-unreadable.js';
import { MAX_QUERY_BYTES } from './request-body.js';
import { serveRequests, type ServingOptions } from './serve-requests.js';
import { statementGuard } from './statement-guard.js';

export interface SqlListenerOptions extends ServingOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

export interface SqlListener {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Answers under way may end; then the connections are cut. */
const CLOSE_PATIENCE_MS = 2_000;

/** Parameters stand in the address, and a list of ids is long; Node's own bound of 16 KB is that of four hundred. */
const MAX_HEAD_BYTES = MAX_QUERY_BYTES + 16_384;

/**
 * A read-only door that speaks ClickHouse's HTTP interface. Five things keep it read-only: the engine's own parser (one
 * statement, of a kind that changes nothing), the guard for what that lets through, a connection without any grant but
 * to read this database, `readonly = 1` on it, under limits of time, memory and size, and the engine's configuration, which
 * closes what no grant covers.
 */
export const sqlListener = async (options: SqlListenerOptions): Promise<SqlListener> => {
  const { warehouse } = options;
  const names = async (table: string): Promise<string[]> =>
    (await warehouse.query<{ name: string }>(`SELECT name FROM system.${table}`)).map(({ name }) => name);
  const guard = statementGuard(await names('table_functions'), await names('functions'));
  const serve = serveRequests(options, guard);

  const server = createServer({ requestTimeout: 30_000, maxHeaderSize: MAX_HEAD_BYTES }, (request, response) => {
    response.on('error', () => {});
    serve(request, response).catch(() => response.destroy());
  });
  server.on('clientError', (error, socket) => refuseUnreadable(error, socket as Socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    host: address,
    port,
    close: () =>
      new Promise((resolve) => {
        const patience = setTimeout(() => server.closeAllConnections(), CLOSE_PATIENCE_MS);
        server.close(() => {
          clearTimeout(patience);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
};
