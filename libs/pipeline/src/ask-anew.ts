import { type StageContext } from './ports.js';
import { askedUpTo, decidedByOthers, RULES_ASKED, rulesAskedText } from './rules-asked.js';

const PAGE = 500;

/**
 * Other rules put other dates to silence, and whoever is silent brings no touchpoint that would tell. So when the rules are
 * not those of the last time, everybody whom others decided is made due at once: the timers ask them by and by, and what
 * differs is said as `CourseRevised`. Must run while nobody else writes documents. A crash in between is taken up again.
 */
export const askAnew = async (
  { ports: { documents }, lifecycleRules: { version: rules } }: AskingContext,
  pageSize = PAGE,
): Promise<void> => {
  const [stored] = await documents.get('checkpoint', [RULES_ASKED]);
  const from = askedUpTo(stored, rules);
  if (from === null) return;
  let version = stored?.version ?? -1;
  const note = (after: string | null): Promise<void> =>
    documents.put([
      { kind: 'checkpoint', key: RULES_ASKED, version: (version += 1), body: rulesAskedText({ rules, after }) },
    ]);
  for (let after = from; ;) {
    const page = await documents.scan('customer', after, pageSize);
    const last = page[page.length - 1];
    if (!last) break;
    const others = decidedByOthers(page, rules);
    await documents.replace(others.map((document) => ({ kind: 'customer', ...document, due_ms: 0 })));
    await note((after = last.key));
  }
  await note(null);
};

interface AskingContext {
  readonly ports: Pick<StageContext['ports'], 'documents'>;
  readonly lifecycleRules: Pick<StageContext['lifecycleRules'], 'version'>;
}
