const PAGE = 2_000;

/**
 * Reads all events and says what is wrong with their order: revisions with gaps, positions that do not rise, an event
 * there twice; and what `also` finds wrong with one.
 */
export const eventOrder = async (events, also = () => []) => {
  const problems = [];
  const revisions = new Map();
  const ids = new Set();
  for (let after = -1; ;) {
    const page = await events.readAll(after, PAGE);
    if (page.length === 0) return { count: ids.size, streams: revisions.size, problems };
    for (const event of page) {
      const { id, stream, revision, position } = event;
      const expected = (revisions.get(stream) ?? -1) + 1;
      if (revision !== expected) problems.push(`${stream} goes from revision ${expected - 1} to ${revision}`);
      if (position <= after) problems.push(`position ${position} follows ${after}`);
      if (ids.has(id)) problems.push(`event ${id} is there twice`);
      problems.push(...also(event));
      revisions.set(stream, revision);
      ids.add(id);
      after = position;
    }
  }
};
