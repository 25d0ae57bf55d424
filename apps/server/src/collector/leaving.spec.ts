import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as passing } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import {
  basic,
  bearer,
  openTestServer,
  own,
  searched,
  type TestOptions,
  type TestServer,
} from '../testing/test-server.js';

let it: TestServer;
let port: number;
afterEach(() => it.close());

const open = async (options: TestOptions = {}): Promise<void> => {
  it = await openTestServer(options);
  await it.server.fastify.listen({ host: '127.0.0.1', port: 0 });
  port = (it.server.fastify.server.address() as AddressInfo).port;
};

const send = async (body: Buffer, encoding: string): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.write(
    `POST /v1/touchpoints HTTP/1.1\r\nhost: localhost:${port}\r\nauthorization: ${basic(it.write).authorization}\r\n` +
      `content-type: application/json\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  socket.write(body);
  return socket;
};

const held_bytes = async (): Promise<number> => {
  const { body } = await it.server.fastify.inject({
    url: '/metrics',
    headers: { ...own, ...bearer(it.admin) },
  });
  return Number(/^tributary_door_in_flight_bytes (\d+)$/m.exec(body)?.[1]);
};

/** Whether it comes to that within some seconds. */
const comesTo = async (wanted: number): Promise<number> => {
  for (let attempt = 0; attempt < 500 && (await held_bytes()) !== wanted; attempt++) await passing(10);
  return held_bytes();
};

describe('a client that leaves', () => {
  test('while its body is inflated leaves nothing behind that the door would hold for ever', async () => {
    await open();
    const items = Array.from({ length: 3_000 }, (_, index) => searched(`${index} ${Math.random()}`, 'x'.repeat(300)));
    const body = gzipSync(JSON.stringify(items));
    for (let delay_ms = 0; delay_ms < 20; delay_ms += 2) {
      const socket = await send(body, 'gzip');
      await passing(delay_ms);
      socket.resetAndDestroy();
    }
    expect(await comesTo(0)).toBe(0);
  });

  test('has its body counted for as long as the door works on it', async () => {
    let acknowledge = (): void => undefined;
    const acknowledged = new Promise<void>((resolve) => (acknowledge = resolve));
    await open({
      log: (log) =>
        new Proxy(log, {
          get: (target, name) =>
            name === 'append'
              ? () => acknowledged
              : (Reflect.get(target, name) as (...args: unknown[]) => unknown).bind?.(target),
        }),
    });
    const body = Buffer.from(JSON.stringify(searched('m1')));
    const socket = await send(body, 'identity');
    expect(await comesTo(body.length)).toBe(body.length);
    socket.resetAndDestroy();
    await passing(100);
    expect(await held_bytes()).toBe(body.length);
    acknowledge();
    expect(await comesTo(0)).toBe(0);
  });
});
