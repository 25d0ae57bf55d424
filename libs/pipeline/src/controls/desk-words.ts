import { expect } from '@jest/globals';
import { type CustomerId, type SubjectId } from '@tributary/kernel';
import { identifierOf, type Named, type openDesk } from './desk.js';

type Desk = Awaited<ReturnType<typeof openDesk>>;

/** Who is one customer, by the names that a spec gives to identifiers; the rest is left out. */
export const groups = async (desk: Desk, names: Readonly<Record<string, Named[number]>>): Promise<string[]> => {
  const nameOf = new Map(
    Object.entries(names).map(([name, [type, value]]) => [identifierOf(type, value).subject, name]),
  );
  return (await desk.customers())
    .map(({ subjects }) =>
      subjects
        .flatMap((id) => nameOf.get(id) ?? [])
        .sort()
        .join(''),
    )
    .filter((group) => group !== '')
    .sort();
};

/** As somebody at the desk does it, who names each by an identifier. */
export const merge = async (desk: Desk, one: Named[number], other: Named[number]): Promise<void> => {
  const [customer, second] = [await desk.holder(...one), await desk.holder(...other)];
  expect(await desk.order({ type: 'merge', customer, other: second })).toMatchObject({ status: 'done' });
};

/** Two come of it, of which at least one stands. */
export const unmerge = async (
  desk: Desk,
  customer: CustomerId,
  subject: SubjectId,
  from?: SubjectId,
): Promise<void> => {
  const outcome = await desk.order({ type: 'unmerge', customer, subject, ...(from && { stays: from }) });
  expect(outcome).toMatchObject({ status: 'done', customers: [expect.any(String), expect.any(String)] });
  // The two that come of it, as far as they stand: what has no touchpoint of its own is nobody yet.
  const standing = new Set((await desk.customers()).map(({ id }) => id));
  const [stays, goes] = outcome.status === 'done' ? outcome.customers : [];
  expect(stays).not.toBe(goes);
  expect([stays, goes].some((id) => standing.has(id as CustomerId))).toBe(true);
};
