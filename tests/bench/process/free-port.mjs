import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port that nobody holds now: requests are made whole, Host header and all, before their server starts. */
export const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
};
