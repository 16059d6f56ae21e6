// What holds for every lab on the list.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, axeViolations, launch, openPage, pageUrl, waitFor } from './browser.mjs';
import { collect, overflows } from './seen.mjs';

let browser;
let labs;
before(async () => {
  browser = await launch();
  const { page, close } = await openPage(browser);
  labs = await api(page, 'labs');
  await close();
});
after(async () => { await browser?.close(); });

const SIZES = [[1440, 900], [1024, 768], [390, 844]];
const THEMES = ['light', 'dark', 'projector', 'contrast'];
const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

test('a link opens each lab, in either language, with its numbers and its figure', async () => {
  for (const lab of labs) {
    for (const locale of ['en-GB', 'zh-CN']) {
      const { page, close } = await openPage(browser, `${pageUrl}#/${lab}`, { context: { locale } });
      assert.equal(await api(page, 'lab'), lab);
      assert.ok(Object.keys(await api(page, 'facts')).length > 2, lab);
      assert.ok((await api(page, 'tensors')).length > 1, lab);
      assert.ok((await api(page, 'svg')).length > 2000, lab);
      assert.equal(await page.locator('.refused, .message').count(), 0, lab);
      const title = await page.locator('h1').textContent();
      assert.equal(/\p{Script=Han}/u.test(title), locale === 'zh-CN', title);
      await close();
    }
  }
});

test('tabs choose what the second figure shows, and every control can be reached', async () => {
  const { page, close } = await openPage(browser);
  for (const lab of labs) {
    await api(page, 'open', lab, {});
    const tabs = page.locator('[data-control="panel"] input');
    const values = await tabs.evaluateAll((list) => list.map((input) => input.value));
    assert.ok(values.length > 1, `${lab}: ${values}`);
    const seen = new Set();
    for (const [at, value] of values.entries()) {
      await tabs.nth(at).check({ force: true });
      await waitFor(page, (wanted) => window.receptive.state().panel === wanted, value);
      for (const key of await page.locator('[data-control]').evaluateAll((list) => list.map((e) => e.dataset.control))) seen.add(key);
    }
    assert.ok(seen.size > 5, lab);
    if (lab === 'positions') for (const key of ['permute', 'q_position', 'k_position', 'map']) assert.ok(seen.has(key), `${lab}: ${key}`);
  }
  await close();
});

test('axe finds nothing, and nothing is clipped, in any lab', async () => {
  const found = collect();
  for (const [n, lab] of labs.entries()) {
    const { page, close } = await openPage(browser, `${pageUrl}#/${lab}`);
    for (const [at, theme] of THEMES.entries()) {
      const lang = ['en', 'zh'][(at + n) % 2];
      await api(page, 'set', { theme, lang });
      for (const [place, [width, height]] of SIZES.entries()) {
        await page.setViewportSize({ width, height });
        await settled(page);
        const where = `${lab} ${width} ${theme} ${lang}`;
        found.add(where, await overflows(page));
        if (place === (at + n) % SIZES.length) found.add(where, await axeViolations(page));
      }
    }
    await close();
  }
  found.none();
});

test('nothing is clipped at 200 % text in any lab', async () => {
  const found = collect();
  for (const lab of labs) {
    const { page, close } = await openPage(browser, `${pageUrl}#/${lab}`);
    await page.evaluate(() => { document.documentElement.style.fontSize = `${2 * parseFloat(getComputedStyle(document.documentElement).fontSize)}px`; });
    for (const lang of ['en', 'zh']) {
      await api(page, 'set', { lang });
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        await settled(page);
        found.add(`${lab} ${width} ${lang}`, await overflows(page));
      }
    }
    await close();
  }
  found.none();
});

test('every question of every lab sets it up and says what to look at', async () => {
  for (const lab of labs) {
    const { page, close } = await openPage(browser, `${pageUrl}#/${lab}`);
    await page.locator('.questions summary').click();
    await page.locator('[data-question]').first().waitFor();
    const ids = await page.locator('[data-question]').evaluateAll((list) => list.map((e) => e.dataset.question));
    assert.ok(ids.length > 1, lab);
    for (const id of ids) {
      await page.locator(`[data-question="${id}"]`).click();
      await settled(page);
      assert.equal(await page.locator('.refused').count(), 0, `${lab} ${id}`);
    }
    await close();
  }
});

test('every lab asks, and answers', async () => {
  for (const lab of labs) {
    const { page, close } = await openPage(browser, `${pageUrl}#/${lab}`);
    await page.locator('.predict').getByRole('button', { name: 'Ask me' }).click();
    for (let round = 0; round < 3; round++) {
      await page.locator('.predict .options button').first().click();
      await page.locator('.predict .because').waitFor();
      await page.locator('.predict').getByRole('button', { name: 'Another' }).click();
      await page.locator('.predict .because').waitFor({ state: 'detached' });
    }
    await close();
  }
});

test('Tab reaches every control of every lab, and everything that can be focused has a name', async () => {
  for (const lab of labs) {
    const { page, close } = await openPage(browser, `${pageUrl}#/${lab}`);
    const wanted = await page.evaluate(() => [...document.querySelectorAll('.field')].map((f) => f.dataset.control));
    const reached = new Set();
    for (let step = 0; step < 260; step++) {
      await page.keyboard.press('Tab');
      const here = await page.evaluate(() => {
        const e = document.activeElement;
        const name = e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent || e.getAttribute('aria-labelledby') || e.title;
        return { control: e.closest('.field')?.dataset.control, name: Boolean(name?.trim()) || e === document.body, html: e.outerHTML.slice(0, 90) };
      });
      assert.ok(here.name, `${lab}: ${here.html}`);
      if (here.control) reached.add(here.control);
      if (wanted.every((key) => reached.has(key))) break;
    }
    assert.deepEqual(wanted.filter((key) => !reached.has(key)), [], lab);
    await close();
  }
});

test('changing labs again and again leaves memory flat', async () => {
  const { page, close } = await openPage(browser);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const used = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (name) => metrics.find((m) => m.name === name).value;
    return { heap: of('JSHeapUsedSize'), nodes: of('Nodes'), listeners: of('JSEventListeners') };
  };
  const round = async (count) => {
    for (let i = 0; i < count; i++) await api(page, 'open', labs[i % labs.length]);
  };
  await round(3 * labs.length);
  const before = await used();
  await round(20 * labs.length);
  const later = await used();
  assert.ok(later.nodes < before.nodes * 1.3 + 500, `nodes ${before.nodes} to ${later.nodes}`);
  assert.ok(later.listeners < before.listeners * 1.3 + 100, `listeners ${before.listeners} to ${later.listeners}`);
  assert.ok(later.heap < before.heap * 1.3 + 2e6, `heap ${before.heap} to ${later.heap}`);
  await close();
});

test('the menu leads from each lab to every other, also while a comparison stands', async () => {
  const { page, close } = await openPage(browser);
  for (const from of labs) {
    for (const to of labs) {
      await api(page, 'open', from);
      const value = await page.locator('#compare-key option').nth(1).getAttribute('value');
      await page.locator('#compare-key').selectOption(value);
      await page.locator('.beside').waitFor();
      await page.locator(`header nav a[href="#/${to}"]`).click();
      await waitFor(page, (lab) => window.receptive.lab() === lab, to);
      await settled(page);
      assert.equal(await page.locator('.crash').count(), 0, `${from} to ${to}`);
      assert.ok(await page.locator('.controls [data-control]').count() > 1, to);
    }
  }
  await close();
});
