import { combine, parseCustomer, parseSubject, type Profile, readSubjects, renderProfile } from '@tributary/domain';
import { type CustomerId, type DocumentStore, namesakeOf, type SubjectId } from '@tributary/kernel';
import { documentsMadeTo, projectionState } from '../checkpoint.js';
import { NOW } from '../../controls/town.js';
import { feedOf, type World } from './world.js';

/** What a message may say beside its customer. */
interface Named {
  readonly absorbed?: readonly CustomerId[];
  readonly released?: readonly { readonly customerId: CustomerId }[];
}

/**
 * Whoever keeps a copy of profiles, as the guide to profile events says (docs/guide/profile-events.md): of each message it reads
 * those whom it names, as they are by then. A message is told when the profiles say it, as the doors hold it back until then.
 */
export class Copier {
  readonly #world: World;
  readonly #copy = new Map<CustomerId, Profile>();
  #heard = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** What is told by now. */
  async hear(): Promise<void> {
    const { documents } = this.#world.store;
    if ((await projectionState(documents))?.rebuilding !== false) return;
    const { whole, position, before = -1 } = await documentsMadeTo(documents);
    for (const { customerId, sequence, data } of (await feedOf(this.#world)).slice(this.#heard)) {
      if (sequence > (whole ? position : before)) return;
      const { absorbed = [], released = [] } = data as Named;
      for (const id of [customerId, ...absorbed, ...released.map((group) => group.customerId)]) await this.#refresh(id);
      this.#heard += 1;
    }
  }

  /** An id that was merged away answers with the profile of whoever holds its first subject. */
  async #refresh(id: CustomerId): Promise<void> {
    const { documents } = this.#world.store;
    const read =
      (await profileOf(id, documents)) ?? (await profileOf(await holderOf(namesakeOf(id), documents), documents));
    this.#copy.delete(id);
    if (read) this.#copy.set(read.customerId, read);
  }

  profiles(): readonly Profile[] {
    return [...this.#copy.values()].sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
  }
}

/** All there are, in order. */
export const profilesOf = async ({ store: { documents } }: World): Promise<readonly Profile[]> => {
  const all = await documents.scan('customer', '', 10_000);
  return Promise.all(all.map(({ body }) => rendered(body, documents)));
};

const profileOf = async (id: CustomerId | undefined, documents: Reads): Promise<Profile | undefined> => {
  const [document] = id === undefined ? [] : await documents.get('customer', [id]);
  return document && rendered(document.body, documents);
};

const holderOf = async (subject: SubjectId, documents: Reads): Promise<CustomerId | undefined> => {
  const [document] = await documents.get('subject', [subject]);
  return document && parseSubject(document.body).customer;
};

/** Without its version, which moves also where it shows nothing else. */
const rendered = async (body: string, documents: Reads): Promise<Profile> => {
  const customer = parseCustomer(body);
  const states = (await readSubjects(documents, customer.subjects)).flatMap((read) => read?.record.state ?? []);
  return renderProfile(customer, combine(states), NOW, 0);
};

type Reads = Pick<DocumentStore, 'get'>;
