import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `<data>/server.json`: how to reach the server that holds this data folder. Readable by its owner only. */
export interface ServerFile {
  readonly pid: number;
  readonly url: string;
  readonly sqlUrl: string | null;
  readonly token: string;
}

/** `undefined` where there is none, or none that can be read: a crash may leave anything. */
export const readServerFile = (dataDir: string): ServerFile | undefined => {
  try {
    const { pid, url, sqlUrl, token } = JSON.parse(
      readFileSync(join(dataDir, 'server.json'), 'utf8'),
    ) as Partial<ServerFile>;
    if (typeof pid !== 'number' || typeof url !== 'string' || typeof token !== 'string') return undefined;
    return { pid, url, sqlUrl: typeof sqlUrl === 'string' ? sqlUrl : null, token };
  } catch {
    return undefined;
  }
};

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
