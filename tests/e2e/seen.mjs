// What can be seen to be wrong with a page, whatever it shows.

import assert from 'node:assert/strict';

/** What is wider than its place: the page, buttons, options, and text in fixed boxes. */
export const overflows = (page) => page.evaluate(() => {
  const found = [];
  const root = document.scrollingElement;
  if (root.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && e.checkVisibility());
    const inner = wide.filter((e) => !e.closest('.figure-room, .table-room, .formula, pre, .matrix, .skip'));
    found.push(`the page scrolls sideways: ${root.scrollWidth} > ${innerWidth}: ${inner.slice(0, 3).map((e) => e.outerHTML.slice(0, 80)).join(' | ')}`);
  }
  for (const e of document.querySelectorAll('button, .seg label, select, .number, .matrix input, h1, h2, .chip-button, summary, .kv > div')) {
    if (!e.checkVisibility() || !e.clientWidth) continue;
    if (e.scrollWidth > e.clientWidth + 1) found.push(`clipped: ${e.closest('.matrix') ? 'a cell of the matrix' : e.outerHTML.slice(0, 110)}`);
  }
  return [...new Set(found)];
});

/** A problem once, with all the places where it was seen. */
export function collect() {
  const seen = new Map();
  return {
    add: (where, problems) => { for (const p of problems) seen.set(p, [...(seen.get(p) ?? []), where]); },
    none: () => assert.deepEqual([...seen].map(([p, where]) => `${p}  [${where.length}: ${where.slice(0, 3).join('; ')}]`), []),
  };
}
