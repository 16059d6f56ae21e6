// Without a network: after one visit, and as one file from the disk.

import assert from 'node:assert/strict';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, test } from 'node:test';
import { api, dist, launch, openPage, pageUrl, ready, serveStatic } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

async function tour(page) {
  for (const lab of await api(page, 'labs')) {
    await api(page, 'open', lab);
    assert.equal(await api(page, 'lab'), lab);
    assert.ok(Object.keys(await api(page, 'facts')).length > 2, lab);
  }
  await api(page, 'set', { lang: 'zh' });
  assert.match(await page.locator('h1').innerText(), /\p{Script=Han}/u);
  await api(page, 'set', { lang: 'en' });
  await page.locator('header').getByRole('button', { name: 'Share' }).click();
  await page.locator('#share img.qr').waitFor();
  await page.keyboard.press('Escape');
}

test('after one visit every lab, both languages and the dialogs work in flight mode', async () => {
  const { page, context, close } = await openPage(browser, pageUrl, { context: { serviceWorkers: 'allow' } });
  await page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    if (active.state !== 'activated') await new Promise((done) => active.addEventListener('statechange', done));
  });
  await context.setOffline(true);
  await page.reload();
  await ready(page);
  await tour(page);
  await close();
});

test('a new version says so, and comes when it is asked for', async (t) => {
  let version = 'one';
  const host = await serveStatic(dist, {
    change: (name, body) => (name === 'sw.js' ? body.toString().replace(/VERSION=(['"])/, `VERSION=$1${version}`) : body),
  });
  t.after(host.close);
  const { page, close } = await openPage(browser, host.url, { context: { serviceWorkers: 'allow' } });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await ready(page);
  assert.ok(!await page.locator('#update').isVisible());
  version = 'two';
  await page.evaluate(async () => { await (await navigator.serviceWorker.getRegistration()).update(); });
  await page.locator('#update').waitFor();
  await Promise.all([page.waitForEvent('load'), page.locator('#update button').click()]);
  await ready(page);
  assert.ok(!await page.locator('#update').isVisible());
  const kept = await page.evaluate(() => caches.keys());
  assert.deepEqual(kept.filter((name) => /^receptive-(one|two)/.test(name)).map((name) => name.slice(0, 13)), ['receptive-two']);
  await close();
});

test('the page in one file works from the disk, with nothing beside it', async () => {
  const url = pathToFileURL(path.join(dist, 'receptive.html')).href;
  const asked = [];
  const { page, close } = await openPage(browser, `${url}#/pooling`, {
    before: (page) => page.on('request', (request) => asked.push(request.url())),
  });
  assert.equal(await api(page, 'lab'), 'pooling');
  await tour(page);
  assert.deepEqual(asked.filter((address) => !/^(data|blob):/.test(address) && !address.startsWith(url)), []);
  await close();
});
