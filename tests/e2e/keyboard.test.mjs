// The keyboard alone is enough.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, launch, openPage, pageUrl, until, waitFor } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const equation = (page, start) => waitFor(page, (text) => document.querySelector('.eq').innerText.startsWith(text), start);
const figure = (page) => page.locator('[data-figure="main"] .figure-view');

test('Tab reaches every control, forwards and in the order of the page', async () => {
  for (const link of ['', '#/convolution?input=shapes&size=64&padding=1,2,3,4&stride=1,2&padding_mode=constant&compare=bias:2&lang=zh']) {
    const { page, close } = await openPage(browser, pageUrl + link);
    // What should be reached: everything that can be used and is seen; of radio buttons the chosen one.
    const wanted = await page.evaluate(() => {
      const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter((e) =>
        !e.disabled && e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true }) && !(e.type === 'radio' && !e.checked));
      all.forEach((e, i) => { e.dataset.stop = i; });
      return all.map((e) => `${e.tagName} ${e.id} ${e.className} ${e.innerText?.slice(0, 30) ?? ''}`);
    });
    const reached = [];
    await page.evaluate(() => document.activeElement.blur());
    for (let i = 0; i < wanted.length + 5; i++) {
      await page.keyboard.press('Tab');
      const stop = await page.evaluate(() => (document.activeElement === document.body ? null : document.activeElement.dataset.stop ?? `unexpected ${document.activeElement.outerHTML.slice(0, 120)}`));
      if (stop === null || stop === '0' && reached.length) break;
      reached.push(stop);
    }
    const missed = wanted.filter((_, i) => !reached.includes(String(i)));
    assert.deepEqual(missed, [], `of ${wanted.length}`);
    assert.ok(wanted.length > 50);
    assert.deepEqual(reached.filter((stop) => !/^\d+$/.test(stop)), []);
    await close();
  }
});

test('everything that can be focused has a name', async () => {
  for (const link of ['', '#/convolution?input=shapes&size=64&padding=1,2,3,4&stride=1,2&padding_mode=constant&compare=padding:2&lang=zh', '#/convolution?embed=1&compare=kernel_size:2']) {
    const { page, context, close } = await openPage(browser, pageUrl + link);
    const session = await context.newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const focusable = nodes.filter((n) => !n.ignored && n.role?.value !== 'RootWebArea' && n.properties?.some((p) => p.name === 'focusable' && p.value.value));
    assert.ok(focusable.length > 20, `${focusable.length}`);
    const unnamed = [];
    for (const node of focusable.filter((n) => !n.name?.value?.trim())) {
      const { node: element } = await session.send('DOM.describeNode', { backendNodeId: node.backendDOMNodeId });
      unnamed.push(`${node.role.value} <${element.nodeName} ${element.attributes.join(' ')}>`);
    }
    assert.deepEqual(unnamed, [], link);
    await close();
  }
});

test('the focus is seen wherever it is', async () => {
  const { page, close } = await openPage(browser);
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const ringed = (e) => e && getComputedStyle(e).outlineStyle !== 'none' && parseFloat(getComputedStyle(e).outlineWidth) >= 1;
      const e = document.activeElement;
      const box = (e.closest('label') ?? e).getBoundingClientRect();
      return { ring: ringed(e) || ringed(e.closest('label')), inside: box.bottom > 0 && box.top < innerHeight, what: e.outerHTML.slice(0, 100) };
    });
    assert.ok(seen.ring && seen.inside, JSON.stringify(seen));
  }
  await close();
});

test('the skip link leads to the figure', async () => {
  const { page, close } = await openPage(browser);
  await page.keyboard.press('Tab');
  const skip = page.locator('.skip');
  assert.ok(await skip.evaluate((e) => e === document.activeElement && e.getBoundingClientRect().left >= 0));
  await page.keyboard.press('Enter');
  assert.ok(await figure(page).evaluate((e) => e === document.activeElement));
  await close();
});

test('arrows walk, T changes the grid, Enter pins, Escape lets go', async () => {
  const { page, close } = await openPage(browser);
  await figure(page).focus();
  await page.keyboard.press('ArrowDown');
  await equation(page, 'output[2, 2]');
  await page.keyboard.press('ArrowRight');
  await equation(page, 'output[2, 3]');
  await page.keyboard.press('ArrowUp');
  await equation(page, 'output[1, 3]');
  for (let i = 0; i < 9; i++) await page.keyboard.press('ArrowLeft');
  await equation(page, 'output[1, 0]');
  const spoken = page.locator('.sr-only[role="status"]');
  await spoken.filter({ hasText: /output, row 1, column 0: / }).waitFor();
  assert.ok(await page.locator('.eq.pinned').count());
  await page.keyboard.press('Enter');
  await page.locator('.eq:not(.pinned)').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.eq.pinned').waitFor();
  const grids = new Set();
  for (let i = 0; i < 3; i++) {
    await page.keyboard.press('t');
    await waitFor(page, (known) => { const t = document.querySelector('.sr-only[role="status"]').innerText.split(',')[0]; return t && !known.includes(t); }, [...grids]);
    grids.add((await spoken.innerText()).split(',')[0]);
  }
  assert.deepEqual([...grids].sort(), ['input', 'output', 'weight']);
  await page.keyboard.press('Escape');
  await waitFor(page, () => document.querySelector('.sr-only[role="status"]').innerText === '');
  assert.equal(await page.locator('.eq.pinned').count(), 0);
  await close();
});

