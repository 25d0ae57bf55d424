import { ExitCode } from '../exit-code.js';
import { Failure, usage } from '../failure.js';
import { type QuarantinedItem } from '../http/api.js';
import { type Client } from '../http/client.js';

/** Of a channel that nothing was ever held of, asks whether there is one: a misspelt name would pass for an empty one. */
export const requireChannel = async (client: Client, name: string): Promise<void> => {
  const known = await client.quarantined();
  if (!known.some(({ channel }) => channel === name))
    throw new Failure(ExitCode.notFound, `there is no channel ${name}`, 'see `tributary status`, which lists them');
};

/** The item at an offset that a person wrote, whether it waits or not. */
export const itemAt = async (client: Client, channel: string, text: string): Promise<QuarantinedItem> => {
  if (!/^\d{1,15}$/.test(text))
    throw usage('that is not an offset', 'write a number, as `tributary quarantine list <channel>` shows it');
  const offset = Number(text);
  const { items } = await client.quarantine(channel, {
    limit: 1,
    bytes: true,
    state: 'all',
    ...(offset > 0 ? { after: String(offset - 1) } : {}),
  });
  const [item] = items;
  if (item?.offset !== offset) {
    await requireChannel(client, channel);
    throw new Failure(
      ExitCode.notFound,
      `${channel} holds nothing at ${offset}`,
      'look with `tributary quarantine list`; it may have left with the retention',
    );
  }
  return item;
};

/** What waits now. What others add meanwhile is left for the next time: beside them this would never end. */
export async function* allOf(
  client: Client,
  channel: string,
  { bytes }: { readonly bytes: boolean },
): AsyncGenerator<QuarantinedItem> {
  let after: string | null = null;
  let end: number | undefined;
  do {
    const page: Awaited<ReturnType<Client['quarantine']>> = await client.quarantine(channel, {
      limit: bytes ? 100 : 500,
      bytes,
      ...(after === null ? {} : { after }),
    });
    if (page.end === 0) await requireChannel(client, channel);
    const stop: number = (end ??= page.end);
    yield* page.items.filter(({ offset }) => offset < stop);
    after = page.next !== null && Number(page.next) + 1 < stop ? page.next : null;
  } while (after !== null);
}

export async function* someOf(
  client: Client,
  channel: string,
  offsets: readonly string[],
): AsyncGenerator<QuarantinedItem> {
  for (const offset of offsets) yield await itemAt(client, channel, offset);
}
