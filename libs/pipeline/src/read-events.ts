import { behaviourSummed, decodeBehaviourSum, decodeDecision, unseal } from '@tributary/contracts';
import { type BatchTaken, type CommandTaken, type CustomerEvent, type SubjectErased } from '@tributary/domain';
import { type EventMetadata, type RecordedEvent, type SecretKey } from '@tributary/kernel';
import { type Content, type DecodedAppend, type DecodedEvent } from './decoded.js';
import { type StageContext } from './ports.js';

/**
 * Reads recorded events in clear: unseals what still has its key, decodes, and groups neighbours of one append: of one
 * stream and one partition, since between two batches of a partition stands its intake event.
 */
export const decodeEvents = async (
  events: readonly RecordedEvent[],
  { ports, catalogue }: Pick<StageContext, 'catalogue'> & { readonly ports: Pick<StageContext['ports'], 'vault'> },
): Promise<DecodedAppend[]> => {
  const keyIds = new Set<string>();
  for (const { metadata } of events) if (metadata.keyId) keyIds.add(metadata.keyId);
  const keys = await ports.vault.keysById([...keyIds]);
  const appends: { stream: string; events: DecodedEvent[] }[] = [];
  let before: EventMetadata['source'];
  for (const event of events) {
    const decoded: DecodedEvent = {
      id: event.id,
      revision: event.revision,
      position: event.position,
      recordedAt: event.metadata.recordedAt,
      content: contentOf(event, keys, catalogue),
    };
    const last = appends[appends.length - 1];
    const { source } = event.metadata;
    const same = source?.topic === before?.topic && source?.partition === before?.partition;
    before = source;
    if (same && last?.stream === event.stream) last.events.push(decoded);
    else appends.push({ stream: event.stream, events: [decoded] });
  }
  return appends;
};

const contentOf = (
  event: RecordedEvent,
  keys: ReadonlyMap<string, SecretKey>,
  catalogue: StageContext['catalogue'],
): Content => {
  const { keyId } = event.metadata;
  if (keyId === undefined) {
    const plain = decodeDecision(event.data);
    if (plain.type === 'BatchTaken') return { kind: 'intake', batch: plain satisfies BatchTaken };
    if (plain.type === 'SubjectErased') return { kind: 'erased', erased: plain satisfies SubjectErased };
    if (plain.type === 'CommandTaken') return { kind: 'command', command: plain satisfies CommandTaken };
    return { kind: 'decision', decision: plain satisfies CustomerEvent };
  }
  const key = keys.get(keyId);
  if (!key) return { kind: 'unreadable', keyId };
  const data = unseal(key, event.data);
  return event.type === behaviourSummed
    ? { kind: 'sum', sum: decodeBehaviourSum(data) }
    : { kind: 'fact', touchpoint: catalogue.decode(data) };
};
