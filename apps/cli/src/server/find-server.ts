import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';
import { openExchange } from '../http/exchange.js';
import { isAlive, readServerFile, type ServerFile } from './server-file.js';

const ANSWER_MS = 10_000;

/**
 * The server that runs on this data folder; `undefined` if none does. A file left by a crash is told by its process,
 * or by the token: another folder's server may have taken the port since.
 * @throws Failure (unreachable) where the server is there and hangs
 */
export const findServer = async (dataDir: string): Promise<ServerFile | undefined> => {
  const file = readServerFile(dataDir);
  if (!file || !isAlive(file.pid)) return undefined;
  const exchange = openExchange(file.url, file.token);
  const ask = (path: string) => exchange.send({ method: 'GET', path, timeout_ms: ANSWER_MS });
  try {
    if ((await ask('/health/live')).status !== 200) return undefined;
    // A small read that looks at the key, which the health check does not.
    return (await ask('/registry/schemas/types')).status === 401 ? undefined : file;
  } catch (error) {
    if ((error as { code?: string }).code === 'ETIMEDOUT')
      throw new Failure(
        ExitCode.unreachable,
        `process ${file.pid} serves this data folder and does not answer`,
        'wait, or end that process and try again',
        { cause: error },
      );
    return undefined;
  } finally {
    exchange.close();
  }
};
