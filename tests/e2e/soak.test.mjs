// Somebody who plays with everything at random: no error, no crash, memory flat. RECEPTIVE_SOAK sets the minutes.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, launch, openPage, pageUrl, waitFor } from './browser.mjs';

const MINUTES = Number(process.env.RECEPTIVE_SOAK ?? 1);

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

test('minutes of random play and lab switches leave the page alive and memory flat', { timeout: (MINUTES + 2) * 60_000 }, async () => {
  const { page, close } = await openPage(browser, `${pageUrl}#/convolution?fuzz=7`, { before: (page) => page.addInitScript(() => { window.print = () => {}; window.open = () => null; }) });
  const labs = await api(page, 'labs');
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  // Always at the same place: labs differ in size.
  const used = async () => {
    await page.evaluate(() => {
      location.hash = '#/pooling';
      document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close());
    });
    await page.waitForTimeout(1500);
    await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    return Object.fromEntries(metrics.filter(({ name }) => /^(JSHeapUsedSize|Nodes|JSEventListeners)$/.test(name)).map(({ name, value }) => [name, value]));
  };
  const acts = () => page.evaluate(() => Number(document.documentElement.dataset.fuzz ?? 0));
  const end = Date.now() + MINUTES * 60_000;
  let first;
  for (let turn = 0; Date.now() < end; turn++) {
    await page.evaluate((lab) => { location.hash = `#/${lab}`; }, labs[turn % labs.length]);
    await page.waitForTimeout(700);
    if (await page.locator('#panic').isVisible()) assert.fail(`after ${await acts()} acts: ${page.url()}: ${await page.locator('#panic-detail').textContent()}`);
    // By then every lab has been there twice.
    if (turn === 2 * labs.length) first = await used();
  }
  assert.ok(await acts() > MINUTES * 300, `${await acts()} acts`);
  const last = await used();
  console.log(`${await acts()} acts; before ${JSON.stringify(first)}, after ${JSON.stringify(last)}`);
  // It still answers.
  await page.evaluate(() => { location.hash = '#/pooling'; });
  await waitFor(page, () => window.receptive.lab() === 'pooling');
  if (first) {
    assert.ok(last.Nodes < first.Nodes * 2 + 3000, 'nodes');
    assert.ok(last.JSEventListeners < first.JSEventListeners * 2 + 500, 'listeners');
    assert.ok(last.JSHeapUsedSize < first.JSHeapUsedSize * 2 + 8e6, 'heap');
  }
  await close();
});
