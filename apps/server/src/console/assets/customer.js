import { ask } from './api.js';
import { byId, make } from './dom.js';
import { explain } from './explain.js';
import { profileView } from './profile-view.js';
import { saidOf } from './said-of.js';

const AT_A_TIME = 20;

/** A customer with its timeline so far, or why there is none to show. */
let shown;

export const isCustomerId = (text) => /^c_[0-9a-f]{32}$/.test(text);

const timeline = (customerId, before) =>
  ask(
    `/v1/customers/${customerId}/timeline?limit=${AT_A_TIME}${before ? `&before=${encodeURIComponent(before)}` : ''}`,
  );

export const showCustomer = () => {
  const section = byId('customer');
  section.hidden = !shown;
  if (!shown) section.replaceChildren();
  else if (shown.failure)
    section.replaceChildren(make('p', { className: 'card failed', role: 'alert', textContent: saidOf(shown.failure) }));
  else section.replaceChildren(profileView(shown, doing));
};

const change = (next) => {
  shown = next;
  showCustomer();
};

const attempt = async (work) => {
  try {
    await work();
  } catch (error) {
    change({ failure: error });
  }
};

/**
 * What is shown anew takes the keyboard's place with it. It goes on at the first that was not there before.
 * `which`: a selector of what grew; `before`: how many of it there were.
 */
const goOnBehind = (which, before) => byId('customer').querySelectorAll(which)[before]?.focus();

const doing = {
  explain: (path, text) => explain(shown.profile.customerId, path, text),
  showAll: (list) => {
    const rows = `.${list} button`;
    const before = byId('customer').querySelectorAll(rows).length - 1;
    change({ ...shown, whole: new Set([...shown.whole, list]) });
    goOnBehind(rows, before);
  },
  older: () =>
    attempt(async () => {
      const { entries, next } = await timeline(shown.profile.customerId, shown.next);
      const before = shown.entries.length;
      change({ ...shown, entries: [...shown.entries, ...entries], next });
      goOnBehind('.timeline li', before);
    }),
  close: () => {
    history.replaceState(null, '', location.pathname);
    change(undefined);
    byId('find-value').focus();
  },
};

const goThere = () => {
  byId('customer').querySelector('h2')?.focus();
  byId('customer').scrollIntoView({ block: 'nearest' });
};

/** `find`: resolves to the profile. */
export const showFound = (find) =>
  attempt(async () => {
    const profile = await find();
    history.replaceState(null, '', `#${profile.customerId}`);
    // Of whom much is known the timeline takes seconds, for which nobody need wait to see who it is.
    change({ profile, entries: [], next: null, whole: new Set() });
    goThere();
    const { entries, next } = await timeline(profile.customerId);
    if (shown?.profile !== profile) return;
    const isThere = byId('customer').contains(document.activeElement);
    change({ ...shown, entries, next });
    if (isThere) goThere();
  });

export const openCustomer = (id) => showFound(() => ask(`/v1/customers/${id}`));

/** `/#c_…` is a customer's address. */
export const openAddressed = () => {
  const id = location.hash.slice(1);
  if (isCustomerId(id)) void openCustomer(id);
};
