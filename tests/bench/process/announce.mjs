import { once } from 'node:events';

/** Listens at any free port, says so to whoever started us, and on SIGTERM takes nothing more before it ends. */
export const announce = async (server, end) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`);
  process.once('SIGTERM', async () => {
    server.close();
    server.closeAllConnections();
    await end();
  });
};
