// The page opens: everywhere it is promised to, with a sentence where it can't.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { dist, launch, openPage, pageUrl, ready, serveStatic } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** Refuses a file, as a broken connection does. */
const without = (...names) => async (page) => {
  for (const name of names) await page.route(`**/${name}`, (route) => route.abort());
};

test('the program answers, with a quiet console and no foreign request', async () => {
  const { page, close } = await openPage(browser);
  assert.equal(await page.locator('#boot').count(), 0, 'the program has taken the place of the frame');
  assert.ok(await page.locator('#panic').isHidden());
  assert.equal(await page.evaluate(() => document.cookie), '');
  await close();
});

test('the frame and a sentence stand before the program runs', async () => {
  // The program never comes; what is on the page then is the first paint.
  const hold = (page) => page.route(/receptive(_bg\.wasm|\.js)$/, () => {});
  for (const [locale, sentence, lang] of [['en-GB', 'Loading…', 'en'], ['zh-CN', '正在加载', 'zh-CN']]) {
    const { page, close } = await openPage(browser, pageUrl, { context: { locale }, before: hold, wait: 'commit' });
    await page.getByText(sentence).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), lang);
    await page.getByText('Receptive', { exact: true }).waitFor();
    for (const part of ['.controls', '.stage', '.insight']) assert.equal(await page.locator(`#app ${part}`).count(), 1);
    await close();
  }
});

test('the link chooses the language of the first sentence', async () => {
  const hold = (page) => page.route('**/receptive.js', () => {});
  const url = `${pageUrl}#/convolution?stride=2&lang=zh`;
  const { page, close } = await openPage(browser, url, { before: hold, wait: 'commit' });
  await page.getByText('正在加载').waitFor();
  await close();
});

test('without JavaScript there is a sentence that says so', async () => {
  const context = { javaScriptEnabled: false };
  const { page, close } = await openPage(browser, pageUrl, { context, wait: 'load' });
  assert.match(await page.locator('#boot').innerText(), /laboratory/);
  const sentences = page.locator('noscript p');
  assert.match(await sentences.nth(0).innerText(), /needs JavaScript/);
  assert.match(await sentences.nth(1).innerText(), /需要 JavaScript/);
  for (const sentence of await sentences.all()) assert.ok(await sentence.isVisible());
  await close();
});

test('a browser without SIMD is told which browser will do', async () => {
  const asked = [];
  const old = async (page) => {
    await page.addInitScript(() => { WebAssembly.validate = () => false; });
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  };
  const { page, close } = await openPage(browser, pageUrl, { before: old, wait: 'load' });
  await page.getByText('Safari from 16.4').waitFor();
  assert.ok(!asked.some((name) => name.endsWith('.wasm')), 'nothing is loaded in vain');
  await close();
});

test('a wasm that can not be fetched comes as a script', async () => {
  const opened = await openPage(browser, pageUrl, { before: without('receptive_bg.wasm') });
  assert.equal(await opened.page.evaluate(() => receptive.lab()), 'convolution');
  opened.problems.length = 0; // the refused file is in the console, rightly
  await opened.close();
});

test('a program that can not be loaded leaves a sentence that says what to do', async () => {
  const opened = await openPage(browser, pageUrl, {
    context: { locale: 'zh-CN' }, before: without('receptive_bg.wasm', 'receptive_wasm.js'), wait: 'load',
  });
  await opened.page.getByRole('alert').getByText('请检查网络连接').waitFor();
  await opened.page.getByText('receptive_wasm.js could not be loaded').waitFor();
  opened.problems.length = 0;
  await opened.close();
});

test('works from a sub-path of a host that sets no header', async (t) => {
  const host = await serveStatic(dist, { prefix: '/courses/vision/' });
  t.after(host.close);
  const { close } = await openPage(browser, host.url);
  await close();
});

test('works in a sandboxed frame of another site', async (t) => {
  const host = await serveStatic(dist, { prefix: '/lab/' });
  t.after(host.close);
  const head = '<!doctype html><title>Lesson</title><link rel="icon" href="data:,">';
  const lesson = `${head}<iframe sandbox="allow-scripts" src="${host.url}"></iframe>`;
  const school = await serveStatic(dist, { pages: { '/lesson.html': lesson } });
  t.after(school.close);
  const { page, close } = await openPage(browser, `${school.origin}/lesson.html`, { origins: [host.origin], wait: 'load' });
  const frame = page.frames()[1];
  await ready(frame);
  assert.equal(await frame.evaluate(() => self.origin), 'null', 'the origin is opaque');
  const paper = () => [...document.styleSheets].length;
  assert.equal(await frame.evaluate(paper), 4, 'the styles and the formula font are allowed in');
  await close();
});

test('works as a file on the disk', async () => {
  const { close } = await openPage(browser, pathToFileURL(path.join(dist, 'index.html')).href);
  await close();
});
