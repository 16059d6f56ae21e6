// Private and recoverable: nothing leaves the machine, and a failure leaves the learner a way on.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { api, dist, launch, openPage, pageUrl, ready, serveStatic, until, waitFor } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

test('the program names no folder of the machine it was built on', async () => {
  const files = (await readdir(dist, { recursive: true })).filter((file) => /\.(wasm|js|html)$/.test(file));
  assert.ok(files.length > 10);
  for (const file of files) {
    const bytes = await readFile(`${dist}/${file}`, 'latin1');
    assert.ok(!/registry[\\/]src[\\/]/.test(bytes), file);
  }
});

/** Uses a good part of the page. */
async function use(page) {
  for (const patch of [
    { stride: 2, padding: 1 }, { panel: 'usage' }, { panel: 'modes' }, { panel: 'linearity' }, { panel: 'profile' },
    { input: 'shapes', size: 256, kernel: 'gaussian', kernel_size: 7 }, { compare: 'flip:1' }, { lang: 'zh', theme: 'dark' },
  ]) await api(page, 'set', patch);
  await page.evaluate(() => receptive.load('input', { shape: [16, 16], data: new Float32Array(256).fill(1) }));
  await api(page, 'png', 1);
}

test('no request leaves the origin, no cookie is set, the policy is in the page and never broken', async () => {
  const broken = [];
  const watch = async (page) => {
    await page.exposeFunction('policyBroken', (what) => broken.push(what));
    await page.addInitScript(() => addEventListener('securitypolicyviolation', (e) => window.policyBroken(`${e.violatedDirective} ${e.blockedURI}`)));
  };
  const { page, context, close } = await openPage(browser, pageUrl, { before: watch });
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
  await use(page);
  assert.deepEqual(await context.cookies(), []);
  assert.deepEqual(broken, []);
  // The watch sees what it should: a script of the page's own making is refused.
  await page.evaluate(() => { const s = document.createElement('script'); s.textContent = 'window.inline = 1'; document.head.append(s); });
  await waitFor(page, () => window.inline === undefined);
  assert.equal(broken.length, 1, 'a broken policy is noticed');
  await assert.rejects(close, /Content Security Policy/, 'the console says so');
});

test('all of it works from a sub-path', async (t) => {
  const host = await serveStatic(dist, { prefix: '/a/course/' });
  t.after(host.close);
  const { page, close } = await openPage(browser, host.url);
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url())));
  await use(page);
  for (const url of asked) assert.ok(url.protocol !== 'http:' || url.pathname.startsWith('/a/course/'), url.href);
  await page.reload();
  await ready(page);
  await close();
});

test('without SIMD a plain sentence stands there, in either language', async () => {
  const old = (page) => page.addInitScript(() => { WebAssembly.validate = () => false; });
  for (const [locale, words] of [['en-GB', /update/i], ['zh-CN', /请更新浏览器/]]) {
    const { page, close } = await openPage(browser, pageUrl, { context: { locale }, before: old, wait: 'load' });
    await page.locator('#boot').filter({ hasText: words }).waitFor();
    await close();
  }
});

test('after a crash the panel has the same link, and loading again brings the state back', async () => {
  for (const [lang, again] of [['en', 'Load again'], ['zh', '重新加载']]) {
    const opened = await openPage(browser, `${pageUrl}#/convolution?lang=${lang}`);
    const { page } = opened;
    await api(page, 'set', { stride: 2, kernel: 'emboss', padding: 'same_tf' });
    const state = await api(page, 'state');
    await waitFor(page, () => location.hash.includes('emboss'));
    const address = page.url();
    await page.evaluate(() => { try { receptive.crash(); } catch { /* as asked */ } });
    const panel = page.locator('#panic');
    await panel.waitFor();
    assert.equal(await panel.locator('a').evaluate((a) => a.href), address);
    assert.match(await panel.locator('#panic-detail').textContent(), /crash was asked for/i);
    assert.ok(await page.locator('#app').evaluate((e) => e.inert));
    assert.ok(await panel.evaluate((e) => e.contains(document.activeElement)), 'the focus is in the panel');
    await panel.getByRole('button', { name: again }).click();
    await page.waitForLoadState();
    await ready(page);
    assert.deepEqual(await api(page, 'state'), state);
    opened.problems.length = 0; // the console told of the crash, rightly
    await opened.close();
  }
});

test('a crash right after a change still keeps that change in the link', async () => {
  const opened = await openPage(browser, pageUrl);
  const { page } = opened;
  await page.evaluate(async () => { await receptive.set({ stride: 3 }); try { receptive.crash(); } catch { /* as asked */ } });
  await page.locator('#panic').waitFor();
  assert.match(await page.locator('#panic-link').getAttribute('href'), /stride=3/);
  opened.problems.length = 0;
  await opened.close();
});

test('a browser that refuses storage runs the lab all the same', async () => {
  const refuse = (page) => page.addInitScript(() => {
    for (const name of ['localStorage', 'caches', 'indexedDB']) {
      Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError'); } });
    }
  });
  const { page, close } = await openPage(browser, pageUrl, { before: refuse });
  await page.evaluate(() => receptive.load('input', { shape: [16, 16], data: new Float32Array(256).fill(1) }));
  await page.getByRole('combobox', { name: 'Theme' }).selectOption('dark');
  await until(page, (s) => s.theme === 'dark' && s.input === 'own');
  await close();
});
