import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { type Fault, FaultProxy, kafkaClientOf } from './proxy.js';

/** Answers each message with itself, and keeps what it was sent. */
let echo: Server;
let taken: string;
let proxy: FaultProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  taken = '';
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      taken += bytes.toString();
      socket.write(bytes);
    });
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const { port } = echo.address() as { port: number };
  proxy = await FaultProxy.open({ target: () => port });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

const client = async (): Promise<Socket> => {
  const socket = connect(proxy.port, '127.0.0.1');
  clients.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};
const said = async (socket: Socket, text: string, patience_ms = 5_000): Promise<string | null> => {
  let got = '';
  const hear = (bytes: Buffer): string => (got += bytes.toString());
  socket.on('data', hear);
  socket.write(text);
  for (const late = performance.now() + patience_ms; got.length < text.length && performance.now() < late;)
    await sleep(5);
  socket.off('data', hear);
  return got === '' ? null : got;
};
const ended = (socket: Socket): Promise<boolean> =>
  Promise.race([new Promise<boolean>((resolve) => socket.once('close', () => resolve(true))), sleep(1_000, false)]);

it('is not noticed without a fault', async () => {
  expect(await said(await client(), 'hello')).toBe('hello');
});

it('delays, and keeps the order', async () => {
  const socket = await client();
  proxy.begin({ type: 'latency', delay_ms: 60 });
  const began = performance.now();
  socket.write('one');
  expect(await said(socket, 'two', 1_000)).toMatch(/^one/);
  expect(performance.now() - began).toBeGreaterThan(115);
  proxy.heal();
  await sleep(200);
  expect(taken).toBe('onetwo');
});

it('slows down', async () => {
  const socket = await client();
  proxy.begin({ type: 'slow', rate_bytes_per_s: 2_000 });
  socket.write('x'.repeat(600));
  await sleep(150);
  expect(taken.length).toBeLessThan(600);
  await sleep(400);
  expect(taken.length).toBe(600);
});

it.each<Fault>([{ type: 'cut' }, { type: 'reset', after_ms: 20 }])('ends connections ($type)', async (fault) => {
  const standing = await client();
  expect(await said(standing, 'a')).toBe('a');
  const gone = ended(standing);
  proxy.begin(fault);
  expect(await gone).toBe(true);
  expect(await ended(await client())).toBe(true);
  proxy.heal();
  expect(await said(await client(), 'b')).toBe('b');
});

it('leaves who stands on a half-open connection there for ever', async () => {
  const standing = await client();
  expect(await said(standing, 'a')).toBe('a');
  proxy.begin({ type: 'halfOpen' });
  expect(await said(await client(), 'b', 300)).toBe(null);
  proxy.heal();
  expect(await said(standing, 'c', 300)).toBe(null);
  expect(standing.destroyed).toBe(false);
  expect(await said(await client(), 'd')).toBe('d');
  expect(taken).toBe('ad');
});

it('lets the server do its work, and loses the answer', async () => {
  const standing = await client();
  expect(await said(standing, 'a')).toBe('a');
  proxy.begin({ type: 'lostAnswer', after_ms: 0, lost_ms: 150 });
  await sleep(10);
  const gone = ended(standing);
  expect(await said(standing, 'b', 100)).toBe(null);
  expect(taken).toBe('ab');
  expect(await gone).toBe(true);
});

it('knows clients of Kafka by name', () => {
  const name = 'tributary-loader';
  const header = Buffer.alloc(14 + name.length);
  header.writeInt16BE(18, 4);
  header.writeInt16BE(name.length, 12);
  header.write(name, 14);
  expect(kafkaClientOf(header)).toBe(name);
  expect(kafkaClientOf(Buffer.from('short'))).toBe('');
});
