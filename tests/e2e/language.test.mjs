// Language and theme: the browser's at first, then what the learner chose.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, launch, openPage, pageUrl, ready, until, waitFor } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** Every text and label a reader meets, except code, formulas and the names of PyTorch. */
const words = (page) => page.evaluate(() => {
  const found = new Set();
  const skip = 'code, pre, math, kbd, script, style, noscript, #panic, .brand, .kv dd, .eq';
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    if (!node.parentElement.closest(skip) && node.textContent.trim()) found.add(node.textContent.trim());
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [alt], [aria-valuetext]')) {
    if (element.closest('#panic')) continue;
    for (const name of ['aria-label', 'title', 'alt', 'aria-valuetext']) {
      const text = element.getAttribute(name);
      if (text?.trim()) found.add(text.trim());
    }
  }
  found.add(document.title);
  return [...found];
});

test('the button switches everything, and back', async () => {
  const { page, close } = await openPage(browser);
  const english = await words(page);
  const svg = await api(page, 'svg');
  assert.equal(english.filter((text) => /[\u4e00-\u9fff]/.test(text) && !/中文/.test(text)).join(), '', 'no Chinese in English');
  await page.getByRole('button', { name: '切换到中文' }).click();
  await until(page, (s) => s.lang === 'zh');
  await waitFor(page, () => /^zh/.test(document.documentElement.lang));
  const chinese = await words(page);
  // What stayed the same may be a name or a number, not a sentence or a word of English.
  const names = /^(Switch to English|English|Receptive|PyTorch|JAX|Keras|NumPy|PNG|SVG|ReLU|Leaky ReLU|GELU|SiLU|Sigmoid|tanh|Sobel [xy]|Prewitt x|Gabor \d+°|valid|same|full|SAME.*|C\d+|ms|h=w|[a-z]+_[a-z_]+.*|.* MB|.* kB|.* B)$/;
  const keys = Object.keys(await api(page, 'state'));
  const left = chinese.filter((text) => /[A-Za-z]{2,}/.test(text) && !/[\u4e00-\u9fff]/.test(text) && !names.test(text) && !keys.includes(text));
  assert.deepEqual(left, [], 'untranslated');
  assert.notEqual(await api(page, 'svg'), svg);
  assert.match(await api(page, 'svg'), /[\u4e00-\u9fff]/);
  assert.match(await page.title(), /[\u4e00-\u9fff]/);
  await page.getByRole('button', { name: 'Switch to English' }).click();
  await until(page, (s) => s.lang === 'en');
  await waitFor(page, (before) => window.receptive.svg() === before, svg);
  assert.deepEqual((await words(page)).sort(), english.sort());
  await close();
});

test('every panel and the picture view are translated', async () => {
  const { page, close } = await openPage(browser, `${pageUrl}#/convolution?lang=zh`);
  for (const patch of [
    ...['matrix', 'usage', 'border', 'modes', 'flip', 'linearity', 'profile'].map((panel) => ({ panel })),
    { input: 'text', size: 128 }, { compare: 'bias:2' }, { padding_mode: 'constant', activation: 'gelu', padding: 1 },
  ]) {
    await api(page, 'set', patch);
    const svgs = [await api(page, 'svg', 'main'), await api(page, 'svg', 'panel')];
    const texts = svgs.flatMap((svg) => [...svg.matchAll(/<(?:text|title)[^>]*>([^<]*)</g)].map((m) => m[1]));
    const english = [...texts, ...(await page.locator('.insight p, .insight dt, .figure-head h2, .note').allInnerTexts())]
      .filter((text) => /\b(the|of|and|is|with|input|output|kernel|row|column|window|every)\b/i.test(text) && !/[\u4e00-\u9fff]/.test(text));
    assert.deepEqual(english, [], JSON.stringify(patch));
  }
  await close();
});

test('a Chinese browser gets Chinese at first, any other English', async () => {
  for (const [locale, lang] of [['zh-CN', 'zh'], ['zh-TW', 'zh'], ['en-US', 'en'], ['fr-FR', 'en']]) {
    const { page, close } = await openPage(browser, pageUrl, { context: { locale } });
    assert.equal((await api(page, 'state')).lang, lang, locale);
    await close();
  }
});

test('the choice of language and theme outlives a reload', async () => {
  const { page, close } = await openPage(browser);
  await page.getByRole('button', { name: '切换到中文' }).click();
  await page.getByRole('combobox', { name: '主题' }).selectOption('projector');
  await until(page, (s) => s.lang === 'zh' && s.theme === 'projector');
  await page.reload();
  await ready(page);
  await until(page, (s) => s.lang === 'zh' && s.theme === 'projector');
  await page.getByRole('combobox', { name: '主题' }).selectOption('auto');
  await until(page, (s) => s.theme === 'light');
  await close();
});

test('themes change the page and the figure', async () => {
  const { page, close } = await openPage(browser);
  const seen = new Map();
  for (const theme of ['light', 'dark', 'projector', 'contrast']) {
    await page.getByRole('combobox', { name: 'Theme' }).selectOption(theme);
    await until(page, (s) => s.theme === theme);
    await waitFor(page, (name) => document.documentElement.dataset.theme === name, theme);
    seen.set(theme, JSON.stringify([await page.evaluate(() => getComputedStyle(document.body).backgroundColor + getComputedStyle(document.body).color), await api(page, 'svg')]));
  }
  assert.equal(new Set(seen.values()).size, 4);
  await close();
});

test('without a choice the theme follows the system, while the page is open too', async () => {
  const { page, close } = await openPage(browser, pageUrl, { context: { colorScheme: 'dark' } });
  assert.equal((await api(page, 'state')).theme, 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await until(page, (s) => s.theme === 'light');
  await close();
});
