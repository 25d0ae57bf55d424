import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const type = 'tributary.profile.updated.v1';
const change = { type, time: '2026-11-30T08:00:00Z', subject: `c_${'0'.repeat(32)}`, data: { touchpoints: {} } };

/** As much of a browser as the list needs. `within`: whether the mouse or the keyboard is in it. */
const openBrowser = () => {
  const element = () => ({ append: () => undefined });
  const left = new Map<string, () => void>();
  const list = {
    rows: 0,
    within: false,
    matches: () => list.within,
    replaceChildren: (...rows: readonly unknown[]) => (list.rows = rows.length),
    addEventListener: (event: string, listener: () => void) => left.set(event, listener),
  };
  const held = { hidden: true };
  const takers = new Map<string, (event: { readonly data: string }) => void>();
  const given = {
    document: { getElementById: (id: string) => (id === 'held' ? held : list), createElement: element },
    matchMedia: () => ({ matches: true }),
    requestAnimationFrame: (draw: () => void) => draw(),
    EventSource: class {
      static readonly CLOSED = 2;
      addEventListener(of: string, take: (event: { readonly data: string }) => void) {
        takers.set(of, take);
      }
    },
  };
  Object.assign(globalThis, given);
  return {
    list,
    held,
    comes: () => takers.get(type)?.({ data: JSON.stringify(change) }),
    leave: (event: string) => {
      list.within = false;
      left.get(event)?.();
    },
    close: () => Object.keys(given).forEach((name) => Reflect.deleteProperty(globalThis, name)),
  };
};

describe('the list of recent changes', () => {
  let browser: ReturnType<typeof openBrowser>;
  beforeEach(async () => {
    browser = openBrowser();
    const url = new URL('./assets/changes.js', import.meta.url).href;
    const page = (await import(url)) as { followChanges(): void; listenToChanges(): void };
    page.listenToChanges();
    page.followChanges();
  });
  afterEach(() => browser.close());

  test.each(['mouseleave', 'focusout'])('stands still while somebody is in it, until %s', (event) => {
    browser.comes();
    const before = browser.list.rows;
    expect(before).toBeGreaterThan(0);
    browser.list.within = true;
    browser.comes();
    expect([browser.list.rows, browser.held.hidden]).toEqual([before, false]);
    browser.leave(event);
    expect([browser.list.rows, browser.held.hidden]).toEqual([before + 1, true]);
  });
});
