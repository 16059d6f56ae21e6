// Parts of the program that are loaded when they are first needed.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openPage, pageUrl } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** The names of the parts a page has asked for. */
function watched() {
  const asked = [];
  const before = async (page) => {
    page.on('request', (request) => {
      const part = /parts\/(?:split_)?(\w+)\.(?:wasm|bin)$/.exec(request.url());
      if (part) asked.push(part[1]);
    });
  };
  return { asked, before };
}

const named = (asked) => asked.filter((name) => !/^chunk|^more$/.test(name)).sort();

test('a first visit loads its lab, its language and no other part', async () => {
  for (const [locale, language] of [['en-GB', 'english'], ['zh-CN', 'chinese']]) {
    const { asked, before } = watched();
    const { page, close } = await openPage(browser, pageUrl, { context: { locale }, before });
    await page.waitForTimeout(300);
    // The page's own English words are part of the program.
    const words = language === 'english' ? [] : ['chinese'];
    assert.deepEqual(named(asked), [...words, 'convolution', `convolution_${language}`]);
    await close();
  }
});

test('a part is loaded once, when it is first asked for', async () => {
  const { asked, before } = watched();
  const { page, close } = await openPage(browser, pageUrl, { before });
  for (const panel of ['profile', 'usage', 'matrix', 'modes']) {
    await page.evaluate((panel) => receptive.set({ panel }), panel);
    const drawn = await page.evaluate(() => receptive.svg('panel').length);
    assert.ok(drawn > 1000, `${panel} is drawn when set() resolves: ${drawn}`);
  }
  await page.evaluate(() => receptive.set({ lang: 'zh' }));
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-Hans');
  await page.evaluate(() => receptive.set({ lang: 'en' }));
  await page.evaluate(() => receptive.set({ lang: 'zh' }));
  assert.deepEqual(named(asked), ['chinese', 'convolution', 'convolution_chinese', 'convolution_english', 'convolution_panels']);
  await close();
});

test('a part that can not be had is told, costs nothing else, and comes at the next try', async () => {
  let cut = false;
  const before = (page) => page.route(/parts\/|receptive_wasm/, (route) => (cut ? route.abort() : route.continue()));
  const opened = await openPage(browser, pageUrl, { before });
  const { page } = opened;
  cut = true;
  const ask = page.locator('.predict').getByRole('button', { name: 'Ask me' });
  await ask.click();
  await page.locator('.message.refuses').getByText('could not be loaded').waitFor();
  await page.evaluate(() => receptive.set({ lang: 'zh' }));
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  await page.evaluate(() => receptive.set({ stride: 2 }));
  assert.deepEqual(await page.evaluate(() => receptive.state().stride), [2, 2]);
  cut = false;
  await ask.click();
  await page.locator('.predict .options button').first().waitFor();
  opened.problems.length = 0; // the refused files are in the console, rightly
  await opened.close();
});
