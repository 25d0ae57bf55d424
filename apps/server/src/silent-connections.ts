import { type Server, type ServerResponse } from 'node:http';
import { type Socket } from 'node:net';

/**
 * Connections that say nothing, and that a server which closes would wait for. On some no request has begun: browsers and HTTP
 * clients open spare ones, which Node counts as busy until its header timeout, a minute. Others are kept for a next request
 * after the answer to one that was in hand when the server closed: Node ends only those that were idle at that moment, and
 * leaves these to their keep-alive timeout, more than a minute. Answers how to end both, once the server listens no more; an
 * answer that has not gone out whole is waited for, which `closeIdleConnections` would not do.
 */
export const watchSilentConnections = (server: Server): (() => void) => {
  const silent = new Set<Socket>();
  const newest = new WeakMap<Socket, ServerResponse>();
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    silent.delete(socket);
    newest.set(socket, response);
    response.once('finish', () => {
      if (newest.get(socket) === response && !socket.destroyed) silent.add(socket);
    });
  });
  return () => {
    for (const socket of silent) socket.destroy();
  };
};
