import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type LogRecord } from '@tributary/kernel';
import { invalid, Refusal } from '../refusal.js';
import { answer } from '../answer.js';
import { type Door } from './door.js';
import { type DoorLimits } from './door-limits.js';
import { RecentKeys } from './recent-keys.js';
import { type Quarantined, quarantineRecord, type QuarantineReason } from './quarantine.js';

/** `POST /v1/quarantine`: what a file's rows held that could not be understood, from the importer. */
export const quarantineDoor = (door: Door, limits: DoorLimits) => {
  const recent = new RecentKeys(door.deps.log);
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { channel, body } = await door.arrive(request, limits.native_bytes);
    const items = (body as { items?: unknown } | null)?.items;
    if (!Array.isArray(items))
      throw invalid('items', 'the body has no list of items', 'send { "items": [{ reason, position, bytes }] }');
    if (items.length > limits.nativeItems)
      throw new Refusal(
        413,
        'too_many_items',
        `more than ${limits.nativeItems} items in one request`,
        'send smaller batches',
        'items',
      );
    const receivedAt = door.deps.clock.now();
    const at = new Date(receivedAt).toISOString();
    const given: LogRecord[] = [];
    await door.turns.each(items.length, (index) => {
      given.push(quarantineRecord(readItem(items[index], index, at), receivedAt));
    });
    const kept = await recent.keepOnce(channel, given, (fresh) => door.keep(channel, [], fresh));
    return answer(reply, 200, `{"accepted":${given.length},"known":${given.length - kept}}`);
  };
};

const texts = ['code', 'field', 'found', 'expected', 'remedy'] as const;

const readItem = (item: unknown, index: number, receivedAt: string): Quarantined => {
  const { reason, position, source, bytes, origin } = (typeof item === 'object' && item !== null ? item : {}) as Record<
    string,
    unknown
  >;
  const at = `items[${index}]`;
  if (typeof bytes !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(bytes))
    throw invalid(`${at}.bytes`, 'bytes is not base64 text', 'send the bytes of the message as base64');
  if (position !== undefined && (typeof position !== 'string' || position.length > 512))
    throw invalid(`${at}.position`, 'position is not a short text', 'send <file>:<line>');
  if (source !== undefined && (typeof source !== 'string' || source.length > 128))
    throw invalid(`${at}.source`, 'source is not a short text', 'send a digest of the file');
  if (origin !== undefined && origin !== 'file' && origin !== 'http')
    throw invalid(`${at}.origin`, 'origin is not known', 'send file or http');
  return {
    reason: readReason(reason, at),
    receivedAt,
    origin: origin ?? 'file',
    ...(position === undefined ? {} : { position }),
    ...(source === undefined ? {} : { source }),
    bytes,
  };
};

const readReason = (reason: unknown, at: string): QuarantineReason => {
  const given = (typeof reason === 'object' && reason !== null ? reason : {}) as Record<string, unknown>;
  const read = {} as Record<(typeof texts)[number], string>;
  for (const name of texts) {
    const value = given[name] ?? '';
    if (typeof value !== 'string' || value.length > 1_000 || (name === 'code' && value === ''))
      throw invalid(
        `${at}.reason.${name}`,
        `${name} is not a short text`,
        'send reason: { code, field, found, expected, remedy }',
      );
    read[name] = value;
  }
  return read;
};
