import { join } from 'node:path';
import { type Clock } from '@tributary/kernel';
import { type ChdbWarehouse, sqlListener, type SqlListener } from '@tributary/warehouse';
import { AccessKeys, keyId } from '../access/access-keys.js';
import { isForeignFetch, isForwarded, isLoopback, isOwnHost, isOwnOrigin } from '../access/own-origin.js';
import { type WarehouseStart } from './warehouse-messages.js';

/** ClickHouse's interface with the keys of the other doors: any role may ask, and on loopback whoever is on this machine. */
export const openSqlDoor = async (
  warehouse: ChdbWarehouse,
  { dataDir, host, sqlPort, token, plan }: Pick<WarehouseStart, 'dataDir' | 'host' | 'sqlPort' | 'token' | 'plan'>,
  clock: Clock,
): Promise<SqlListener> => {
  const keys = await AccessKeys.open(join(dataDir, 'access-keys.json'), clock);
  keys.admit(token.text, token.grant);
  const isLocal = isLoopback(host);
  let listener: SqlListener | undefined;
  return (listener = await sqlListener({
    warehouse,
    host,
    port: sqlPort,
    limits: { maxMemory_bytes: plan.question_bytes },
    authorize: ({ user, password, absent }, { headers }) => {
      const open = isLocal && !isForwarded(headers);
      if (absent) return open;
      const key = [password, user].find((text) => keys.find(text)?.kind === 'role');
      if (key !== undefined) return keyId(key);
      // On loopback reads are open, and clients that always send a user are not turned away. Of one who has no password
      // ClickHouse takes any, and JDBC that is told none sends `null`.
      return open && user === 'default';
    },
    accepts: ({ headers }) =>
      !isLocal ||
      (isOwnHost(headers.host, listener?.port ?? 0) &&
        isOwnOrigin(headers.origin, headers.host) &&
        !isForeignFetch(headers)),
  }));
};
