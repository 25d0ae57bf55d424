import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { openEventStoreDB } from '@tributary/eventstoredb';

describe('a wrong address of an EventStoreDB', () => {
  const listening = async (server: Server): Promise<number> => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  };
  const complaint = async (url: string): Promise<string> => {
    const begun = Date.now();
    const store = await openEventStoreDB({ url, answer_ms: 800, connect_ms: 500, readAttempts: 3 });
    const error: unknown = await store.ping().catch((reason: unknown) => reason);
    await store.close();
    expect(error).toMatchObject({ failure: 'retriable' });
    expect(Date.now() - begun).toBeLessThan(2_500);
    expect(String(error)).not.toContain('secret');
    return String(error);
  };

  it('where nothing listens is told at once, with the place and the reason', async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await complaint(`esdb://me:secret@127.0.0.1:${port}?tls=false`)).toMatch(
      new RegExp(`no connection to 127.0.0.1:${port} within 500 ms: .*ECONNREFUSED`),
    );
  });

  it('where another protocol is spoken, too', async () => {
    const server = createHttp((_, response) => response.end('hi'));
    const port = await listening(server);
    expect(await complaint(`esdb://me:secret@127.0.0.1:${port}?tls=false`)).toMatch(
      new RegExp(`no connection to 127.0.0.1:${port} within 500 ms: \\w`),
    );
    server.closeAllConnections();
    server.close();
  });

  it.each(['esdb', 'esdb+discover'])('where nobody answers (%s), too', async (scheme) => {
    const server = createServer((socket) => void socket.on('error', () => undefined).resume());
    const port = await listening(server);
    expect(await complaint(`${scheme}://me:secret@127.0.0.1:${port}?tls=false`)).toContain(
      `127.0.0.1:${port} within 500`,
    );
    server.close();
  });
});
