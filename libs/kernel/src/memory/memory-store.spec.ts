import { documentsContract } from '../ports/documents.contract.js';
import { effectsContract } from '../ports/effects.contract.js';
import { eventStoreContract } from '../ports/event-store.contract.js';
import { keyVaultContract } from '../ports/key-vault.contract.js';
import { logContract } from '../ports/log.contract.js';
import { memoryStore } from './memory-store.js';

const close = async (): Promise<void> => undefined;

logContract('memory', async () => ({ log: memoryStore().log, close }));
eventStoreContract('memory', async () => ({ events: memoryStore().events, close }));
documentsContract('memory', async () => ({ ...memoryStore(), close }));
keyVaultContract('memory', async () => ({ vault: memoryStore().vault, close }));
effectsContract('memory', async () => ({ ...memoryStore(), transactional: false, close }));
