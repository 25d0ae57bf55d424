import { decodeDecision } from '@tributary/contracts';
import { type CommandTaken, type SubjectErased, subjectStream } from '@tributary/domain';
import { type EventStore, type KeyVault, type RecordedEvent } from '@tributary/kernel';
import { commandsTaken } from '../command-taken.js';
import { type DecodedAppend } from '../decoded.js';
import { inFlight } from '../in-flight.js';

/**
 * Keys that commands said to be destroyed, and that are there: the vault was set back, or whoever was to destroy them is late. Answers
 * how many those were.
 */
export const destroySaid = (appends: readonly DecodedAppend[], vault: KeyVault): Promise<number> =>
  destroyFound(
    appends.flatMap(({ events }) =>
      events.flatMap(({ content }) => (content.kind === 'command' ? (content.command.keys ?? []) : [])),
    ),
    vault,
  );

/**
 * The same where one transaction holds all, and no command says which keys go: those that sealed what stands before the erasure. Where a
 * command stands it alone counts, since others go on meanwhile: what they seal anew may stand before that.
 */
export const destroyErased = async (
  appends: readonly DecodedAppend[],
  events: EventStore,
  vault: KeyVault,
): Promise<number> => {
  const erasures = appends.flatMap(({ events: said }) =>
    said.flatMap(({ content, revision }) => (content.kind === 'erased' ? [{ ...content.erased, revision }] : [])),
  );
  const commands = await commandsTaken(
    events,
    erasures.map(({ commandId }) => commandId),
  );
  const unsaid = erasures.filter(({ commandId }) => !commands.has(commandId));
  const keyIds = await inFlight(unsaid, (erasure) => keysBefore(erasure, events));
  return destroyFound(
    keyIds.flatMap((ids) => [...ids]),
    vault,
  );
};

const keysBefore = async (
  { subject, revision }: SubjectErased & { readonly revision: number },
  events: EventStore,
): Promise<ReadonlySet<string>> => {
  const keyIds = new Set<string>();
  for (let next = 0; next < revision;) {
    const page: readonly RecordedEvent[] = await events.readStream(subjectStream(subject), next, 1_000);
    for (const { revision: at, metadata } of page) if (at < revision && metadata.keyId) keyIds.add(metadata.keyId);
    const last = page[page.length - 1];
    if (!last) break;
    next = last.revision + 1;
  }
  return keyIds;
};

const STREAMS_AT_ONCE = 200;

/**
 * Those of these erasures. Answers how many were of such as had been carried out: then the vault was set back. Of others, whoever was to
 * destroy them is at it, or died.
 */
export const destroyOf = async (
  erasures: readonly CommandTaken[],
  events: EventStore,
  vault: KeyVault,
): Promise<number> => {
  const there = await vault.keysById([...new Set(erasures.flatMap(({ keys = [] }) => keys))]);
  const carriedOut: string[] = [];
  const underWay: string[] = [];
  for (const erasure of erasures) {
    const found = (erasure.keys ?? []).filter((id) => there.has(id));
    if (found.length > 0) ((await isCarriedOut(erasure, events)) ? carriedOut : underWay).push(...found);
  }
  await destroyFound(underWay, vault);
  // Looked for once more: an erasure that is carried out by now may not have been when its keys were there.
  return destroyFound(carriedOut, vault);
};

/** Keys go before the first word of their erasure stands in a subject's stream. */
const isCarriedOut = async ({ commandId, erased }: CommandTaken, events: EventStore): Promise<boolean> => {
  for (let from = 0; from < erased.length; from += STREAMS_AT_ONCE) {
    const some = erased.slice(from, from + STREAMS_AT_ONCE).map(({ subject }) => subjectStream(subject));
    for (const stream of (await events.readStreams(some)).values())
      for (const { type, data } of stream) {
        const said = type === 'SubjectErased' ? decodeDecision(data) : undefined;
        if (said?.type === 'SubjectErased' && said.commandId === commandId) return true;
      }
  }
  return false;
};

/** Mostly none is there, and to ask is cheap: to destroy is not. */
const destroyFound = async (keyIds: readonly string[], vault: KeyVault): Promise<number> => {
  if (keyIds.length === 0) return 0;
  const found = [...(await vault.keysById([...new Set(keyIds)])).keys()];
  return found.length === 0 ? 0 : vault.destroy(found);
};
