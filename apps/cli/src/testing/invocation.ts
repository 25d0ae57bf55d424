import { afterEach, beforeEach } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { type ExitCode } from '../exit-code.js';
import { run } from '../run.js';
import { type AccessKeys, type Grant, type KeyInfo } from '../server/access.js';
import { type StartPlatform } from '../server/platform.js';
import { FakeServer } from './fake-server.js';

export interface Ended {
  readonly exit: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** For each test of a suite: command lines, and the server that they find running. */
export const withServer = (): { readonly server: FakeServer; readonly cli: Invocations } => {
  const now = { server: undefined as unknown as FakeServer, cli: undefined as unknown as Invocations };
  beforeEach(async () => {
    now.server = new FakeServer();
    await now.server.listen();
    now.cli = new Invocations();
    now.cli.serveBy(now.server);
  });
  afterEach(async () => {
    await now.server.close();
    now.cli.remove();
  });
  return now;
};

/** Command lines on a data folder of their own. */
export class Invocations {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'tributary-cli-'));
  readonly interrupt = new AbortController();
  readonly keys = new MemoryKeys();
  startPlatform: StartPlatform = () => Promise.reject(new Error('no platform is to be started here'));

  /** As if this server ran on the folder, in this process. */
  serveBy(server: FakeServer, token = server.token): void {
    writeFileSync(
      join(this.dataDir, 'server.json'),
      JSON.stringify({ pid: process.pid, url: server.url, sqlUrl: server.url, token }),
    );
  }

  async run(argv: readonly string[], stdin = ''): Promise<Ended> {
    const [out, err] = [new PassThrough(), new PassThrough()];
    const exit = await run([...argv, '--data', this.dataDir], {
      stdin: Readable.from([stdin]),
      stdout: out,
      stderr: err,
      interrupted: this.interrupt.signal,
      startPlatform: this.startPlatform,
      startRole: () => Promise.reject(new Error('no role is to be started here')),
      openAccessKeys: async () => this.keys,
    });
    return { exit, out: textIn(out), err: textIn(err) };
  }

  remove(): void {
    rmSync(this.dataDir, { recursive: true });
  }
}

const textIn = (stream: PassThrough): string => ((stream.read() as Buffer | null) ?? Buffer.alloc(0)).toString('utf8');

export class MemoryKeys implements AccessKeys {
  readonly #made: KeyInfo[] = [];

  async create(grant: Grant) {
    const info = { id: String(this.#made.length).padStart(12, '0'), grant, createdAt: '2026-01-01T00:00:00.000Z' };
    this.#made.push(info);
    return { key: `trib_test_${info.id}`, info };
  }

  async revoke(id: string) {
    const at = this.#made.findIndex((key) => key.id === id);
    if (at >= 0) this.#made.splice(at, 1);
    return at >= 0;
  }

  list() {
    return this.#made;
  }
}
