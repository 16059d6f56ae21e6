// How it looks: readable for everyone, at every size, in every theme and language.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { api, axeViolations, launch, openPage } from './browser.mjs';
import { collect, overflows } from './seen.mjs';

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

const SIZES = [[1440, 900], [1024, 768], [390, 844]];
const THEMES = ['light', 'dark', 'projector', 'contrast'];
const PANELS = ['matrix', 'usage', 'border', 'modes', 'flip', 'linearity', 'profile'];
const VIEWS = [{ input: 'blob', size: 8, padding: 1, kernel_size: 3 }, { input: 'shapes', size: 96, kernel: 'gabor_45', kernel_size: 7 }];

for (const lang of ['en', 'zh']) {
  test(`axe finds nothing, and nothing is clipped, in any theme at any size: ${lang}`, async () => {
    const { page, close } = await openPage(browser);
    const found = collect();
    let round = 0;
    for (const theme of THEMES) {
      for (const view of VIEWS) {
        const panel = PANELS[round % PANELS.length];
        await api(page, 'open', 'convolution', { ...view, panel, theme, lang });
        for (const [at, [width, height]] of SIZES.entries()) {
          await page.setViewportSize({ width, height });
          await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
          const where = `${width} ${theme} ${view.input} ${panel}`;
          found.add(where, await overflows(page));
          // Axe takes its time: every theme, view and panel is looked at, the sizes in turn.
          if (at === (round + (lang === 'zh')) % SIZES.length) found.add(where, await axeViolations(page));
        }
        round += 1;
      }
    }
    found.none();
    await close();
  });
}

test('axe finds nothing in states that come later: opened tables, help, messages, refusals, comparison, embedding', async () => {
  const { page, close } = await openPage(browser);
  const access = collect();
  const look = async (where) => access.add(where, await axeViolations(page));
  for (const panel of PANELS) {
    await api(page, 'open', 'convolution', { panel });
    await look(panel);
  }
  await page.locator('.tables summary').first().click();
  await page.locator('.paste summary').click();
  await page.locator('.predict button').first().click();
  await page.locator('.predict .options button').first().click();
  await page.locator('.questions summary').click();
  await page.locator('[data-question="C7"]').click();
  await look('tables, answer, question');
  await page.locator('#stride-n').fill('x');
  await page.locator('#stride-n').press('Enter');
  await page.locator('.message').waitFor();
  await look('message');
  await api(page, 'set', { compare: 'kernel_size:4', padding: [1, 2, 3, 4], stride: [1, 2], padding_mode: 'constant' });
  await look('comparison, pairs and sides apart');
  await page.keyboard.press('Escape');
  await page.locator('.figure-view').first().press('?');
  await page.getByRole('dialog').waitFor();
  await look('help');
  await page.keyboard.press('Escape');
  await page.evaluate(() => { location.hash = '#/convolution?size=4&kernel_size=9'; });
  await page.locator('.refused').waitFor();
  await look('refused');
  await page.evaluate(() => { location.hash = '#/convolution?embed=1'; });
  await page.locator('main.embed').waitFor();
  await look('embedded');
  access.none();
  await close();
});

test('nothing is clipped and nothing scrolls sideways at 200 % text', async () => {
  const { page, close } = await openPage(browser);
  const room = collect();
  const base = await page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
  await page.evaluate((size) => { document.documentElement.style.fontSize = `${size}px`; }, 2 * base);
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    for (const lang of ['en', 'zh']) {
      for (const patch of [{ ...VIEWS[0], panel: 'modes' }, { ...VIEWS[1], panel: 'linearity' }, { compare: 'stride:2', padding: [1, 2, 3, 4], stride: [1, 2] }]) {
        await api(page, 'open', 'convolution', { ...patch, lang });
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        room.add(`${width} ${lang} ${JSON.stringify(patch)}`, await overflows(page));
      }
    }
  }
  room.none();
  await close();
});

test('three columns on a large screen, two below, one on a phone with the figure first', async () => {
  const { page, close } = await openPage(browser);
  const places = async (width) => {
    await page.setViewportSize({ width, height: 900 });
    return page.evaluate(() => ['.controls', '.stage', '.insight'].map((s) => { const r = document.querySelector(s).getBoundingClientRect(); return [r.left, r.top]; }));
  };
  const wide = await places(1440);
  assert.ok(wide[0][0] < wide[1][0] && wide[1][0] < wide[2][0] && wide[0][1] === wide[2][1]);
  const middle = await places(1024);
  assert.ok(middle[0][0] < middle[1][0] && middle[2][1] > middle[1][1]);
  const phone = await places(390);
  assert.ok(phone[1][1] < phone[0][1] && phone[0][1] < phone[2][1]);
  await close();
});

test('a phone shows cells large enough to read', async () => {
  const { page, close } = await openPage(browser, undefined, { context: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } });
  const sides = [...(await api(page, 'svg')).matchAll(/<rect [^>]*width="([\d.]+)" height="([\d.]+)" rx=/g)].map((m) => Number(m[1]));
  assert.ok(sides.length > 100 && Math.min(...sides) >= 20, `${Math.min(...sides)} px`);
  await close();
});

test('no motion is longer than 200 ms, and none where it is not wanted', async () => {
  const { page, close } = await openPage(browser);
  const slow = () => page.evaluate(() => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).filter((r) => {
    const style = r.style ?? r.cssRules?.[0]?.style;
    const times = `${style?.transitionDuration ?? ''} ${style?.animationDuration ?? ''}`.match(/[\d.]+m?s/g) ?? [];
    return times.some((t) => (t.endsWith('ms') ? parseFloat(t) : parseFloat(t) * 1000) > 200);
  }).map((r) => r.cssText));
  assert.deepEqual(await slow(), []);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.locator('#stride-n').fill('x');
  await page.locator('#stride-n').press('Enter');
  assert.equal(await page.locator('.message').evaluate((e) => getComputedStyle(e).animationName), 'none');
  await close();
});
