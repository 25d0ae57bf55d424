import { ask } from './api.js';
import { isCustomerId, showFound } from './customer.js';
import { byId, make } from './dom.js';
import { say, spoken } from './language.js';
import { identifierTypes } from './numbers.js';

const ANY_TYPE = '';

const findBy = (identifier_type, identifier_value, asking) =>
  asking(`/v1/customers?${new URLSearchParams({ identifier_type, identifier_value })}`);

/**
 * Of all whom the value names, the one by its strongest kind: what is no value of a kind names nobody by it.
 * `types`: strongest first.
 */
export const findByAny = async (text, types, asking = ask) => {
  if (isCustomerId(text)) return asking(`/v1/customers/${text}`);
  const answers = await Promise.allSettled(types.map((type) => findBy(type, text, asking)));
  const found = answers.find((answer) => answer.status === 'fulfilled');
  if (found) return found.value;
  const failures = answers.map(({ reason }) => reason);
  throw (
    failures.find(({ status, code }) => status !== 404 && code !== 'invalid_identifier') ??
    Object.assign(new Error(), { status: 404 })
  );
};

export const showTypes = () => {
  const select = byId('find-type');
  const chosen = select.value;
  select.replaceChildren(
    make('option', { value: ANY_TYPE, textContent: say('anyType') }),
    ...identifierTypes().map((type) => make('option', { value: type, textContent: spoken('types', type) })),
  );
  select.value = identifierTypes().includes(chosen) ? chosen : ANY_TYPE;
};

export const listenToFind = () =>
  byId('find').addEventListener('submit', (event) => {
    event.preventDefault();
    const [type, text] = [byId('find-type').value, byId('find-value').value.trim()];
    void showFound(() => (type === ANY_TYPE ? findByAny(text, identifierTypes()) : findBy(type, text, ask)));
  });
