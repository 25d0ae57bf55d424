import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const clients = ['kafkajs', '@eventstore/db-client', '@grpc/grpc-js', 'ioredis', '@clickhouse/client', 'chdb'];

/** In a process of its own: which of the clients are loaded once `script` has run there. */
const loadedBy = async (script: string): Promise<readonly string[]> => {
  const told = `
    import Module from 'node:module';
    ${script}
    console.log(JSON.stringify(${JSON.stringify(clients)}.filter((name) =>
      Object.keys(Module._cache).some((file) => file.includes('/node_modules/' + name + '/')))));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', told], {
    cwd: new URL('.', import.meta.url),
  });
  return JSON.parse(stdout) as readonly string[];
};
const server = `await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});`;

it('a process whose settings name no engine loads no client of one', async () => {
  expect(await loadedBy(server)).toEqual([]);
});

it('a client is loaded by whoever opens its engine', async () => {
  const opening = `${server}
    const { openRedis } = await import('@tributary/redis');
    await openRedis('redis://127.0.0.1:1').catch(() => undefined);`;
  expect(await loadedBy(opening)).toEqual(['ioredis']);
});
