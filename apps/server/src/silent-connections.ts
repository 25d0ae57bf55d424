import { type Server } from 'node:http';
import { type Socket } from 'node:net';

/**
 * Connections on which no request has begun: browsers and HTTP clients open spare ones. Node counts them as busy until
 * its header timeout, so a server that closes would wait a minute for somebody who never meant to say anything.
 * Answers how to end them, once the server listens no more.
 */
export const watchSilentConnections = (server: Server): (() => void) => {
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }) => void silent.delete(socket));
  return () => {
    for (const socket of silent) socket.destroy();
  };
};
