import { openCustomer } from './customer.js';
import { byId, make, timeOf } from './dom.js';
import { labelled, listed, moment, say, spoken } from './language.js';
import { words } from './words.js';

const MOST = 60;
const AGAIN_MS = 5000;

/** Newest first. */
const changes = [];

const detailOf = ({ type, data }) => {
  if (type === 'tributary.stage.entered.v1' || type === 'tributary.tier.entered.v1')
    return `${spoken('kinds', type)} ${data.from ? `${spoken('stages', data.from)} → ` : ''}${spoken('stages', data.to)}`;
  if (type === 'tributary.profile.updated.v1' && data.touchpoints)
    return labelled(
      spoken('kinds', type),
      listed(
        Object.entries(data.touchpoints).map(
          ([name, count]) => `${spoken('types', name)}${count > 1 ? ` × ${count}` : ''}`,
        ),
      ),
    );
  return spoken('kinds', type);
};

const idButton = (id) =>
  make('button', {
    type: 'button',
    className: 'plain',
    textContent: `${id.slice(0, 10)}…`,
    title: id,
    onclick: () => void openCustomer(id),
  });

export const showChanges = () =>
  byId('changes').replaceChildren(
    ...(changes.length === 0 ? [make('li', { className: 'quiet', textContent: say('noChanges') })] : []),
    ...changes.map((event) =>
      make(
        'li',
        {},
        timeOf(event.time, moment),
        make('span', { textContent: detailOf(event) }),
        idButton(event.subject),
      ),
    ),
  );

/** Whoever has the mouse or the keyboard in the list would lose the row under it. A finger leaves no mouse behind. */
const isHeld = () =>
  byId('changes').matches(matchMedia('(hover: hover)').matches ? ':hover, :focus-within' : ':focus-within');

let isDue = false;
const showSoon = () => {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    const held = isHeld();
    byId('held').hidden = !held;
    if (!held) showChanges();
  });
};

/** Shows what came while somebody was in the list once they have left it. */
export const listenToChanges = () => {
  for (const left of ['mouseleave', 'focusout']) byId('changes').addEventListener(left, showSoon);
};

export const followChanges = () => {
  const source = new EventSource(`/v1/profile-events?from=-${MOST}`);
  const take = ({ data }) => {
    changes.unshift(JSON.parse(data));
    changes.length = Math.min(changes.length, MOST);
    showSoon();
  };
  for (const type of Object.keys(words.en.kinds)) source.addEventListener(type, take);
  // A browser gives up by itself only where the server refused: the next look at the numbers says why.
  source.onerror = () => source.readyState === EventSource.CLOSED && setTimeout(followChanges, AGAIN_MS);
};
