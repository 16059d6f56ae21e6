// Work in the background: a worker does it; where there is none the page works.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, launch, openPage, pageUrl } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const LINK = '#/receptive-field?panel=growth&channels=2';

/** Keeps the page's workers where a test can reach them. */
const keepWorkers = (page) => page.addInitScript(() => {
  const Original = window.Worker;
  window.workers = [];
  window.Worker = class extends Original {
    constructor(...args) {
      super(...args);
      window.workers.push(this);
    }
  };
});

const done = (page) => page.locator('.working').waitFor({ state: 'detached', timeout: 60_000 });
const facts = (page) => api(page, 'facts');

test('a worker finds what the page alone finds', async () => {
  const found = [];
  for (const alone of [false, true]) {
    const before = async (page) => {
      await keepWorkers(page);
      if (alone) await page.addInitScript(() => { window.Worker = function () { throw new Error('no workers here'); }; });
    };
    const { page, close } = await openPage(browser, pageUrl + LINK, { before });
    await done(page);
    assert.equal(await page.evaluate(() => window.workers.length), alone ? 0 : 1);
    found.push(await facts(page));
    await close();
  }
  assert.ok(Object.keys(found[0]).length > 5);
  assert.deepEqual(found[0], found[1]);
});

// Random weights, averaged over many draws: seconds of work.
const LONG = '#/receptive-field?weights=normal&channels=32&draws=64';

test('a killed worker is replaced, and the work is done', async () => {
  const { page, close } = await openPage(browser, pageUrl + LONG, { before: keepWorkers, wait: 'load' });
  await page.locator('.working').waitFor({ timeout: 20_000 });
  await page.evaluate(() => window.workers[0].terminate());
  await done(page);
  assert.equal(await page.evaluate(() => window.workers.length), 2);
  const { data } = await api(page, 'tensor', 'gradient');
  assert.ok(data.some((v) => v !== 0));
  await close();
});

test('work is stopped and goes on, and gives way to a new setting', async () => {
  const { page, close } = await openPage(browser, pageUrl + LONG, { wait: 'load' });
  const working = page.locator('.working');
  await working.getByRole('button', { name: 'Stop' }).click({ timeout: 20_000 });
  const share = () => working.locator('progress').getAttribute('value');
  const stopped = await share();
  await page.waitForTimeout(800);
  assert.equal(await share(), stopped);
  await working.getByRole('button', { name: 'Go on' }).click();
  await page.evaluate(() => receptive.set({ weights: 'uniform' }));
  await working.waitFor({ state: 'detached' });
  await close();
});
