import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openEventStoreDB } from '@tributary/eventstoredb';
import { startDouble, type Double } from '../eventstoredb-double/double.js';
import { Ledger } from '../eventstoredb-double/ledger.js';

let dir: string;
let double: Double;
const password = 'p@ss word';
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tributary-esdb-tls-'));
  const [key, certificate] = [join(dir, 'key.pem'), join(dir, 'ca.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate];
  execFileSync('openssl', [...made, ...subject], { stdio: 'pipe' });
  const security = { key: readFileSync(key), certificate: readFileSync(certificate), user: 'tributary', password };
  double = await startDouble(new Ledger(), security);
});
afterAll(async () => {
  await double.stop();
  rmSync(dir, { recursive: true });
});

const url = (user: string, scheme = 'esdb') =>
  `${scheme}://${user}@localhost:${double.gate.port}?tls=true&tlsCAFile=${encodeURIComponent(join(dir, 'ca.pem'))}`;
const right = `tributary:${encodeURIComponent(password)}`;
const write = async (address: string): Promise<void> => {
  const store = await openEventStoreDB({ url: address, connect_ms: 1_000, answer_ms: 1_000, readAttempts: 2 });
  const event = { id: randomUUID(), type: 'Happened', data: new Uint8Array(1), metadata: { recordedAt: 1 } };
  const stream = `tls-${randomUUID()}`;
  try {
    await store.events.append([{ stream, expectedRevision: -1, events: [event] }]);
    expect(await store.events.readStream(stream, 0, 10)).toHaveLength(1);
  } finally {
    await store.close();
  }
};

it('works over TLS with a user and a certificate authority of its own', () => write(url(right)));

it('finds the leader of a cluster', () => write(url(right, 'esdb+discover')));

it('says that the user is wrong, which repeating does not mend, without the password', async () => {
  const refused = await write(url('tributary:wrong-secret')).catch((error: unknown) => error);
  expect(refused).toMatchObject({ failure: 'fatal' });
  expect(String(refused)).not.toContain('wrong-secret');
});

it('does not talk to a server whose certificate it cannot check', async () => {
  const unchecked = `esdb://${right}@localhost:${double.gate.port}?tls=true`;
  await expect(write(unchecked)).rejects.toMatchObject({
    failure: 'retriable',
    message: expect.stringMatching(/certificate/) as unknown,
  });
});
