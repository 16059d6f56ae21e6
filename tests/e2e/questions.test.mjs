// The list of questions: every row, those with an experiment set up, asked and answered.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { api, axeViolations, launch, openPage, pageUrl, waitFor } from './browser.mjs';
import { collect, overflows } from './seen.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const open = (hash = '#/questions', options = {}) => openPage(browser, pageUrl + hash, options);
const rows = (page) => page.locator('.row-item');
const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

async function list(hash, options) {
  const opened = await open(hash, options);
  await rows(opened.page).first().waitFor();
  return opened;
}

test('all 150 rows stand there, and the counts are those of the list', async () => {
  const { page, close } = await list();
  assert.equal(await rows(page).count(), 150);
  const later = await page.locator('.row-item.later').count();
  const head = await page.locator('.desk-head').innerText();
  assert.match(head, new RegExp(`150 questions\\s+${150 - later} open an experiment; ${later} say`));
  await page.locator('.row-item.later .row-head').first().click();
  await page.locator('.card').filter({ hasText: 'No lab answers this question yet' }).waitFor();
  // Leaving it leads back to the lab.
  await page.locator('header nav a').nth(1).click();
  await waitFor(page, () => !document.querySelector('.questions-page') && location.hash.startsWith('#/convolution'));
  assert.ok(await page.locator('[data-figure="main"]').isVisible());
  await close();
});

test('filters and search narrow the list', async () => {
  const { page, close } = await list();
  const count = async (n) => waitFor(page, (n) => document.querySelectorAll('.row-item').length === n, n);
  await page.locator('.pick', { hasText: 'Pooling' }).first().click();
  await count(15);
  await page.locator('.check input').check();
  assert.ok(await rows(page).count() < 15 && await rows(page).count() > 2);
  await page.locator('.check input').uncheck();
  await page.locator('.pick', { hasText: 'All' }).first().click();
  await page.locator('.search').fill('softmax');
  await waitFor(page, () => document.querySelectorAll('.row-item').length < 10);
  for (const text of await rows(page).allInnerTexts()) assert.match(text, /softmax/i);
  await page.locator('.search').fill('no such words');
  await page.locator('.desk-list .say').waitFor();
  await page.locator('.search').fill('');
  await page.locator('#difficulty').selectOption('4');
  assert.ok(await rows(page).count() > 5);
  await close();
});

test('every row with an experiment asks, answers in numbers, and leads to its set-up', async () => {
  const { page, close } = await list();
  const ids = await page.locator('.row-item:not(.later) code').allInnerTexts();
  assert.ok(ids.length >= 58, `${ids.length}`);
  for (const id of ids) {
    await page.evaluate((id) => { location.hash = `#/questions?id=${id}`; }, id);
    const card = page.locator(`#row-${id} .card`);
    await card.locator('.options button').first().waitFor({ timeout: 30_000 });
    assert.ok(await card.locator('.options button').count() >= 2, id);
    const drawn = await card.locator('canvas').evaluate((c) => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v));
    assert.ok(drawn, `${id} draws its experiment`);
    await card.locator('.options button').first().click();
    await card.locator('[role="status"] p').first().waitFor();
    assert.equal(await card.locator('.right').count(), 1, id);
    const text = await card.innerText();
    assert.ok(!/[{}]|NaN/.test(text), `${id}: ${text}`);
    assert.ok((await card.locator('[role="status"]').innerText()).length > 80, `${id}: ${text}`);
    const trap = await page.locator(`#row-${id} .trap`).count();
    assert.equal(await card.locator('.note.warns').count(), trap, `${id} says the common mistake`);
    assert.match(await card.locator('a.button').getAttribute('href'), /^#\/[a-z-]+\?/, id);
  }
  await close();
});

test('a row opens its experiment set up', async () => {
  const { page, close } = await list('#/questions?id=C8');
  await page.locator('#row-C8 a.button').click();
  await waitFor(page, () => window.receptive.lab() === 'convolution' && !document.querySelector('.questions-page'));
  assert.deepEqual((await api(page, 'state')).stride, [3, 3]);
  await close();
});

test('interview mode: reveal, mark, keep on the device, export, clear', async () => {
  const { page, close } = await list('#/questions', { context: { acceptDownloads: true } });
  await page.getByRole('button', { name: 'Begin' }).click();
  const asked = await page.locator('.interview code').innerText();
  await page.getByRole('button', { name: 'Reveal' }).click();
  await page.locator(`#row-${asked} .card [role="status"] p`).first().waitFor({ timeout: 30_000 });
  await page.locator('.interview').getByRole('button', { name: '~ Half' }).click();
  await waitFor(page, (asked) => document.querySelector('.interview code').innerText !== asked, asked);
  await page.reload();
  await page.locator('.squares .marked').waitFor();
  assert.equal(await page.locator(`#row-${asked} .row-mark`).innerText(), '~');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export' }).click()]);
  assert.equal((await readFile(await download.path())).toString(), `id,mark\n${asked},~\n`);
  await page.getByRole('button', { name: 'Clear' }).click();
  assert.equal(await page.locator('.squares .marked').count(), 0);
  await close();
});

test('a finished lesson plays to its end', async () => {
  const { page, close } = await list();
  await page.locator('.lesson-pick').first().click();
  const bar = page.locator('.lesson-bar');
  await bar.waitFor();
  const [, all] = /of (\d+)/.exec(await bar.innerText());
  for (let step = 1; step < Number(all); step++) {
    await bar.getByRole('button', { name: 'Next step' }).click();
    await bar.filter({ hasText: `step ${step + 1} of` }).waitFor();
    await settled(page);
    assert.equal(await page.locator('.refused').count(), 0);
  }
  await close();
});

test('the list: axe finds nothing and nothing is clipped, in any size, theme and language', async () => {
  const found = collect();
  const { page, close } = await list('#/questions?id=C9');
  await page.locator('#row-C9 .options button').first().click();
  for (const [at, theme] of ['light', 'dark', 'projector', 'contrast'].entries()) {
    await api(page, 'set', { theme, lang: ['en', 'zh'][at % 2] });
    for (const [width, height] of [[1440, 900], [1024, 768], [390, 844]]) {
      await page.setViewportSize({ width, height });
      await settled(page);
      found.add(`${width} ${theme}`, await overflows(page));
      if (width !== 1024) found.add(`${width} ${theme}`, await axeViolations(page));
    }
  }
  await close();
  found.none();
});
