import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const LOWEST = 20_000;
const EPHEMERAL_FROM = 32_768;
const TRIES = 100;

/** Where the ports begin that the system gives to connections that leave this machine. */
const ephemeralFrom = () => {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/)[0]);
  } catch {
    return EPHEMERAL_FROM;
  }
};

const isFree = (port, host) =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (failure) => (failure.code === 'EADDRINUSE' ? resolve(false) : reject(failure)));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });

const given = new Set();

/**
 * A port that nobody listens on now, at an address of this machine. It is none of those that the system gives to
 * outgoing connections: one of these would be taken by any connection made before the server listens, or while it is
 * down to be started again. A process gets each port once.
 */
export const freePort = async (host = '127.0.0.1') => {
  const from = ephemeralFrom();
  const highest = from > LOWEST + 1_000 ? from : EPHEMERAL_FROM;
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(LOWEST, highest);
    if (given.has(port) || !(await isFree(port, host))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port between ${LOWEST} and ${highest} at ${host}: end what listens there`);
};
