import { isRecord } from '../door/record.js';
import { statedBirthday } from './birthday.js';
import { checkId, checkOwnId, firstText, noTexts, part, textOf } from './loose.js';

interface StatedTraits {
  readonly traits: Readonly<Record<string, string>>;
  readonly interests: readonly string[];
}

/** Segment's reserved traits that have another name here. */
const renamed: Readonly<Record<string, string>> = {
  firstName: 'first_name',
  lastName: 'last_name',
  title: 'position',
};

/**
 * The traits of an identify call: its own, before those that stand in its `context`, where most of RudderStack's libraries put
 * them. Nested addresses and companies are spread over the traits that profiles know.
 * @param timeZone of the sender, if the call says it
 */
export const statedTraits = (own: unknown, inContext: unknown, timeZone?: unknown): StatedTraits => {
  const traits = noTexts();
  const state = (name: string, value: unknown): void => {
    const text = textOf(value);
    if (text !== undefined) traits[name] = text;
  };
  let interests: readonly string[] = [];
  for (const [name, value] of Object.entries({ ...part(inContext), ...part(own) })) {
    if (name === 'interests' && Array.isArray(value)) interests = value.flatMap((item) => textOf(item) ?? []);
    else if (name === 'address' && isRecord(value)) stateAddress(state, value);
    else if (name === 'company' && isRecord(value)) stateCompany(state, value, 'traits.company');
    else if (name === 'createdAt') state('registered_at', asInstant(value));
    else if (name === 'birthday') state(...statedBirthday(textOf(value), timeZone));
    else {
      checkOwnId('traits', name, value);
      state(Object.hasOwn(renamed, name) ? (renamed[name] as string) : name, value);
    }
  }
  return { traits, interests };
};

/** From March 1973 to 2100, when accounts are made. No number is of those years in seconds and in milliseconds. */
const [earliest_ms, latest_ms] = [1e11, Date.UTC(2100, 0)];

/** Unix time as ISO 8601, in seconds or in milliseconds; as it is what else a library sends, such as 20240131. */
const asInstant = (value: unknown): unknown => {
  if (typeof value !== 'number') return value;
  const at_ms = [value * 1000, value].find((ms) => ms >= earliest_ms && ms < latest_ms);
  return at_ms === undefined ? value : new Date(at_ms).toISOString();
};

/** `groupId` and `traits` of a group call: what is known of the person's company. */
export const statedCompany = (groupId: unknown, given: unknown): StatedTraits => {
  const traits = noTexts();
  stateCompany(
    (name, value) => {
      const text = textOf(value);
      if (text !== undefined) traits[name] = text;
    },
    { id: groupId, ...part(given) },
    'traits',
  );
  return { traits, interests: [] };
};

type State = (name: string, value: unknown) => void;

/** What else an address says, or a company, is kept as a trait of the producer's own: `address_floor`, `company_plan`. */
const stateOthers = (state: State, whose: string, others: Readonly<Record<string, unknown>>, path: string): void => {
  for (const [name, value] of Object.entries(others)) {
    checkOwnId(path, name, value);
    state(`${whose}_${name}`, value);
  }
};

const stateAddress = (state: State, address: Readonly<Record<string, unknown>>): void => {
  const {
    street,
    city,
    district,
    state: region,
    province,
    postalCode,
    postal_code,
    postalcode,
    country,
    ...others
  } = address;
  stateOthers(state, 'address', others, 'traits.address');
  state('address', street);
  state('city', city);
  state('district', district);
  state('province', firstText(region, province));
  state('postal_code', firstText(postalCode, postal_code, postalcode));
  state('country', country);
};

/** @param path where it stands, should an id in it be refused */
const stateCompany = (state: State, company: Readonly<Record<string, unknown>>, path: string): void => {
  const { id, name, industry, employees, employee_count, size, ...others } = company;
  checkId(`${path}.id`, id);
  stateOthers(state, 'company', others, path);
  state('company', firstText(name, id));
  state('company_id', id);
  state('industry', industry);
  state('company_size', firstText(employees, employee_count, size));
};