test('digits edit a cell, Enter keeps, Escape drops', async () => {
  const { page, close } = await openPage(browser);
  await figure(page).focus();
  const to = async (grid) => {
    for (let i = 0; i < 4; i++) {
      await page.keyboard.press('t');
      await page.evaluate(() => new Promise(requestAnimationFrame));
      if ((await page.locator('.sr-only[role="status"]').innerText()).startsWith(`${grid},`)) return;
    }
    throw new Error(`no grid ${grid}`);
  };
  await to('weight');
  await page.keyboard.type('-2.5');
  await page.locator('.cell-editor').waitFor();
  assert.equal(await page.locator('.cell-editor').inputValue(), '-2.5');
  await page.keyboard.press('Enter');
  await until(page, (s) => s.kernel === 'own' && s.weight[1][1] === -2.5);
  assert.ok(await figure(page).evaluate((e) => e === document.activeElement), 'the focus is back in the figure');
  await to('input');
  await page.keyboard.type('7');
  await page.keyboard.press('Escape');
  await waitFor(page, () => !document.querySelector('.cell-editor'));
  assert.equal((await api(page, 'state')).input, 'blob');
  await page.keyboard.type('7');
  await page.keyboard.press('Enter');
  await until(page, (s) => s.input === 'own');
  const input = await api(page, 'tensor', 'input');
  assert.equal(input.data[3 * 8 + 3], 7);
  await close();
});

test('Space plays, comma and full stop step, Ctrl+Z takes back', async () => {
  const { page, close } = await openPage(browser);
  await figure(page).focus();
  await page.keyboard.press('.');
  await until(page, (s) => s.step === 1);
  await page.keyboard.press('.');
  await until(page, (s) => s.step === 2);
  await page.keyboard.press(',');
  await until(page, (s) => s.step === 1);
  await page.keyboard.press(' ');
  await until(page, (s) => s.step >= 2);
  await page.keyboard.press(' ');
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  await page.keyboard.press('Control+z');
  await until(page, (s) => s.step === 0);
  await close();
});

test('? opens the list of keys; Escape closes it; in a field it is a character', async () => {
  const { page, close } = await openPage(browser);
  await figure(page).focus();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog');
  await help.waitFor();
  assert.match(await help.innerText(), /Undo and redo/);
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'hidden' });
  await page.locator('#stride-n').focus();
  await page.keyboard.press('?');
  assert.equal(await page.locator('dialog[open]').count(), 0);
  await close();
});

test('a key typed into a field stays there', async () => {
  const { page, close } = await openPage(browser);
  await api(page, 'set', { stride: 2 });
  await page.locator('#bias-n').focus();
  await page.keyboard.press('.');
  await page.keyboard.press('Control+z');
  const state = await api(page, 'state');
  assert.deepEqual([state.stride, state.step], [[2, 2], 0]);
  await page.keyboard.press('Escape');
  await page.locator('#bias-n').fill('1');
  await page.locator('#bias-n').press('ArrowUp');
  await until(page, (s) => s.bias !== 0);
  await close();
});

test('the numbers can be read as a table', async () => {
  const { page, close } = await openPage(browser);
  const summary = page.locator('[data-figure="main"] .tables summary');
  await summary.focus();
  await page.keyboard.press('Enter');
  const tables = page.locator('[data-figure="main"] .tables table');
  await tables.first().waitFor();
  const captions = await tables.locator('caption').allInnerTexts();
  for (const name of ['input', 'weight', 'output']) assert.ok(captions.some((text) => text.includes(name)), `${captions}`);
  const cells = await page.locator('[data-figure="main"] .tables table').last().locator('td:not(thead td)').allInnerTexts();
  const output = (await api(page, 'tensor', 'output')).data;
  assert.deepEqual(cells.map((text) => Number(text.replace('−', '-'))), output);
  await close();
});

test('a question is asked for, answered and followed by another without losing the place', async () => {
  const { page, close } = await openPage(browser);
  await page.locator('.predict').getByRole('button', { name: 'Ask me' }).press('Enter');
  const onOption = () => document.activeElement?.matches('.predict .options button');
  await page.waitForFunction(onOption);
  await page.keyboard.press('Enter');
  await page.locator('.because').waitFor();
  await page.getByRole('button', { name: 'Another question' }).press('Enter');
  await page.locator('.because').waitFor({ state: 'detached' });
  await page.waitForFunction(onOption);
  await close();
});
