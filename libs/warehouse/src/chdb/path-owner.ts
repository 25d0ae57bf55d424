import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const fileOf = (path: string): string => join(path, 'tributary', 'owner.json');

export const claimPath = (path: string): void => writeFileSync(fileOf(path), JSON.stringify({ pid: process.pid }));
export const leavePath = (path: string): void => rmSync(fileOf(path), { force: true });

/**
 * The process that holds the path, if one does. The lock itself is the engine's and ends with its process; the pid
 * beside it is only for the message.
 */
export const ownerOf = (path: string): number | undefined => {
  try {
    const { pid } = JSON.parse(readFileSync(fileOf(path), 'utf8')) as { pid: number };
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
};
